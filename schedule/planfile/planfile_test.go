package planfile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/planfile"
)

// randomCase draws a day of mixed kind with up to six parks.
func randomCase(r *rand.Rand) *energy.Case {
	periods := 1 + r.IntN(30)
	c := &energy.Case{
		Name: "random", Currency: "EUR", Location: time.UTC,
		Horizon: energy.Horizon{Start: 1_700_000_100, Minutes: []int{15, 30, 60}[r.IntN(3)], Periods: periods},
		Sharing: energy.Sharing{Reference: energy.Price(r.IntN(900_000)), OperatorShare: energy.Parts(r.IntN(1_000_001))},
	}
	for i := range 1 + r.IntN(6) {
		p := energy.Park{Name: fmt.Sprintf("park%d", i), ImportLimit: energy.NoLimit, ExportLimit: energy.NoLimit}
		if r.IntN(3) == 0 {
			p.ImportLimit = energy.Watt(280_000 + r.IntN(100_000))
		}
		if r.IntN(3) == 0 {
			p.ExportLimit = energy.Watt(280_000 + r.IntN(100_000))
		}
		for range periods {
			p.Load, p.PV, p.Wind = append(p.Load, energy.Watt(r.IntN(300_000))), append(p.PV, energy.Watt(r.IntN(300_000))), append(p.Wind, 0)
		}
		c.Parks = append(c.Parks, p)
	}
	for range periods {
		sell := energy.Price(r.IntN(600_000) - 100_000)
		c.Tariff.Sell = append(c.Tariff.Sell, sell)
		c.Tariff.Buy = append(c.Tariff.Buy, sell+energy.Price(r.IntN(700_000)))
	}
	capacity := energy.WattHour(r.IntN(900_000))
	c.Storage = energy.Storage{
		Power: energy.Watt(r.IntN(400_000)), Capacity: capacity, Maximum: capacity, Start: capacity / 2, End: capacity / 2,
		ChargeEfficiency: 9500, DischargeEfficiency: 9600, EndRule: energy.EndRule(r.IntN(2)),
		Fee: energy.Price(r.IntN(2) * 13_000), GridTrade: r.IntN(2) == 0,
	}
	return c
}

// planned plans a case and states the plan; ok is false where it has none.
func planned(t testing.TB, c *energy.Case, ledger bool) (p schedule.Problem, document *planfile.Document, ok bool) {
	t.Helper()
	p, err := schedule.FromCase(c, ledger)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := schedule.Solve(p)
	if errors.As(err, new(*schedule.Infeasible)) {
		return p, nil, false
	}
	if err != nil {
		t.Fatal(err)
	}
	document, err = planfile.Statement(c, p, planfile.Outcome{
		Dispatch: plan.Dispatch, Cost: plan.Cost, Bound: plan.Bound, Status: string(plan.Status), Certificate: plan.Certificate, Peak: plan.Peak, Solver: "exact",
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, document, true
}

// Law: what is stated of a plan stands before the check, which computes all of
// it anew: every park's rows balance within its limits, add up to the
// storage's, and cost what they say.
func TestWhatIsStatedStands(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 52))
	stood := 0
	for i := range 400 {
		c := randomCase(r)
		p, document, ok := planned(t, c, i%4 == 0)
		if !ok {
			continue
		}
		data, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := planfile.Check(c, p, data, -1); err != nil {
			t.Fatalf("case %d: %v\n%+v\n%s", i, err, c, data)
		}
		stood++
	}
	if stood < 100 {
		t.Errorf("only %d of 400 cases had a plan", stood)
	}
}

