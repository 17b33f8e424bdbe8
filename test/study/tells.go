package main

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/sesame-energy/sesame/energy"
)

// tally counts values that a learner did not know, and those it learns.
type tally struct {
	values, exact float64 // values that are not zero
	zeros, sure   float64 // values that are
}

func (t tally) share() string  { return percent(t.exact, t.values) }
func (t tally) nought() string { return percent(t.sure, t.zeros) }

func percent(part, whole float64) string {
	if whole == 0 {
		return "none"
	}
	share := 100 * part / whole
	if share > 0 && share < 10 {
		return fmt.Sprintf("%.1f%%", share)
	}
	return fmt.Sprintf("%.0f%%", share)
}

// observe counts what the sum of an hour tells a learner about the parks that
// are not its own.
func (t *tally) observe(side [][]energy.Watt, hour int, own func(park int) bool) {
	others, nonzero := 0, 0
	for park := range side {
		if own(park) {
			continue
		}
		others++
		if side[park][hour] > 0 {
			nonzero++
		}
	}
	t.values += float64(nonzero)
	t.zeros += float64(others - nonzero)
	switch nonzero {
	case 0:
		t.sure += float64(others)
	case 1:
		t.exact++
	}
}

// observePadded counts what both padded sums of an hour tell. Their difference
// is exact, because a park raises both sides by the same; so is the padding of
// all where nobody unknown is on one side. That gives a value away only where
// the learner lacks a single one on both sides together, and no zero is certain.
func (t *tally) observePadded(c community, hour int, own func(park int) bool) {
	both, nonzero := 0, 0
	for park := range c.surplus {
		if own(park) {
			continue
		}
		both += 2
		for _, value := range []energy.Watt{c.surplus[park][hour], c.deficit[park][hour]} {
			if value > 0 {
				nonzero++
			}
		}
	}
	t.values += float64(nonzero)
	t.zeros += float64(both - nonzero)
	if nonzero == 1 {
		t.exact++
	}
}

// learners are who looks at the sums, and what each knows beforehand.
type learners struct{ outsider, park, two tally }

// each lets all learners look: the outsider, each park, each pair of parks that
// tell each other.
func (l *learners) each(parks int, look func(t *tally, own func(park int) bool)) {
	look(&l.outsider, func(int) bool { return false })
	for i := range parks {
		look(&l.park, func(park int) bool { return park == i })
		for j := range i {
			look(&l.two, func(park int) bool { return park == i || park == j })
		}
	}
}

func (l *learners) observe(side [][]energy.Watt, hour int) {
	l.each(len(side), func(t *tally, own func(int) bool) { t.observe(side, hour, own) })
}

func (l *learners) observePadded(c community, hour int) {
	l.each(len(c.surplus), func(t *tally, own func(int) bool) { t.observePadded(c, hour, own) })
}

// tellings writes the table of what sums tell: of forecasts, all of which are
// opened, and of readings, which settlement opens only on the side and in the
// periods in which the storage was active. A member of the committee has shares
// too, but fewer than the threshold of them say nothing.
func tellings(out io.Writer, p profiles, c *energy.Case, o options) error {
	fmt.Fprint(out, "| parks | outsider | a park, or a member that owns one | two parks together | zeros: outsider, park | padded: outsider, park, two | readings: outsider, park, two |\n",
		"| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, parks := range sizes {
		random := rand.New(rand.NewPCG(seed, uint64(parks)))
		var forecast, hidden, reading learners
		for range max(3*o.communities/parks, 1) {
			drawn := draw(p, parks, o.generation, random)
			plans, err := plan(drawn, c)
			if err != nil {
				return err
			}
			for t := range hours {
				forecast.observe(drawn.surplus, t)
				forecast.observe(drawn.deficit, t)
				hidden.observePadded(drawn, t)
				if plans.charge[t] > 0 {
					reading.observe(drawn.surplus, t)
				}
				if plans.discharge[t] > 0 {
					reading.observe(drawn.deficit, t)
				}
			}
		}
		fmt.Fprintf(out, "| %d | %s | %s | %s | %s, %s | %s, %s, %s | %s, %s, %s |\n", parks,
			forecast.outsider.share(), forecast.park.share(), forecast.two.share(),
			forecast.outsider.nought(), forecast.park.nought(),
			hidden.outsider.share(), hidden.park.share(), hidden.two.share(),
			reading.outsider.share(), reading.park.share(), reading.two.share())
	}
	_, err := fmt.Fprintln(out)
	return err
}
