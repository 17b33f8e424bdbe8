package daemons

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"

	vaultcontract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/member/keeper"
	"github.com/sesame-energy/sesame/participant"
	"github.com/sesame-energy/sesame/vault"
)

// A park whose home has the wrong key of one member's channel cheats that
// member without knowing. Refused before the gate or in the round, it opens new
// channels by itself - the day's key of the old one is public - and seals under
// them: the same forecast where there is time, the readings in any case.
func TestParkOpensNewChannelsAfterAnUpheldRefusal(t *testing.T) {
	for name, early := range map[string]bool{"before the gate": true, "in the round": false} {
		t.Run(name, func(t *testing.T) {
			town := newFieldTown(t)
			if early {
				town.startKeeper("member3")
			}
			town.startGrid()
			for _, park := range fieldParks {
				town.startPark(park)
			}
			acknowledged := func(number uint32) func(record.State) bool {
				return func(state record.State) bool {
					channel, _ := record.Load[vaultcontract.Channel](state, vaultcontract.ChannelKey("park1", number))
					return len(channel.Acknowledged) == 5
				}
			}
			town.ledger.Until("the channels", acknowledged(1))
			town.stops["park1"]()
			town.spoilChannel("park1", 3)
			town.startPark("park1")
			town.startMeters(0, fieldParks...)

			if !early {
				town.ledger.Until("forecasts sealed", allSealed(vaultcontract.Forecast, town.day()))
				town.ledger.To(town.first - 2*3600)
			}
			town.ledger.Until("new channels", acknowledged(2))
			town.ledger.Until("forecasts sealed", allSealed(vaultcontract.Forecast, town.day()))
			town.ledger.To(town.first - 2*3600)
			forecast, _ := loadRound(town, vaultcontract.Forecast)
			has := slices.ContainsFunc(forecast.Parks, func(p vaultcontract.Participant) bool { return p.Park == "park1" })
			if has != early || slices.Contains(forecast.Refused, "park1") == early {
				t.Errorf("the forecast's round has parks %v, refused %v", forecast.Parks, forecast.Refused)
			}
			town.ledger.To(town.first + 24*3600 + 4*60)
			town.ledger.Until("readings sealed", allSealed(vaultcontract.Reading, town.day()))
			town.ledger.To(town.first + 25*3600)
			reading, sealed := loadRound(town, vaultcontract.Reading)
			if len(reading.Candidates) != 3 || len(reading.Refused) != 0 || sealed.Channel != 2 {
				t.Errorf("the readings' round has candidates %v, refused %v; sealed under channel %d", reading.Candidates, reading.Refused, sealed.Channel)
			}
		})
	}
}

func loadRound(town *fieldTown, kind string) (round vaultcontract.Round, sealed vaultcontract.Sealed) {
	town.t.Helper()
	town.ledger.Until("the round", func(state record.State) bool {
		round, _ = record.Load[vaultcontract.Round](state, vaultcontract.RoundKey(vaultcontract.RoundID(kind, town.day(), 1)))
		sealed, _ = record.Load[vaultcontract.Sealed](state, vaultcontract.SealedKey(kind, town.day(), "park1"))
		return round.Phase == vaultcontract.PhaseOpened || round.Phase == vaultcontract.PhaseFailed
	})
	return round, sealed
}

// startKeeper runs the real keeper in the place of a member of package
// ledgertest.
func (town *fieldTown) startKeeper(name string) {
	town.t.Helper()
	town.chain.Roles = slices.DeleteFunc(town.chain.Roles, func(role ledgertest.Role) bool {
		member, plays := role.(*ledgertest.Member)
		return plays && member.Name == name
	})
	store, err := keeper.OpenStore(filepath.Join(town.home, name))
	if err != nil {
		town.t.Fatal(err)
	}
	who := town.ledger.Participant(name)
	kept := keeper.New(name, oneKey(ledgertest.NewParty(name).Sealing), who, who, store, town.logger)
	worker := participant.Worker{Ledger: who, Clock: who.Clock, Logger: town.logger, Concerns: kept.Concerns, Attend: kept.Attend}
	worker.Start()
	town.start(name, func(ctx context.Context) error {
		if err := worker.Run(ctx); !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	})
}

// oneKey is the only sealing key of a member.
type oneKey []byte

func (k oneKey) Find([]byte) ([]byte, error) { return k, nil }
func (k oneKey) Promote([]byte) error        { return nil }

// spoilChannel puts other day keys in the place of those of one member's
// channel, as a confused copy of a home folder might have.
func (town *fieldTown) spoilChannel(park string, index int) {
	town.t.Helper()
	must := func(err error) {
		town.t.Helper()
		if err != nil {
			town.t.Fatal(err)
		}
	}
	database, err := sql.Open("sqlite", filepath.Join(town.home, park, "park.db"))
	must(err)
	defer func() { must(database.Close()) }()
	var stored string
	must(database.QueryRow("select keys from channel where number = 1").Scan(&stored))
	var keys [][]byte
	must(json.Unmarshal([]byte(stored), &keys))
	right, err := vault.DecodeDayKeys(keys[index-1])
	must(err)
	public, err := vault.PublicKey(ledgertest.NewParty("member3").Sealing)
	must(err)
	_, other, err := vault.OfferChannel(right.ID(), public)
	must(err)
	keys[index-1], err = other.MarshalBinary()
	must(err)
	encoded, err := json.Marshal(keys)
	must(err)
	_, err = database.Exec("update channel set keys = ? where number = 1", string(encoded))
	must(err)
}
