package schedule

import (
	"slices"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/certificate"
	"github.com/sesame-energy/sesame/schedule/model"
)

// solveCharged is solve with a demand charge of d for a watt of the highest
// import. With C(b) the least cost of energy under a cap of b on the import, it
// looks for the b of least C(b) + d b, and proves it from the top down: under a
// cap of b no plan with a highest import of more than a costs less than
// C(b) + d a, which closes all imports from b down to the a where that is the
// cost of the best plan, less what the gap may be. Then it goes on below.
func solveCharged(p Problem, spare sparing) (*Plan, error) {
	m, err := model.New(p)
	if err != nil {
		return nil, err
	}
	s := peaks{m: m, spare: spare, price: m.PeakPrice(), known: map[energy.Watt]capCost{}}
	if found := s.at(m.MostPeak()); found.err != nil {
		if p.Import.Cap == energy.NoLimit { // which is then not what fails
			p.Import = nil
			return solve(p, spare)
		}
		return nil, found.err
	}
	s.search(m.MostPeak())
	slack, again := s.price+m.Tolerance()/4+energy.Cost(spare.gap), 0
	for {
		before := s.cost()
		stopped := s.prove(slack)
		switch {
		case stopped < 0:
			return s.result(), nil
		case s.cost() < before && again < mostSearches:
			s.descend(stopped)
			again++
		default:
			slack *= 2
		}
	}
}

// mostBytes bounds the certificates of all stretches; the checker takes 64 MiB.
const mostBytes = 60 << 20

// mostSearches bounds how often a better peak is looked for while proving.
const mostSearches = 16

// peaks is the search for the best highest import.
type peaks struct {
	m     *model.Model
	spare sparing
	price energy.Cost // of a watt
	known map[energy.Watt]capCost

	best      *Plan // its cost is without that of its peak
	stretches []certificate.Stretch
	above     *Plan // that of the last stretch
	bound     energy.Cost
}

// capCost is what a cap costs, with the peak of its plan, or why it has none.
type capCost struct {
	cost energy.Cost
	err  error
}

// cost is that of the best plan, with its peak.
func (s *peaks) cost() energy.Cost { return s.best.Cost + s.m.PeakCost(s.best.Peak) }

// at is what a cap costs.
func (s *peaks) at(limit energy.Watt) capCost {
	found, seen := s.known[limit]
	if !seen {
		_, found = s.under(limit)
	}
	return found
}

// under plans under a cap.
func (s *peaks) under(limit energy.Watt) (*Plan, capCost) {
	plan, err := solve(s.m.Problem.Capped(limit), s.spare)
	found := capCost{err: err}
	if err == nil {
		plan.Peak = s.m.Capped(limit).Peak(plan.Dispatch)
		found.cost = plan.Cost + s.m.PeakCost(plan.Peak)
		if s.best == nil || found.cost < s.cost() {
			s.best = plan
		}
	}
	s.known[limit] = found
	return plan, found
}

// search looks for a good plan with a highest import of at most so much: on a
// grid of caps from the lowest that a plan keeps, and then by golden section
// about the best of them, as if the cost were convex in the cap there.
func (s *peaks) search(most energy.Watt) {
	lowest := s.lowest(most)
	const grid = 16
	best, step := lowest, (most-lowest)/grid+1
	least := energy.Cost(1 << 62)
	for limit := lowest; limit <= most; limit += step {
		if found := s.at(limit); found.err == nil && found.cost < least {
			best, least = limit, found.cost
		}
	}
	s.narrow(max(lowest, best-step), min(most, best+step))
}

// descend looks for a better plan below a cap, in growing steps as long as the
// cost falls.
func (s *peaks) descend(from energy.Watt) {
	last, high := s.cost(), from
	for step := energy.Watt(1); from > 0; step *= 2 {
		next := max(0, from-step)
		found := s.at(next)
		if found.err != nil || found.cost >= last {
			s.narrow(next, high)
			return
		}
		last, high, from = found.cost, from, next
	}
}

// lowest is the lowest cap that a plan keeps, if those below one that none
// keeps are not kept either.
func (s *peaks) lowest(kept energy.Watt) energy.Watt {
	low := energy.Watt(0)
	for low < kept {
		middle := low + (kept-low)/2
		if s.at(middle).err != nil {
			low = middle + 1
		} else {
			kept = middle
		}
	}
	return kept
}

func (s *peaks) narrow(low, high energy.Watt) {
	const golden = 618 // of 1000
	for high-low > 3 {
		right := low + (high-low)*golden/1000
		left := min(high-(right-low), right-1)
		below, above := s.at(left), s.at(right)
		if below.err != nil || above.err == nil && below.cost > above.cost {
			low = left + 1
		} else {
			high = right - 1
		}
	}
	for limit := low; limit <= high; limit++ {
		s.at(limit)
	}
}

// prove covers all imports with stretches that leave so much gap. It gives -1,
// or where it stopped, because that takes too many, or because a plan much
// better than the best was found there.
func (s *peaks) prove(slack energy.Cost) energy.Watt {
	s.stretches, s.bound = s.stretches[:0], 1<<62
	most, before, failed, bytes := mostStretches(s.m.Periods()), s.cost(), 0, 0
	for top := s.m.MostPeak(); top >= 0; {
		plan, found := s.under(top)
		if found.err != nil {
			top -= s.pass(top, failed)
			failed++
			continue
		}
		if bytes += len(plan.Certificate); len(s.stretches) == most || bytes > mostBytes || s.cost() < before-slack/4 {
			return top
		}
		bottom := energy.Watt(0)
		if missing := s.cost() - slack - plan.Bound; missing > 0 {
			bottom = min(top, energy.Watt((missing+s.price-1)/s.price)+1)
		}
		s.bound = min(s.bound, plan.Bound+s.m.PeakCost(certificate.Above(bottom)))
		s.stretches = append(s.stretches, certificate.Stretch{Watts: top - bottom + 1, Certificate: plan.Certificate})
		s.above, top = plan, bottom-1
	}
	return -1
}

// pass covers imports from a cap down that no plan was found for, and gives how
// many. Where that is proven they are all those below; else some watts, for
// which no plan in whole watts was found, go to the stretch above.
func (s *peaks) pass(top energy.Watt, failed int) energy.Watt {
	if certificate.Impossible(s.m.Capped(top)) {
		s.stretches = append(s.stretches, certificate.Stretch{Watts: top + 1})
		return top + 1
	}
	const few = 16
	watts := min(top+1, 1<<max(0, min(failed-few, 40)))
	last := &s.stretches[len(s.stretches)-1]
	last.Watts += watts
	s.bound = min(s.bound, s.above.Bound+s.m.PeakCost(certificate.Above(top+1-watts)))
	return watts
}

// mostStretches bounds the stretches of a certificate, and with them the work,
// more where the horizon is short.
func mostStretches(periods int) int { return min(max(1<<19/periods, 64), 1<<10) }

// result is the best plan with the certificate of all.
func (s *peaks) result() *Plan {
	plan := *s.best
	_, baseline := s.m.BaselinePeak()
	plan.Baseline += s.m.PeakCost(baseline)
	plan.Cost += s.m.PeakCost(plan.Peak)
	plan.Bound = s.bound
	plan.Status = Optimal
	if plan.Gap() > s.m.Tolerance() {
		plan.Status = Gapped
	}
	plan.Certificate = certificate.EncodePeaks(slices.Clone(s.stretches))
	return &plan
}
