package keeper_test

import (
	"bytes"
	"context"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/member/keeper"
	"github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/group"
)

// door is the way of one member to the ledger in memory.
type door struct {
	chain  *ledgertest.Chain
	party  ledgertest.Party
	change func(kind string, body any) (any, bool) // a poster that errs or keeps silent
	posted []string
}

func (d *door) Get(_ context.Context, key string) (client.Record, error) {
	value, found := d.chain.State().Get(key)
	return client.Record{Key: key, Value: value, Found: found, Height: d.chain.Height}, nil
}

func (d *door) List(_ context.Context, prefix string, _ int) ([]feed.Record, error) {
	var records []feed.Record
	d.chain.State().Iterate(prefix, func(key string, value []byte) bool {
		records = append(records, feed.Record{Key: key, Value: value})
		return true
	})
	return records, nil
}

func (d *door) Submit(_ context.Context, kind string, body any) error {
	if d.change != nil {
		var said bool
		if body, said = d.change(kind, body); !said {
			return nil
		}
	}
	d.posted = append(d.posted, kind)
	d.chain.Submit(d.party, kind, body)
	return nil
}

// member is a committee member that runs the real keeper.
type member struct {
	*door
	folder  string
	forgets bool // is started anew, from its folder, at every block
	away    bool // hears nothing of what blocks bring
	waits   bool // to be admitted
	keeper  *keeper.Keeper
	keys    *ring
}

func (m *member) start() {
	store, err := keeper.OpenStore(m.folder)
	if err != nil {
		m.chain.T.Fatal(err)
	}
	m.keeper = keeper.New(m.party.Name, m.secrets(), m.door, m.door, store, slog.New(slog.DiscardHandler))
}

// ring is the private keys of a member, the newest last.
type ring struct{ keys [][]byte }

func (r *ring) Find(public []byte) ([]byte, error) {
	for _, private := range r.keys {
		if known, err := vault.PublicKey(private); err == nil && bytes.Equal(known, public) {
			return private, nil
		}
	}
	return nil, identity.ErrNoKey
}

func (r *ring) Promote(public []byte) error {
	private, err := r.Find(public)
	r.keys = [][]byte{private}
	return err
}

func (m *member) secrets() *ring {
	if m.keys == nil {
		m.keys = &ring{[][]byte{m.party.Sealing}}
	}
	return m.keys
}

// React implements ledgertest.Role.
func (m *member) React(chain *ledgertest.Chain) {
	if _, found := committee.MemberNamed(chain.State(), m.party.Name); m.waits && !found {
		return
	}
	if m.keeper == nil || m.forgets {
		m.start()
	}
	for _, key := range chain.Changed() {
		if !m.away {
			m.keeper.Concerns(key)
		}
	}
	if _, err := m.keeper.Attend(context.Background(), time.Unix(chain.Now, 0)); err != nil {
		chain.T.Errorf("%s at height %d: %v", m.party.Name, chain.Height, err)
	}
}

// gather begins the ledger of the paper's case with real keepers.
func gather(t *testing.T) (*ledgertest.Community, []*member) {
	t.Helper()
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.Roles = slices.DeleteFunc(community.Roles, func(role ledgertest.Role) bool {
		_, plays := role.(*ledgertest.Member)
		return plays
	})
	var members []*member
	for _, founder := range community.Document.Members {
		m := &member{
			door:   &door{chain: community.Chain, party: ledgertest.NewParty(founder.Name)},
			folder: filepath.Join(t.TempDir(), founder.Name),
		}
		members = append(members, m)
		community.Roles = append(community.Roles, m)
	}
	return community, members
}

func forecastRound(t *testing.T, community *ledgertest.Community) contract.Round {
	t.Helper()
	id := contract.RoundID(contract.Forecast, community.Day(0), 1)
	round, found := record.Load[contract.Round](community.State(), contract.RoundKey(id))
	if !found {
		t.Fatalf("no round %s; refused: %q", id, community.Refused)
	}
	return round
}

