package peers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/certificate"
)

// ours is what our solver says of a case, in currency.
type ours struct {
	infeasible  error // nil where there is a plan
	cost, bound float64
	tolerance   float64 // of whole watts
	proven      error   // nil where the independent checker accepts plan and certificate
}

func solveOurs(p schedule.Problem) (ours, error) {
	plan, err := schedule.Solve(p)
	if infeasible := new(schedule.Infeasible); errors.As(err, &infeasible) {
		return ours{infeasible: err}, nil
	}
	if err != nil {
		return ours{}, err
	}
	_, proven := certificate.Check(p, plan.Dispatch, plan.Certificate, plan.Gap())
	return ours{
		cost: plan.Cost.Currency(p.Minutes), bound: plan.Bound.Currency(p.Minutes),
		tolerance: schedule.Tolerance(p).Currency(p.Minutes), proven: proven,
	}, nil
}

// agrees says whether an answer is equal to ours up to 1e-6 and whole watts.
// Their optimum, in fractions of watts, lies between our bound and our cost.
func (o ours) agrees(a answer) bool {
	if a.outcome == infeasible || o.infeasible != nil {
		return a.outcome == infeasible && o.infeasible != nil
	}
	rounding := 1e-6 * (1 + math.Abs(a.cost))
	return o.bound <= a.cost+rounding && o.cost >= a.cost-rounding && o.cost <= a.cost+o.tolerance+rounding
}

// near says whether there is a plan that costs the same up to whole watts.
func (o ours) near(a answer) bool {
	return o.infeasible == nil && a.outcome == optimal && math.Abs(o.cost-a.cost) <= o.tolerance+1e-6*(1+math.Abs(a.cost))
}

func (o ours) String() string {
	if o.infeasible != nil {
		return o.infeasible.Error()
	}
	return fmt.Sprintf("cost %.7f, bound %.7f (tolerance %.7f), checker: %v", o.cost, o.bound, o.tolerance, o.proven)
}

// wider is the case with a storage that holds what one watt moves more. Where
// a case can only be kept to the fraction of a watt, no plan in whole watts
// keeps it; a few Wh more must then give what the foreign solvers find.
func wider(c *energy.Case) *energy.Case {
	out := *c
	out.Storage.Maximum += 4
	return &out
}

// tally counts answers.
type tally struct {
	agreed, infeasible, late, explained atomic.Int64
}

// compare has every peer solve the case. Foreign solvers are wrong at times:
// an answer that differs is explained, and no failure, where the checker
// accepts our plan and certificate and another foreign solver says what we
// say. Our "infeasible" has no certificate, so there all must agree, but for
// cases that can be kept in fractions of a watt only.
func (y *tally) compare(t *testing.T, peers []peer, folder string, number int, c *energy.Case) error {
	p, m := problem(t, c)
	mine, err := solveOurs(p)
	if err != nil {
		return err
	}
	fractions := mine
	if mine.infeasible != nil {
		wide, _ := problem(t, wider(c))
		if fractions, err = solveOurs(wide); err != nil {
			return err
		}
	}
	task, err := writeTask(folder, number, writeLP(c, m), 0)
	if err != nil {
		return err
	}
	var differ []string
	agreed := 0
	for _, peer := range peers {
		a, err := peer.solve(t.Context(), task)
		switch {
		case errors.Is(err, context.Canceled):
			return err
		case err != nil:
			differ = append(differ, fmt.Sprintf("%s fails: %v", peer.name(), err))
		case a.outcome == outOfTime:
			y.late.Add(1)
		case mine.agrees(a):
			agreed++
		case mine.infeasible != nil && fractions.near(a):
			t.Logf("%s: %v; %s finds %.7f, we %.7f with 4 Wh more", c.Name, mine, peer.name(), a.cost, fractions.cost)
			y.explained.Add(1)
		default:
			differ = append(differ, fmt.Sprintf("%s: %s, %.7f", peer.name(), a.outcome, a.cost))
		}
	}
	y.agreed.Add(int64(agreed))
	if mine.infeasible != nil {
		y.infeasible.Add(1)
	} else if mine.proven != nil {
		return fmt.Errorf("%s: %v", c.Name, mine)
	}
	if len(differ) == 0 {
		return nil
	}
	if mine.infeasible != nil || agreed == 0 {
		return fmt.Errorf("%s: %v; ours: %v\n%+v", c.Name, differ, mine, *c)
	}
	y.explained.Add(int64(len(differ)))
	t.Logf("%s: %v; ours: %v, and %d others agree", c.Name, differ, mine, agreed)
	return nil
}

