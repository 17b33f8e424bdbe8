package view_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/monitor/fixture"
	"github.com/sesame-energy/sesame/monitor/index"
	"github.com/sesame-energy/sesame/monitor/view"
)

var (
	once  sync.Once
	lived *fixture.Days
)

// days are lived through once for all tests.
func days(t testing.TB) *fixture.Days {
	t.Helper()
	once.Do(func() { lived = fixture.Run(t) })
	return lived
}

func viewOf(t *testing.T, blocks []client.Block) *view.Viewer {
	t.Helper()
	kept, err := index.Open(t.Context(), filepath.Join(t.TempDir(), "index"), days(t).Document, days(t).Hash)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	for _, block := range blocks {
		if err := kept.Apply(t.Context(), block); err != nil {
			t.Fatal(err)
		}
	}
	return view.New(kept, days(t).Document, slog.New(slog.DiscardHandler))
}

func TestStatusShowsWhoIsAbsent(t *testing.T) {
	during := days(t).At(14*60 + 50)
	status, err := viewOf(t, days(t).Blocks[:during]).Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if status.Height != int64(during) || status.Today != days(t).First || len(status.Members) != 5 || len(status.Parks) != 3 {
		t.Fatalf("height %d, today %d, %d members, %d parks: expected %d, %d, 5, 3",
			status.Height, status.Today, len(status.Members), len(status.Parks), during, days(t).First)
	}
	proposers := 0
	for _, member := range status.Members {
		if member.Absent != (member.Name == "member4") {
			t.Errorf("%s absent: %v: expected member4 alone", member.Name, member.Absent)
		}
		if member.Proposes {
			proposers++
		}
	}
	if proposers != 1 || status.OpenAlerts != 1 {
		t.Errorf("%d proposers, %d open alerts: expected one of each", proposers, status.OpenAlerts)
	}
}

func TestDayShowsTheReferenceDaysFigures(t *testing.T) {
	day, there, err := viewOf(t, days(t).Blocks).Day(t.Context(), days(t).First)
	if err != nil || !there || day.Plan == nil {
		t.Fatal(there, err)
	}
	plan := day.Plan
	if plan.Baseline/10_000 != 472_107 || plan.Cost/10_000 != 294_757 {
		t.Errorf("without storage %d, with %d: expected 4721.07 and 2947.57 as docs/planning.md has them", plan.Baseline, plan.Cost)
	}
	if plan.Problem != "" {
		t.Errorf("the plan does not stand: %s", plan.Problem)
	}
	if !plan.Proven || plan.Gap < 0 || plan.Gap > plan.Tolerance || plan.Certificate == 0 {
		t.Errorf("gap %d, tolerance %d, certificate of %d bytes: expected a proven small gap", plan.Gap, plan.Tolerance, plan.Certificate)
	}
	var sum int64
	for _, saving := range day.Saving {
		sum += saving
	}
	if want := plan.Baseline - plan.Cost; sum < want-24 || sum > want+24 {
		t.Errorf("savings of the periods add up to %d, baseline less cost is %d: expected the same up to rounding", sum, want)
	}
	for period := range day.Starts {
		if day.Signals[period] == nil || day.Outcomes[period] == nil || day.Done[period] == nil {
			t.Errorf("period %d without signal or outcome", period)
		}
	}
}

func TestSettlementBalances(t *testing.T) {
	day, _, err := viewOf(t, days(t).Blocks).Day(t.Context(), days(t).First)
	if err != nil || day.Settlement == nil {
		t.Fatal("no settlement", err)
	}
	settled := day.Settlement
	if difference := settled.Bills - settled.GridDue - settled.OperatorDue; difference < -1 || difference > 1 {
		t.Errorf("bills %d, grid %d, operator %d: expected them to balance up to rounding", settled.Bills, settled.GridDue, settled.OperatorDue)
	}
	if settled.Rho <= 0 || settled.Rho > 1 || settled.Bills >= settled.Baseline {
		t.Errorf("rho %v, bills %d, without storage %d: expected a saving", settled.Rho, settled.Bills, settled.Baseline)
	}
	if len(day.Contracts) != 4 || len(day.Bills) != 3 || day.Bills[0].State != "accepted" {
		t.Errorf("%d contracts, bills %+v: expected four contracts and three accepted bills", len(day.Contracts), day.Bills)
	}
}