// checkSums compares what was opened with what the parks have sealed.
func checkSums(t *testing.T, community *ledgertest.Community, round contract.Round) {
	t.Helper()
	opened, found := contract.OpenedOf(community.State(), round.ID)
	if !found {
		t.Fatalf("%s: %s, %q", round.ID, round.Phase, round.Reason)
	}
	surplus, deficit := energy.CommunitySums(community.Case.Parks, community.Case.Horizon.Periods)
	for k, purpose := range round.Purposes {
		value, err := contract.DecodeValue(opened.Purposes[k].Value)
		if err != nil {
			t.Fatal(err)
		}
		expected := surplus
		if purpose.Kind == contract.PurposeDeficit {
			expected = deficit
		}
		if value.Cmp(big.NewInt(int64(expected[purpose.Period]))) != 0 {
			t.Errorf("%s of period %d is %v: expected %d", purpose.Kind, purpose.Period, value, expected[purpose.Period])
		}
	}
}

func TestFiveKeepersOpenTheDaysSumsAndNothingIsRefused(t *testing.T) {
	community, members := gather(t)
	community.RunTo(community.Gate(0) + 3600)
	round := forecastRound(t, community)
	if everybody := []uint8{1, 2, 3, 4, 5}; !slices.Equal(round.Quorum, everybody) || !slices.Equal(round.Partials, everybody) {
		t.Errorf("quorum %v, right partials %v: expected all five", round.Quorum, round.Partials)
	}
	checkSums(t, community, round)
	if len(community.Refused) != 0 {
		t.Errorf("refused: %q", community.Refused)
	}
	for _, m := range members {
		expected := []string{
			"vault/channel-acknowledge", "vault/channel-acknowledge", "vault/channel-acknowledge",
			"vault/acknowledge", "vault/partials",
		}
		if !slices.Equal(m.posted, expected) {
			t.Errorf("%s posted %q: expected each thing once", m.party.Name, m.posted)
		}
	}
	plan, found := scheduling.InForcePlan(community.State(), community.Day(0))
	if !found || plan.Source != scheduling.SourceRound {
		t.Errorf("plan %v from %q: expected one from the round", found, plan.Source)
	}
}

func TestKeeperStartedAnewAtEveryBlockDoesTheSame(t *testing.T) {
	community, members := gather(t)
	for _, m := range members {
		m.forgets = true
	}
	community.RunTo(community.Settled(0))
	checkSums(t, community, forecastRound(t, community))
	id := contract.RoundID(contract.Reading, community.Day(0), 1)
	if reading, _ := record.Load[contract.Round](community.State(), contract.RoundKey(id)); len(reading.Partials) != 5 {
		t.Errorf("%s: %s, right partials %v", id, reading.Phase, reading.Partials)
	}
	if len(community.Refused) != 0 {
		t.Errorf("refused: %q", community.Refused)
	}
}

// wrong is a poster that adds one to its first sum.
func wrong(kind string, body any) (any, bool) {
	sums, ok := body.(contract.Partials)
	if !ok {
		return body, true
	}
	partial, err := vault.DecodePartial(sums.Sums[0])
	if err != nil {
		panic(err)
	}
	partial.Value.Add(&partial.Value, group.NewScalar(1))
	if sums.Sums[0], err = partial.MarshalBinary(); err != nil {
		panic(err)
	}
	return sums, true
}

// mute is a poster that keeps silent when a round opens.
func mute(kind string, body any) (any, bool) { return body, kind != "vault/partials" }

func TestMemberThatPostsAWrongSumIsNamedAndTheRoundCompletes(t *testing.T) {
	community, members := gather(t)
	members[2].change = wrong
	community.RunTo(community.Gate(0) + 3600)
	round := forecastRound(t, community)
	if !slices.Equal(round.Wrong, []uint8{3}) || !slices.Equal(round.Partials, []uint8{1, 2, 4, 5}) {
		t.Errorf("wrong %v, right %v: expected member 3 to be named", round.Wrong, round.Partials)
	}
	checkSums(t, community, round)
}

