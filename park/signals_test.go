package park

import (
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
)

// planned is a node with the plans of two days of three hours, the second one
// beginning an hour after the first has ended.
func planned() *Node {
	n := &Node{location: time.UTC, plans: map[uint32]plannedDay{}, planned: make(chan struct{})}
	for number, start := range []int64{hours.Start, hours.Start + 4*3600} {
		day := tariff.Tariff{Day: uint32(number), Starts: []int64{start, start + 3600, start + 7200}, End: start + 10_800}
		n.setPlan(day, Plan{Version: uint32(number + 1), Purchase: []energy.Watt{10, 20, 30}, Sale: []energy.Watt{0, 5, 0}})
	}
	return n
}

func TestSignalIsThatOfThePresentPeriod(t *testing.T) {
	n := planned()
	for _, test := range []struct {
		name           string
		second         int64 // after the first day's start
		purchase, sale energy.Watt
		plan           uint32
		next           int64 // 0: none
	}{
		{"before the day", -1, 0, 0, 0, 0},
		{"first second", 0, 10, 0, 1, 3600},
		{"second period", 3600 + 1800, 20, 5, 1, 7200},
		{"last period", 10_799, 30, 0, 1, 10_800},
		{"between the days", 10_800, 0, 0, 0, 14_400},
		{"second day", 14_400, 10, 0, 2, 18_000},
		{"after all", 8 * 3600, 0, 0, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			purchase, sale, next := n.current(time.Unix(hours.Start+test.second, 0))
			if purchase.Power != test.purchase || sale.Power != test.sale || purchase.Plan != test.plan {
				t.Errorf("purchase %+v, sale %+v", purchase, sale)
			}
			if want := time.Unix(hours.Start+test.next, 0); test.name != "before the day" && (next.IsZero() != (test.next == 0) || test.next != 0 && !next.Equal(want)) {
				t.Errorf("next at %v, expected %v", next, want)
			}
		})
	}
	if _, _, next := n.current(time.Unix(hours.Start-1, 0)); !next.Equal(time.Unix(hours.Start, 0)) {
		t.Errorf("before the day the next moment is %v", next)
	}
}

func TestOnlyAnotherPlanIsNews(t *testing.T) {
	n := planned()
	day := n.plans[0]
	woken := n.planned
	if n.setPlan(day.tariff, day.own) {
		t.Error("the same plan was taken for a new one")
	}
	select {
	case <-woken:
		t.Error("the devices' signals were woken for nothing")
	default:
	}
	other := day.own
	other.Version = 7
	if !n.setPlan(day.tariff, other) {
		t.Error("a new version was overlooked")
	}
	<-woken
}