func TestRoundNamesTheMemberWithWrongPartials(t *testing.T) {
	viewer := viewOf(t, days(t).Blocks)
	rounds, err := viewer.Rounds(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, round := range rounds {
		for _, member := range round.Members {
			if member.Partial == "wrong" {
				named[round.ID] = member.Name
			}
		}
	}
	if len(rounds) != 4 || len(named) != 1 || named["forecast/019920/1"] != "member5" {
		t.Errorf("%d rounds, named %v: expected member5 in the second forecast round alone", len(rounds), named)
	}
	openings, err := viewer.Openings(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	midnight := map[string]int64{}
	for _, opening := range openings {
		if opening.Value == nil || len(opening.Parks) != 3 {
			t.Fatalf("%+v: expected a value over three parks", opening)
		}
		if opening.Day == days(t).First && opening.Series == "forecast" && opening.Period == 0 {
			midnight[opening.Kind] = *opening.Value
		}
	}
	if midnight["community-surplus"] != 381_000 || midnight["community-deficit"] != 348_000 {
		t.Errorf("%v: expected the community's 381 kW and 348 kW at midnight", midnight)
	}
}

func TestDisclosureShowsWhatItOpenedAndWhy(t *testing.T) {
	releases, err := viewOf(t, days(t).Blocks).Releases(t.Context(), 10)
	if err != nil || len(releases) != 1 {
		t.Fatalf("%d releases, %v: expected the one disclosure", len(releases), err)
	}
	disclosed := releases[0]
	if disclosed.Park != "park2" || disclosed.Phase != "opened" || disclosed.Reason == "" || disclosed.Proposal != 2 || len(disclosed.Members) < 3 {
		t.Errorf("%+v: expected park2's readings, opened by three shares or more after vote 2", disclosed)
	}
	own, _ := days(t).Own("park2", days(t).First)
	for period, deficit := range own.Deficit {
		if disclosed.Opened["deficit"][period] != int64(deficit) {
			t.Fatalf("period %d: disclosed %d W, the park read %d W", period, disclosed.Opened["deficit"][period], deficit)
		}
	}
}

// The paper's Figure 10: five random curves, one for each member, from any
// three of which the park's own follows.
func TestDisclosureShowsWhatEachMemberHeldOfIt(t *testing.T) {
	releases, err := viewOf(t, days(t).Blocks).Releases(t.Context(), 10)
	if err != nil || len(releases) != 1 {
		t.Fatalf("%d releases, %v: expected the one disclosure", len(releases), err)
	}
	shown := releases[0]
	if shown.Subsets != 10 {
		t.Errorf("%d sets of three of five members recover it, expected 10", shown.Subsets)
	}
	for _, series := range []string{"surplus", "deficit"} {
		if len(shown.Shares[series]) != 5 {
			t.Fatalf("%s: shares of %d members, expected 5", series, len(shown.Shares[series]))
		}
		for i, share := range shown.Shares[series] {
			if share.Member != fmt.Sprintf("member%d", i+1) || len(share.Heights) != len(shown.Opened[series]) {
				t.Errorf("%s: %d figures of %s, expected %d of member%d", series, len(share.Heights), share.Member, len(shown.Opened[series]), i+1)
			}
			if least, most := slices.Min(share.Heights), slices.Max(share.Heights); least < 0 || most > 1 || most-least < 0.3 {
				t.Errorf("%s: shares of %s lie in %.2f..%.2f, expected all over 0..1", series, share.Member, least, most)
			}
		}
	}
}

func TestReplannedDayShowsBothPlans(t *testing.T) {
	day, _, err := viewOf(t, days(t).Blocks).Day(t.Context(), days(t).First+1)
	if err != nil || day.Plan == nil {
		t.Fatal("no plan", err)
	}
	last := day.Versions[len(day.Versions)-1]
	if len(day.Versions) < 2 || last.Reason != "battery off plan" || last.From < 10 || day.Plan.Version != last.Version {
		t.Errorf("%+v: expected the last plan to be made after 10:00 because the battery was off its plan", day.Versions)
	}
}

// TestHostileRecordsNeverStopTheViews states: whatever stands under the
// ledger's keys, every view answers and its answer encodes.
func TestHostileRecordsNeverStopTheViews(t *testing.T) {
	blocks := days(t).Blocks
	var keys []string
	for _, block := range blocks {
		for _, change := range block.Changes {
			keys = append(keys, change.Key)
		}
	}
	folder, runs := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		runs++
		kept, err := index.Open(t.Context(), filepath.Join(folder, strconv.Itoa(runs)), days(t).Document, days(t).Hash)
		if err != nil {
			r.Fatal(err)
		}
		defer func() { _ = kept.Close() }()
		hostile := client.Block{Height: 1, BlockTime: time.Unix(0, 0), LedgerTime: rapid.Int64().Draw(r, "time")}
		for range rapid.IntRange(1, 20).Draw(r, "count") {
			key := rapid.SampledFrom(keys).Draw(r, "key")
			hostile.Changes = append(hostile.Changes, client.Change{Key: key, Value: rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(r, "value")})
		}
		hostile.Transactions = []client.Transaction{{Bytes: rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(r, "transaction")}}
		hostile.Changes = append(hostile.Changes, lopsided(r, days(t).First)...)
		if err := kept.Apply(t.Context(), hostile); err != nil {
			r.Fatal(err)
		}
		answerAll(r, t, view.New(kept, days(t).Document, slog.New(slog.DiscardHandler)))
	})
}

