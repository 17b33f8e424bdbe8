package planfile

import (
	"math/big"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
	"github.com/sesame-energy/sesame/schedule/sharing"
)

// Outcome is what a solver says of a problem.
type Outcome struct {
	Dispatch    model.Dispatch
	Cost, Bound energy.Cost
	Status      string
	Certificate []byte
	Peak        energy.Watt // highest import, where it is charged
	Solver      string
	Seconds     float64
}

// Statement is the whole plan of a case, for its problem p.
func Statement(c *energy.Case, p model.Problem, o Outcome) (*Document, error) {
	m, err := model.New(p)
	if err != nil {
		return nil, err
	}
	minutes := p.Minutes
	baseline := m.Baseline()
	doc := &Document{
		Case: c.Name, Currency: c.Currency, Periods: p.Periods(),
		Baseline: money(baseline, minutes), Cost: money(o.Cost, minutes), Saving: money(baseline-o.Cost, minutes),
		LowerBound: money(o.Bound, minutes), Gap: money(o.Cost-o.Bound, minutes),
		Status: o.Status, Solver: o.Solver, SolveSeconds: o.Seconds, Certificate: o.Certificate,
	}
	below := m // parks share their surplus out below the plan's peak
	if m.Charged() {
		below = m.Capped(o.Peak)
	}
	f := share(c.Parks, below, o.Dispatch)
	doc.Storage, doc.Months = storageRows(c, m, o.Dispatch, f), months(c, m, below, o.Dispatch)
	if m.Import != nil {
		doc.peaks(m, f)
	}
	bills, err := billsOf(c, m, o.Dispatch, o.Cost)
	if err != nil {
		return nil, err
	}
	for i := range c.Parks {
		doc.Parks = append(doc.Parks, statementOf(c, m, i, f, bills))
	}
	return doc, nil
}

// Allocate puts the parks' Shapley values beside their bills; deviations is
// nil where they are exact, alone what the storage costs without any park.
func (d *Document) Allocate(values, deviations []energy.Cost, alone energy.Cost, minutes int) {
	d.StorageAlone = money(alone, minutes)
	for i := range d.Parks {
		d.Parks[i].Shapley = money(values[i], minutes)
		if deviations != nil {
			d.Parks[i].ShapleyError = money(deviations[i], minutes)
		}
	}
}

func storageRows(c *energy.Case, m *model.Model, d model.Dispatch, f flows) []StorageRow {
	rows := make([]StorageRow, m.Periods())
	stored := m.Start
	for t := range rows {
		stored = m.After(stored, t, d)
		rows[t] = StorageRow{
			Time: at(c, t), Charge: kilowatts(d.Charge[t]), Discharge: kilowatts(d.Discharge[t]),
			FromGrid: kilowatts(f.fromGrid[t]), ToGrid: kilowatts(f.toGrid[t]), Energy: real(m.Lattice.KilowattHours(stored)),
			Surplus: kilowatts(m.Surplus[t]), Deficit: kilowatts(m.Deficit[t]),
			SurplusShare: fraction(d.SurplusTaken[t], m.Surplus[t]), DeficitShare: fraction(d.DeficitServed[t], m.Deficit[t]),
		}
	}
	return rows
}

func fraction(part, whole energy.Watt) number {
	if whole == 0 {
		return "0"
	}
	return real(float64(part) / float64(whole))
}

func statementOf(c *energy.Case, m *model.Model, i int, f flows, bills []energy.Money) Park {
	park, prices, worth := &c.Parks[i], pricesOf(c, &m.Problem, i), worthOf(c, &m.Problem, i)
	without, cost := demandOf(park, m), new(big.Int)
	rows := make([]ParkRow, m.Periods())
	for t := range rows {
		buy, sell, to, from := f.buy[i][t], f.sell[i][t], f.to[i][t], f.from[i][t]
		rows[t] = ParkRow{Time: at(c, t), Buy: kilowatts(buy), Sell: kilowatts(sell), ToStorage: kilowatts(to), FromStorage: kilowatts(from)}
		if m.LocalTrade != nil {
			rows[t].ToParks, rows[t].FromParks = kilowatts(f.sold[i][t]), kilowatts(f.bought[i][t])
			add(cost, m.LocalTrade.Fee, f.bought[i][t], 0, 0)
		}
		if m.Curtailment {
			rows[t].Curtailed = kilowatts(f.off[i][t])
		}
		add(without, prices.Buy[t], park.Deficit(t), -worth.Sell[t], counted(park, m, t))
		add(cost, prices.Buy[t], buy, -prices.Sell[t], sell)
		add(cost, m.Storage.Fee, to, m.Storage.Fee, from)
	}
	return Park{
		Name: park.Name, Baseline: exact(without, m.Minutes), Cost: exact(cost, m.Minutes),
		Bill: decimal(big.NewInt(int64(bills[i])), 6), Rows: rows,
	}
}