// Law: a plan in which any one figure is changed does not stand.
func TestNoChangedFigureStands(t *testing.T) {
	r := rand.New(rand.NewPCG(53, 54))
	for tried := 0; tried < 300; {
		c := randomCase(r)
		p, document, ok := planned(t, c, false)
		if !ok {
			continue
		}
		tried++
		change := json.Number(fmt.Sprintf("%d.%03d", r.IntN(500), 1+r.IntN(999)))
		row, park := &document.Storage[r.IntN(len(document.Storage))], &document.Parks[r.IntN(len(document.Parks))]
		parkRow := &park.Rows[r.IntN(len(park.Rows))]
		figures := []*json.Number{
			&document.Baseline, &document.Cost, &document.Saving, &document.LowerBound, &document.Gap,
			&row.Charge, &row.Discharge, &row.FromGrid, &row.ToGrid, &row.Energy, &row.Surplus, &row.Deficit, &row.SurplusShare, &row.DeficitShare,
			&park.Baseline, &park.Cost, &park.Bill, &parkRow.Buy, &parkRow.Sell, &parkRow.ToStorage, &parkRow.FromStorage,
		}
		figure := figures[r.IntN(len(figures))]
		if *figure == change {
			continue
		}
		*figure = change
		data, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := planfile.Check(c, p, data, -1); !errors.As(err, new(*planfile.Failure)) {
			t.Fatalf("a changed figure stands: %v\n%s", err, data)
		}
	}
}

func TestPlansOfOtherProgramsMayWriteFloatingPoint(t *testing.T) {
	c := randomCase(rand.New(rand.NewPCG(55, 56)))
	for i := range c.Parks {
		c.Parks[i].ImportLimit, c.Parks[i].ExportLimit = energy.NoLimit, energy.NoLimit
	}
	p, document, ok := planned(t, c, false)
	if !ok {
		t.Fatal("the case has no plan")
	}
	for i := range document.Storage {
		if document.Storage[i].Charge != "0" {
			document.Storage[i].Charge += "e0"
		}
		document.Storage[i].SurplusShare += "e-0"
	}
	document.Parks[0], document.Parks[len(document.Parks)-1] = document.Parks[len(document.Parks)-1], document.Parks[0]
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := planfile.Check(c, p, data, -1); err != nil {
		t.Error(err)
	}
}

func TestLeftOverWattsGoByLargestRemainder(t *testing.T) {
	c := &energy.Case{
		Name: "thirds", Currency: "EUR", Location: time.UTC, Horizon: energy.Horizon{Minutes: 60, Periods: 2},
		Tariff: energy.Tariff{Buy: []energy.Price{900_000, 900_000}, Sell: []energy.Price{100_000, 100_000}},
		Storage: energy.Storage{
			Power: 100, Maximum: 100, ChargeEfficiency: 10_000, DischargeEfficiency: 10_000, GridTrade: true,
		},
	}
	for i, surplus := range []energy.Watt{100, 100, 100, 0} {
		p := energy.Park{
			Name: fmt.Sprintf("park%d", i), ImportLimit: energy.NoLimit, ExportLimit: energy.NoLimit,
			Load: []energy.Watt{0, 0}, PV: []energy.Watt{surplus, 0}, Wind: []energy.Watt{0, 0},
		}
		if i == 3 {
			p.Load[1] = 1000
		}
		c.Parks = append(c.Parks, p)
	}
	_, document, ok := planned(t, c, false)
	if !ok {
		t.Fatal("the case has no plan")
	}
	for i, want := range []json.Number{"0.034", "0.033", "0.033", "0"} {
		if got := document.Parks[i].Rows[0].ToStorage; got != want {
			t.Errorf("park %d gives %s kW, want %s", i, got, want)
		}
	}
}

func TestAmountsAreWrittenExactly(t *testing.T) {
	c := randomCase(rand.New(rand.NewPCG(55, 56)))
	_, document, _ := planned(t, c, true)
	total := energy.Cost(0)
	for _, park := range document.Parks {
		units, exact, err := energy.ParseDecimal(park.Baseline.String(), 11)
		if err != nil || !exact {
			t.Fatal(park.Baseline, err)
		}
		total += energy.Cost(units)
	}
	if units, exact, err := energy.ParseDecimal(document.Baseline.String(), 11); err != nil || !exact || energy.Cost(units) != total {
		t.Errorf("baseline %s, parks add up to %d e-11", document.Baseline, total)
	}
}

