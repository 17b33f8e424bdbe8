package test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/disclosure"
	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/node"
	"github.com/sesame-energy/sesame/node/nodetest"
	"github.com/sesame-energy/sesame/participant"
	"github.com/sesame-energy/sesame/seats"
)

// party opens the identity of a folder.
func (town *town) party(name string) *participant.Participant {
	town.t.Helper()
	var urls []string
	for _, path := range town.layout.Members {
		urls = append(urls, api(town.t, path))
	}
	who, err := participant.Open(participant.Config{Home: filepath.Join(town.layout.Dir, name), Nodes: urls, Genesis: town.layout.Genesis}, nil)
	if err != nil {
		town.t.Fatal(err)
	}
	return who
}

// newcomer makes the folder of a member that is to be admitted.
func (town *town) newcomer(name string) (seats.Newcomer, member.Config) {
	town.t.Helper()
	home := filepath.Join(town.layout.Dir, name)
	made, err := seats.NewKeys(home, name, "the town", "")
	if err != nil {
		town.t.Fatal(err)
	}
	first, err := config.Load[member.Config](town.layout.Members[0])
	if err != nil {
		town.t.Fatal(err)
	}
	id, err := node.PeerID(member.NodeHome(filepath.Join(town.layout.Dir, town.document.Members[0].Name)))
	if err != nil {
		town.t.Fatal(err)
	}
	settings := first
	settings.Home = home
	settings.Node.Peers = append([]string{id + "@" + first.Node.Listen}, first.Node.Peers...)
	settings.Node.Listen, settings.Node.API = nodetest.FreeAddress(town.t), nodetest.FreeAddress(town.t)
	return made, settings
}

// A newcomer takes the seat of a member, and four of five shares are asked for
// from then on: decided by vote while the network runs, carried out between the
// forecast's round and the readings'. The day is settled, a forecast that was
// sealed to the old keepers is disclosed by the new ones, and who left keeps
// nothing. Another member rotates its key after that: all shares are handed on a
// second time.
func TestCommitteeChangesWhileTheNetworkRuns(t *testing.T) {
	skipShort(t)
	town := layOut(bounded(t, 4*time.Minute), t)
	made, settings := town.newcomer("member6")
	town.start(nil)
	town.run("member6", func(ctx context.Context, logger *slog.Logger) error { return member.Run(ctx, settings, logger) })
	town.height(2)
	decide(town, seats.Change{Leave: []string{"member5"}, Admit: []seats.Newcomer{made}, Threshold: 4, Reason: "the town takes over"})

	town.until("the new keepers", func() bool { return must[committee.Parameters](town.witness, committee.ParametersKey).Epoch == 2 })
	rotating := town.party("member2")
	if err := seats.Rotate(town.ctx, rotating, filepath.Join(town.layout.Dir, "member2")); err != nil {
		t.Fatal(err)
	}
	town.until("the readings' round", func() bool {
		round, found := load[contract.Round](town.witness, contract.RoundKey(contract.RoundID(contract.Reading, firstDay, 1)))
		return found && round.Phase == contract.PhaseOpened
	})
	forecast := must[contract.Round](town.witness, contract.RoundKey(contract.RoundID(contract.Forecast, firstDay, 1)))
	reading := must[contract.Round](town.witness, contract.RoundKey(contract.RoundID(contract.Reading, firstDay, 1)))
	if forecast.Epoch != 1 || forecast.Phase != contract.PhaseOpened || reading.Epoch != 2 || len(reading.Parks) != 3 {
		t.Errorf("forecast: %s in epoch %d, readings: %s in epoch %d with %d parks", forecast.Phase, forecast.Epoch, reading.Phase, reading.Epoch, len(reading.Parks))
	}
	discloseLoad(town)

	town.until("the old keepers to be closed", func() bool {
		return must[committee.Keepers](town.witness, committee.KeepersKey(1)).State == committee.KeepersClosed
	})
	town.until("what member5 kept to be erased", func() bool {
		left, err := filepath.Glob(filepath.Join(town.layout.Dir, "member5", "daykeys", "*"))
		return err == nil && len(left) == 0
	})
	town.until("the rotated key", func() bool {
		return must[committee.Keepers](town.witness, committee.KeepersKey(2)).State == committee.KeepersClosed
	})
	seat := must[committee.Keepers](town.witness, committee.KeepersKey(3)).Seats[1]
	town.until("the old key to be destroyed", func() bool {
		who, err := identity.Load(filepath.Join(town.layout.Dir, "member2"))
		_, missing := os.Stat(filepath.Join(town.layout.Dir, "member2", identity.NextFile))
		return err == nil && bytes.Equal(who.Public().SealingKey, seat.Key) && errors.Is(missing, fs.ErrNotExist)
	})
	if seat.KeyVersion != 1 || bytes.Equal(rotating.Identity.Public().SealingKey, seat.Key) {
		t.Errorf("seat of %s has key version %d", seat.Name, seat.KeyVersion)
	}
	for _, name := range []string{"member1", "member6"} {
		if kept, _ := filepath.Glob(filepath.Join(town.layout.Dir, name, "daykeys", "000003.forecast.*.shares")); len(kept) < 3 {
			t.Errorf("%s keeps %d handed-over series", name, len(kept))
		}
	}
	view, err := seats.Read(town.ctx, town.party("member1"))
	if err != nil || view.Current.IndexOf("member6") != 5 || view.Handover.Phase != contract.HandoverDone {
		t.Errorf("%+v, %v", view.Current, err)
	}
	agree(t, append(town.nodes(), newWitness(town.ctx, t, town.document, "http://"+settings.Node.API)))
}

// decide has four members agree on a change.
func decide(town *town, change seats.Change) {
	town.t.Helper()
	proposal, err := seats.Propose(town.ctx, town.party("member1"), "member1", change)
	if err != nil {
		town.t.Fatal(err)
	}
	for _, name := range []string{"member2", "member3", "member4"} {
		if err := seats.Vote(town.ctx, town.party(name), proposal.ID, true); err != nil {
			town.t.Fatal(err)
		}
	}
}

// discloseLoad has the committee of the second epoch disclose a forecast that
// was sealed to the first.
func discloseLoad(town *town) {
	town.t.Helper()
	release, err := disclosure.Request(town.ctx, town.party("grid"), "grid", contract.Disclose{
		Park: "park2", Day: firstDay, Kind: contract.Forecast, Series: []string{"load"}, Reason: "ordered by the court",
	})
	if err != nil {
		town.t.Fatal(err)
	}
	for _, name := range []string{"member2", "member3", "member4", "member6"} {
		if err := disclosure.Vote(town.ctx, town.party(name), release.ID, true); err != nil {
			town.t.Fatal(err)
		}
	}
	var view disclosure.View
	town.until("the disclosed load", func() bool {
		view, err = disclosure.Read(town.ctx, town.party("grid"), release.ID)
		return err == nil && view.Series != nil
	})
	var load []int64
	for _, power := range loadCase(town.t, referenceCase).Parks[1].Load {
		load = append(load, int64(power))
	}
	if view.Release.Epoch < 2 || !slices.Equal(view.Series["load"], load) {
		town.t.Errorf("disclosed in epoch %d: %v, sealed %v", view.Release.Epoch, view.Series["load"], load)
	}
}