// add adds two products of price and power to a sum in energy.Cost units.
func add(sum *big.Int, price energy.Price, power energy.Watt, other energy.Price, otherPower energy.Watt) {
	if power != 0 {
		sum.Add(sum, new(big.Int).Mul(big.NewInt(int64(price)), big.NewInt(int64(power))))
	}
	if otherPower != 0 {
		sum.Add(sum, new(big.Int).Mul(big.NewInt(int64(other)), big.NewInt(int64(otherPower))))
	}
}

// exact writes a sum in energy.Cost units as currency.
func exact(sum *big.Int, minutes int) number {
	return decimal(new(big.Int).Mul(sum, big.NewInt(int64(minutes/15)*25)), 11)
}

// TermsOf is the sharing rule of a case.
func TermsOf(c *energy.Case) sharing.Terms {
	return sharing.Terms{
		Minutes: c.Horizon.Minutes, Buy: c.Tariff.Buy, Sell: c.Tariff.Sell, Fee: c.Storage.Fee,
		GridTrade: c.Storage.GridTrade, EndRule: c.Storage.EndRule, Sharing: c.Sharing,
	}
}

// billsOf is what the sharing rule asks of each park if readings equal the
// forecast and the storage does as planned. With local trade the saving that is
// shared is that of storage and trade together, against neither; with tariffs of
// parks each profile counts at its own prices. With a demand charge each park's
// part of it without storage is part of what it paid and of its use.
func billsOf(c *energy.Case, m *model.Model, d model.Dispatch, cost energy.Cost) ([]energy.Money, error) {
	terms, periods := TermsOf(c), m.Periods()
	own := make([]sharing.Terms, len(c.Parks))
	surplus, deficit := make([][]energy.Watt, len(c.Parks)), make([][]energy.Watt, len(c.Parks))
	sumU, sumB := new(big.Int), new(big.Int)
	for i := range c.Parks {
		surplus[i], deficit[i] = make([]energy.Watt, periods), make([]energy.Watt, periods)
		for t := range periods {
			surplus[i][t], deficit[i][t] = counted(&c.Parks[i], m, t), c.Parks[i].Deficit(t)
		}
		prices := worthOf(c, &m.Problem, i)
		own[i] = terms
		own[i].Buy, own[i].Sell = prices.Buy, prices.Sell
		sumU.Add(sumU, own[i].Use(surplus[i], deficit[i]))
		sumB.Add(sumB, own[i].WithoutStorage(surplus[i], deficit[i]))
		demand := demandOf(&c.Parks[i], m)
		sumU.Add(sumU, demand)
		sumB.Add(sumB, demand)
	}
	end := m.Start
	for t := range periods {
		end = m.After(end, t, d)
	}
	stored := sharing.Stored{Start: m.Start, End: end, Target: m.Target, PerWattHour: m.Lattice.PerWattHour}
	settled, err := terms.Settle(sharing.Metered{
		Charge: d.Charge, Discharge: d.Discharge, Surplus: m.Surplus, Deficit: m.Deficit, Stored: stored,
	}, sumU, sumB)
	if err != nil {
		return nil, err
	}
	rho := settled.Rho
	if m.LocalTrade != nil || m.Classes != nil || m.Curtailment || m.Import != nil {
		rho = terms.RhoOf(new(big.Int).Sub(sumB, big.NewInt(int64(cost))), stored, sumU)
	}
	bills := make([]energy.Money, len(c.Parks))
	for i := range c.Parks {
		bill := own[i].Bill(rho, surplus[i], deficit[i])
		demand := demandOf(&c.Parks[i], m) // both what it pays without storage and its use
		bills[i] = terms.Floor(bill.Add(bill, demand.Mul(demand, big.NewInt(sharing.RhoOne-rho))))
	}
	return bills, nil
}
