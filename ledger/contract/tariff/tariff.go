package tariff

import (
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
)

// lookback is how many days back a search for an earlier day goes.
const lookback = 31

const raisedBy = "contract/tariff"

// Load loads the tariff of a day.
func Load(state record.State, day uint32) (Tariff, bool) {
	return record.Load[Tariff](state, Key(day))
}

// Horizon is the run of periods of the tariff's day.
func Horizon(t Tariff) energy.Horizon {
	return energy.Horizon{
		Start: t.Starts[0], Minutes: int((t.End - t.Starts[len(t.Starts)-1]) / 60), Periods: len(t.Starts),
	}
}

// EarlierOfKind lists the days of a kind before a day, the newest first, at
// most a month back.
func EarlierOfKind(state record.State, kind string, before uint32) []uint32 {
	var days []uint32
	for _, tariff := range earlier(state, before) {
		if tariff.Kind == kind {
			days = append(days, tariff.Day)
		}
	}
	return days
}

// Earlier loads the newest tariff before a day, at most a month back.
func Earlier(state record.State, before uint32) (Tariff, bool) {
	for day := before; day > 0 && before-day < lookback; day-- {
		if tariff, found := Load(state, day-1); found {
			return tariff, true
		}
	}
	return Tariff{}, false
}

// Unfinished lists the days that have a tariff and have not ended, in order.
func Unfinished(state record.State, now int64) []Tariff {
	last, found := record.Load[uint32](state, lastKey)
	if !found {
		return nil
	}
	var tariffs []Tariff
	for _, tariff := range earlier(state, last+1) {
		if tariff.End > now {
			tariffs = append([]Tariff{tariff}, tariffs...)
		}
	}
	return tariffs
}

func earlier(state record.State, before uint32) []Tariff {
	var tariffs []Tariff
	for day := before; day > 0 && before-day < lookback; day-- {
		if tariff, found := Load(state, day-1); found {
			tariffs = append(tariffs, tariff)
		}
	}
	return tariffs
}

// Due raises an alert when the day's tariff is not there in time.
func Due(ctx contract.Context, day uint32) {
	if _, found := Load(ctx.State, day); !found {
		alerts.Post(ctx, raisedBy, alerts.TariffMissing, Date(day),
			"the grid company has not published the tariff; without it the day has no storage")
	}
}

// wakeAll makes the moments of a new day known to the ledger's clock.
func wakeAll(ctx contract.Context, t Tariff) {
	terms := committee.LoadParameters(ctx.State)
	readings := t.End + terms.ReadingLag
	moments := []contract.Moment{
		{Time: t.Starts[0] - terms.DailyLead, Kind: contract.MomentGate, Day: t.Day},
		{Time: t.End, Kind: contract.MomentDayEnd, Day: t.Day},
		{Time: t.End - terms.TariffLead, Kind: contract.MomentTariffDue, Day: t.Day + 1},
		{Time: readings, Kind: contract.MomentReadings, Day: t.Day},
		{Time: readings + terms.BillTerm, Kind: contract.MomentBillTerm, Day: t.Day},
	}
	for period, start := range t.Starts {
		moments = append(moments, contract.Moment{Time: start, Kind: contract.MomentPeriod, Day: t.Day, Period: period})
	}
	for _, moment := range moments {
		contract.Wake(ctx.State, moment)
	}
}
