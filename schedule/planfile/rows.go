package planfile

import (
	"time"

	"github.com/sesame-energy/sesame/energy"
)

// storageRow is a row of the storage as whole watts.
type storageRow struct{ charge, discharge, fromGrid, toGrid energy.Watt }

// power reads one power, whole watts, at least 0 and bounded.
func (k *check) power(t int, name string, g *number) (energy.Watt, *Failure) {
	w, err := watts(g)
	switch {
	case err != nil:
		return 0, k.fail(t, name, "%v", err)
	case w < 0:
		return 0, k.fail(t, name, "%d W, expected 0 or more", w)
	case w > mostPower:
		return 0, k.fail(t, name, "%d W, expected at most %d W", w, int64(mostPower))
	}
	return w, nil
}

// mostPower bounds a power in a plan, so that sums over parks cannot overflow.
const mostPower = 1 << 52

func (k *check) storageRow(t int) (row storageRow, failure *Failure) {
	g := &k.g.Storage[t]
	if failure := k.time(t, "storage.time", g.Time); failure != nil {
		return row, failure
	}
	for _, figure := range []struct {
		name string
		from *number
		to   *energy.Watt
	}{
		{"charge_kw", g.Charge, &row.charge},
		{"discharge_kw", g.Discharge, &row.discharge},
		{"from_grid_kw", g.FromGrid, &row.fromGrid},
		{"to_grid_kw", g.ToGrid, &row.toGrid},
	} {
		if *figure.to, failure = k.power(t, figure.name, figure.from); failure != nil {
			return row, failure
		}
	}
	switch {
	case row.charge > k.m.Storage.Power:
		return row, k.fail(t, "storage.power_kw", "charge of %d W, expected at most %d W", row.charge, k.m.Storage.Power)
	case row.discharge > k.m.Storage.Power:
		return row, k.fail(t, "storage.power_kw", "discharge of %d W, expected at most %d W", row.discharge, k.m.Storage.Power)
	case row.charge > 0 && row.discharge > 0:
		return row, k.fail(t, "direction", "charge of %d W and discharge of %d W at once", row.charge, row.discharge)
	case !k.m.Storage.GridTrade && row.fromGrid+row.toGrid > 0:
		return row, k.fail(t, "storage.grid_trade", "%d W from and %d W to the grid, but the storage does not trade with it", row.fromGrid, row.toGrid)
	}
	return row, nil
}

func (k *check) time(t int, name string, text *string) *Failure {
	if text == nil {
		return k.fail(t, name, "missing")
	}
	found, err := time.Parse(time.RFC3339, *text)
	if err != nil || found.Unix() != k.c.Horizon.At(t) {
		return k.fail(t, name, "is %q, expected %s", *text, at(k.c, t))
	}
	return nil
}

// parkRow is a row of a park as whole watts.
type parkRow struct{ buy, sell, to, from, off, sold, bought energy.Watt }

func (k *check) parkRow(t, i int) (row parkRow, failure *Failure) {
	park, g := &k.c.Parks[i], &k.parks[i].Rows[t]
	name := "parks." + park.Name + "."
	if failure := k.time(t, name+"time", g.Time); failure != nil {
		return row, failure
	}
	for _, figure := range []struct {
		name string
		from *number
		to   *energy.Watt
	}{
		{"buy_kw", g.Buy, &row.buy},
		{"sell_kw", g.Sell, &row.sell},
		{"to_storage_kw", g.ToStorage, &row.to},
		{"from_storage_kw", g.FromStorage, &row.from},
	} {
		if *figure.to, failure = k.power(t, name+figure.name, figure.from); failure != nil {
			return row, failure
		}
	}
	if row.sold, row.bought, failure = k.tradeOf(t, name, g); failure != nil {
		return row, failure
	}
	if g.Curtailed != nil {
		if row.off, failure = k.power(t, name+"curtailed_kw", g.Curtailed); failure != nil {
			return row, failure
		}
	}
	need := park.Deficit(t) - park.Surplus(t)
	switch {
	case row.off > 0 && !k.m.Curtailment:
		return row, k.fail(t, name+"curtailed_kw", "%d W, but the case has no curtailment", row.off)
	case row.off+row.sold > park.Surplus(t):
		return row, k.fail(t, name+"to_parks_kw", "%d W, and %d W switched off, expected at most the surplus of %d W", row.sold, row.off, park.Surplus(t))
	case row.bought > park.Deficit(t):
		return row, k.fail(t, name+"from_parks_kw", "%d W, expected at most the deficit of %d W", row.bought, park.Deficit(t))
	case row.buy-row.sell+row.from+row.bought != need+row.to+row.sold+row.off:
		return row, k.fail(t, name+"balance", "buys %d W, sells %d W, to storage %d W, from storage %d W, to parks %d W, from parks %d W, but lacks %d W",
			row.buy, row.sell, row.to, row.from, row.sold, row.bought, need)
	case k.m.LimitedParks() && park.ImportLimit != energy.NoLimit && row.buy > park.ImportLimit:
		return row, k.fail(t, name+"import_limit_kw", "buys %d W, expected at most %d W", row.buy, park.ImportLimit)
	case k.m.LimitedParks() && park.ExportLimit != energy.NoLimit && row.sell > park.ExportLimit:
		return row, k.fail(t, name+"export_limit_kw", "sells %d W, expected at most %d W", row.sell, park.ExportLimit)
	}
	return row, nil
}

// tradeOf is what a row says of trade with other parks; absent is none.
func (k *check) tradeOf(t int, name string, g *givenRow) (sold, bought energy.Watt, failure *Failure) {
	for _, figure := range []struct {
		name string
		from *number
		to   *energy.Watt
	}{{"to_parks_kw", g.ToParks, &sold}, {"from_parks_kw", g.FromParks, &bought}} {
		if figure.from == nil {
			continue
		}
		if *figure.to, failure = k.power(t, name+figure.name, figure.from); failure != nil {
			return 0, 0, failure
		}
		if *figure.to > 0 && k.m.LocalTrade == nil {
			return 0, 0, k.fail(t, name+figure.name, "%d W, but the case has no local trade", *figure.to)
		}
	}
	return sold, bought, nil
}

// followsFrom checks the figures of a storage row that follow from others.
func (k *check) followsFrom(t int, stored int64) *Failure {
	g := &k.g.Storage[t]
	if stored < k.m.Minimum || stored > k.m.Maximum {
		return nil // dispatch names the limit
	}
	if g.Energy != nil || k.prove == nil {
		if err := near(g.Energy, k.m.Lattice.KilowattHours(stored)); err != nil {
			return k.fail(t, "energy_kwh", "%v", err)
		}
	}
	for _, figure := range []struct {
		name     string
		claimed  *number
		computed float64
	}{
		{"surplus_kw", g.Surplus, k.m.Surplus[t].Kilowatt()},
		{"deficit_kw", g.Deficit, k.m.Deficit[t].Kilowatt()},
		{"surplus_share", g.SurplusShare, part64(k.d.SurplusTaken[t], k.m.Surplus[t])},
		{"deficit_share", g.DeficitShare, part64(k.d.DeficitServed[t], k.m.Deficit[t])},
	} {
		if figure.claimed == nil {
			continue
		}
		if err := near(figure.claimed, figure.computed); err != nil {
			return k.fail(t, figure.name, "%v", err)
		}
	}
	return nil
}

func part64(part, whole energy.Watt) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