// FuzzCheck feeds arbitrary files to the check: nothing panics, and nothing
// but a whole plan stands.
func FuzzCheck(f *testing.F) {
	c := randomCase(rand.New(rand.NewPCG(57, 58)))
	c.Parks = c.Parks[:1]
	c.Parks[0].ImportLimit, c.Parks[0].ExportLimit = energy.NoLimit, energy.NoLimit
	p, document, ok := planned(f, c, false)
	if !ok {
		f.Fatal("the case has no plan")
	}
	data, err := json.Marshal(document)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"storage":[{}],"parks":[{"name":"park0","rows":[{}]}]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := planfile.Check(c, p, data, -1)
		if err == nil && found.Gap() > found.Tolerance {
			t.Fatalf("a plan with a gap of %d stands", found.Gap())
		}
	})
}

// A tolerance of one's own decides alone: a plan that calls itself optimal
// stands where the certificate proves it within that.
func TestToleranceOfOnesOwnDecides(t *testing.T) {
	c := randomCase(rand.New(rand.NewPCG(55, 56)))
	for i := range c.Parks {
		c.Parks[i].ImportLimit, c.Parks[i].ExportLimit = energy.NoLimit, energy.NoLimit
	}
	p, err := schedule.FromCase(c, false)
	if err != nil {
		t.Fatal(err)
	}
	best, err := schedule.Solve(p)
	if err != nil {
		t.Fatal(err)
	}
	idle, err := schedule.Idle(p)
	if err != nil {
		t.Fatal(err)
	}
	document, err := planfile.Statement(c, p, planfile.Outcome{
		Dispatch: idle.Dispatch, Cost: idle.Cost, Bound: best.Bound, Status: "optimal", Certificate: best.Certificate, Solver: "exact",
	})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	gap := idle.Cost - best.Bound
	if _, err := planfile.Check(c, p, data, gap); err != nil {
		t.Errorf("within the tolerance: %v", err)
	}
	for _, tolerance := range []energy.Cost{-1, gap - 1} {
		if _, err := planfile.Check(c, p, data, tolerance); !errors.As(err, new(*planfile.Failure)) {
			t.Errorf("tolerance %d: %v, want a Failure", tolerance, err)
		}
	}
}

// Law: a plan without certificate, bound and energies stands where a proof can
// be had, just when it is as cheap as the proof asks.
func TestPlansWithoutCertificateAreProvenOnDemand(t *testing.T) {
	r := rand.New(rand.NewPCG(61, 62))
	proven, dear := 0, 0
	for range 60 {
		c := randomCase(r)
		p, document, ok := planned(t, c, false)
		if !ok {
			continue
		}
		certificate := document.Certificate
		prove := func() ([]byte, error) { return certificate, nil }
		stripped := func(d *planfile.Document) []byte {
			d.Certificate, d.LowerBound = nil, "0"
			data, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			return bytes.ReplaceAll(data, []byte(`"energy_kwh"`), []byte(`"stored"`))
		}
		bound := document.LowerBound
		data := stripped(document)
		if _, err := planfile.Check(c, p, data, -1); !errors.As(err, new(*planfile.Failure)) {
			t.Fatalf("without a proof: %v, want a Failure", err)
		}
		found, err := planfile.CheckProving(c, p, data, -1, prove)
		if err != nil {
			t.Fatal(err)
		}
		if want, _ := bound.Float64(); math.Abs(found.Bound.Currency(p.Minutes)-want) > 1e-6 {
			t.Fatalf("bound %v, want %v", found.Bound.Currency(p.Minutes), want)
		}
		proven++
		idle, err := schedule.Idle(p)
		if err != nil {
			t.Fatal(err)
		}
		if idle.Cost-found.Bound <= found.Tolerance {
			continue
		}
		document, err = planfile.Statement(c, p, planfile.Outcome{Dispatch: idle.Dispatch, Cost: idle.Cost})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := planfile.CheckProving(c, p, stripped(document), -1, prove); !errors.As(err, new(*planfile.Failure)) {
			t.Fatalf("a resting storage stands: %v", err)
		}
		dear++
	}
	if proven < 10 || dear < 5 {
		t.Errorf("only %d plans proven, %d refused", proven, dear)
	}
}