// lopsided are records of the right types whose series do not fit together.
func lopsided(r *rapid.T, day uint32) []client.Change {
	watts := func(name string) []energy.Watt {
		return rapid.SliceOfN(rapid.Custom(func(r *rapid.T) energy.Watt { return energy.Watt(rapid.Int64().Draw(r, "w")) }), 0, 3).Draw(r, name)
	}
	prices := func(name string) []energy.Price {
		return rapid.SliceOfN(rapid.Custom(func(r *rapid.T) energy.Price { return energy.Price(rapid.Int64().Draw(r, "p")) }), 0, 3).Draw(r, name)
	}
	published := tariff.Tariff{Day: day, Starts: rapid.SliceOfN(rapid.Int64(), 0, 3).Draw(r, "starts"), Buy: prices("buy"), Sell: prices("sell")}
	plan := scheduling.Plan{
		Day: day, Version: 1, From: rapid.Int().Draw(r, "from"), Surplus: watts("surplus"), Deficit: watts("deficit"),
		Charge: watts("charge"), Discharge: watts("discharge"), SurplusTaken: watts("taken"), DeficitServed: watts("served"),
		Cost: energy.Cost(rapid.Int64().Draw(r, "cost")), Bound: energy.Cost(rapid.Int64().Draw(r, "bound")),
	}
	return []client.Change{
		{Key: tariff.Key(day), Value: record.Encode(published)},
		{Key: scheduling.Key(day, 1), Value: record.Encode(plan)},
		{Key: scheduling.InForceKey(day), Value: record.Encode(scheduling.InForce{Version: 1})},
		{Key: vault.ReleaseKey("disclosure/odd"), Value: record.Encode(vault.Release{
			ID: "odd", Kind: vault.Disclosure, Series: rapid.SampledFrom([]string{"", "reading"}).Draw(r, "series"), Purposes: []vault.ReleasePurpose{
				{Terms: []vault.ReleaseTerm{{Part: rapid.Uint8().Draw(r, "part")}}},
			},
		})},
		{Key: vault.OpenedKey("odd"), Value: record.Encode(vault.Opened{Purposes: []vault.OpenedSum{{Value: rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(r, "opened")}}})},
	}
}

func answerAll(r *rapid.T, t *testing.T, viewer *view.Viewer) {
	ctx := t.Context()
	check := func(answer any, err error) {
		if err != nil {
			r.Fatal(err)
		}
		if _, err := json.Marshal(answer); err != nil {
			r.Fatal(err)
		}
	}
	status, err := viewer.Status(ctx)
	check(status, err)
	day, _, err := viewer.Day(ctx, days(t).First)
	check(day, err)
	rounds, err := viewer.Rounds(ctx, 30)
	check(rounds, err)
	openings, err := viewer.Openings(ctx, 30)
	check(openings, err)
	releases, err := viewer.Releases(ctx, 30)
	check(releases, err)
	alerts, err := viewer.Alerts(ctx, 30)
	check(alerts, err)
	proposals, err := viewer.Proposals(ctx, 30)
	check(proposals, err)
	sealed, err := viewer.Sealed(ctx, days(t).First)
	check(sealed, err)
	block, _, err := viewer.Block(ctx, 1)
	check(block, err)
	sent, err := viewer.Transactions(ctx, 0, 10)
	check(sent, err)
}

func TestEveryRecordOfTheFixtureIsDecoded(t *testing.T) {
	for _, block := range days(t).Blocks {
		for _, change := range block.Changes {
			if change.Deleted {
				continue
			}
			kind, fields, err := view.DecodeRecord(change.Key, change.Value)
			if err != nil || kind == "" || len(fields) == 0 {
				t.Fatalf("%s: kind %q, %d fields, %v: expected its fields", change.Key, kind, len(fields), err)
			}
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	for _, change := range days(f).Blocks[1].Changes {
		f.Add(change.Key, change.Value)
	}
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		_, fields, err := view.DecodeRecord(key, value)
		if err == nil {
			if _, err := json.Marshal(fields); err != nil {
				t.Fatal(err)
			}
		}
	})
}