// agreeOn compares on a number of cases with all cores, each core with peers
// of its own.
func agreeOn(t *testing.T, cases int, draw func(number int) *energy.Case) {
	var sum tally
	var next atomic.Int64
	var work sync.WaitGroup
	folder := t.TempDir()
	peerCount := 0
	for range min(runtime.GOMAXPROCS(0), cases) {
		peers := openPeers(t)
		peerCount = len(peers)
		work.Go(func() {
			for i := int(next.Add(1)) - 1; i < cases && !t.Failed(); i = int(next.Add(1)) - 1 {
				if err := sum.compare(t, peers, folder, i, draw(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	t.Logf("%d cases, %d of them infeasible, %d solvers: %d answers agree, %d out of time, %d differ and are explained",
		cases, sum.infeasible.Load(), peerCount, sum.agreed.Load(), sum.late.Load(), sum.explained.Load())
	if most := int64(cases*peerCount) / 50; sum.late.Load()+sum.explained.Load() > most+1 {
		t.Errorf("more than one answer in fifty is late or differs")
	}
}

// Law: on cases of mixed kinds each foreign solver finds, on the full model
// park by park, the same cost to 1e-6 up to whole watts, and the same
// feasibility.
func TestPeersAgreeOnRandomCases(t *testing.T) {
	agreeOn(t, *caseCount, randomCase)
}

// mixedCase is a random case in which limits, tariffs of parks, local trade,
// curtailment and what randomCase draws come in any combination: each bit of
// the number is one of them.
func mixedCase(number int) *energy.Case {
	c := randomCase(number + 100_000)
	c.Name = fmt.Sprintf("mixed %d", number)
	r := rand.New(rand.NewPCG(22, uint64(number)))
	periods := c.Horizon.Periods
	if r.IntN(3) == 0 {
		for i := range 4 + r.IntN(8) {
			c.Parks = append(c.Parks, randomPark(r, len(c.Parks)+i, periods, false))
		}
	}
	var others []energy.Tariff
	for range 1 + r.IntN(len(c.Parks)) {
		others = append(others, randomTariff(r, periods))
	}
	for i := range c.Parks {
		p := &c.Parks[i]
		p.ImportLimit, p.ExportLimit = energy.NoLimit, energy.NoLimit
		if number&1 != 0 && r.IntN(3) > 0 {
			p.ImportLimit = energy.Watt(1000 * (20 + r.IntN(400)))
		}
		if number&1 != 0 && r.IntN(3) > 0 {
			p.ExportLimit = energy.Watt(1000 * (20 + r.IntN(400)))
		}
		if kind := r.IntN(len(others) + 1); number&2 != 0 && kind < len(others) {
			p.Tariff = &others[kind]
		}
	}
	if number&4 != 0 {
		c.LocalTrade = &energy.LocalTrade{Fee: energy.Price(r.IntN(4) * 37_000)}
	}
	c.Curtailment = number&8 != 0
	if number&48 != 0 {
		c.Import = &energy.Import{Cap: energy.NoLimit, DemandCharge: energy.Price(number >> 5 & 1 * r.IntN(4_000_000))}
	}
	if number&16 != 0 {
		c.Import.Cap = capFor(c, r)
	}
	if number&1 != 0 { // limits leave a plan only where the storage is large
		c.Storage.Power *= 4
	}
	return c
}

// capFor is a cap on the community's import that binds at times: between its
// mean and its highest deficit.
func capFor(c *energy.Case, r *rand.Rand) energy.Watt {
	_, deficit := energy.CommunitySums(c.Parks, c.Horizon.Periods)
	sum := energy.Watt(0)
	for _, d := range deficit {
		sum += d
	}
	mean := sum / energy.Watt(len(deficit))
	return mean + energy.Watt(r.Int64N(int64(slices.Max(deficit)-mean)+1))
}

// Law: the same holds for all variants in any combination.
func TestPeersAgreeOnCombinationsOfVariants(t *testing.T) {
	agreeOn(t, max(96, *caseCount), mixedCase)
}

func TestPeersAgreeOnTheReferenceCase(t *testing.T) {
	c, _, err := casefile.Load("../../cases/reference")
	if err != nil {
		t.Fatal(err)
	}
	sizes := [][2]int64{{0, 0}, {300_000, 800_000}, {400_000, 1_000_000}, {800_000, 2_000_000}, {1_000_000, 20_000_000}}
	agreeOn(t, len(sizes), func(i int) *energy.Case {
		sized := *c
		s := &sized.Storage
		s.Power, s.Maximum = energy.Watt(sizes[i][0]), energy.WattHour(sizes[i][1])
		s.Start, s.End = s.Maximum/2, s.Maximum/2
		return &sized
	})
}

// Days of each season of a measured year, scaled to few and to many parks.
func TestPeersAgreeOnMeasuredDays(t *testing.T) {
	year := readYear(t)
	const days = 4
	for _, parks := range []int{3, 30} {
		t.Run(fmt.Sprintf("%d parks", parks), func(t *testing.T) {
			agreeOn(t, days, func(i int) *energy.Case {
				return measuredCase(year, (i*len(year)/days/24+10)*24, parks, 24)
			})
		})
	}
}