func TestThreeMutesLeaveTheRoundClosed(t *testing.T) {
	community, members := gather(t)
	for _, m := range members[:3] {
		m.change = mute
	}
	community.RunTo(community.Gate(0) + 2*3600)
	if round := forecastRound(t, community); round.Phase != contract.PhaseFailed {
		t.Errorf("round %s: expected it to fail", round.Phase)
	}
}

// A node that claims a round which the ledger does not have gets nothing.
func TestRoundOnTheNodesWordAloneOpensNothing(t *testing.T) {
	community, members := gather(t)
	community.RunTo(community.Gate(0) - 1800)
	store, err := keeper.OpenStore(members[0].folder)
	if err != nil {
		t.Fatal(err)
	}
	liar := &liar{members[0].door}
	k := keeper.New(members[0].party.Name, members[0].secrets(), liar, members[0].door, store, slog.New(slog.DiscardHandler))
	posted := len(members[0].posted)
	if _, err := k.Attend(t.Context(), time.Unix(community.Now, 0)); err != nil {
		t.Fatal(err)
	}
	if len(members[0].posted) != posted {
		t.Errorf("posted %q", members[0].posted[posted:])
	}
}

type liar struct{ *door }

func (l *liar) List(ctx context.Context, prefix string, limit int) ([]feed.Record, error) {
	if prefix != "vault/in-flight/" {
		return l.door.List(ctx, prefix, limit)
	}
	return []feed.Record{{Key: prefix + "forecast/020000/1"}}, nil
}

func TestKeysAreErasedWhenTheContestTermHasEnded(t *testing.T) {
	community, members := gather(t)
	community.RunTo(community.Gate(0) + 3600)
	m := members[0]
	first := ledgertest.DayOf(community.Document.Clock.Start)
	files, err := filepath.Glob(filepath.Join(m.folder, "*.daykeys"))
	if err != nil || len(files) != 3 {
		t.Fatalf("%d files, %v: expected one per park", len(files), err)
	}
	contest := community.Document.Gates.Contest
	later := time.Unix((int64(first)+1)*86_400+86_400/2+contest, 0)
	due, err := m.keeper.Attend(t.Context(), later.Add(-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if !due.Equal(later) {
		t.Errorf("due at %v: expected %v", due, later)
	}
	if !keysOf(t, files[0]).Has(first) || !keysOf(t, files[0]).Has(first+1) {
		t.Fatal("a key was erased before its time")
	}
	if _, err := m.keeper.Attend(t.Context(), due); err != nil {
		t.Fatal(err)
	}
	if keys := keysOf(t, files[0]); keys.Has(first) || !keys.Has(first+1) {
		t.Errorf("day %d: %t, the next: %t: expected the first to be erased alone", first, keys.Has(first), keys.Has(first+1))
	}
	end := due.Add(40 * 24 * time.Hour)
	if _, err := m.keeper.Attend(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(m.folder); len(left) != 0 {
		t.Errorf("%d files left after all days: %v", len(left), left)
	}
}

func keysOf(t *testing.T, path string) *vault.DayKeys {
	t.Helper()
	encoded, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.DecodeDayKeys(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestStoreIsTheOwnersOnly(t *testing.T) {
	community, members := gather(t)
	community.RunTo(community.Gate(0) - 3*3600)
	files, err := filepath.Glob(filepath.Join(members[0].folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o", file, info.Mode().Perm())
		}
	}
	if err := os.Chmod(files[0], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := keeper.OpenStore(members[0].folder); err == nil {
		t.Error("a key file that others may read was taken")
	}
	if err := os.WriteFile(files[0], []byte("no keys"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(files[0], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keeper.OpenStore(members[0].folder); err == nil {
		t.Error("a file without keys was taken")
	}
}
