package demo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/participant"
)

// gatherer reads the report out of a running network.
type gatherer struct {
	genesis  genesis.Document
	location *time.Location
	ledger   *client.Client
	members  []*client.Client // one per member, by its own node
	parks    []ownPage        // the parks' own pages
}

// gather makes the report on the given days.
func (g *gatherer) gather(ctx context.Context, numbers []uint32) (Report, error) {
	report := Report{
		ChainID: g.genesis.ChainID, Currency: g.genesis.Currency,
		Days: []Day{}, Alerts: []Alert{},
	}
	if err := g.heads(ctx, &report); err != nil {
		return Report{}, err
	}
	for _, number := range numbers {
		day, err := g.day(ctx, number)
		if err != nil {
			return Report{}, fmt.Errorf("day %d: %w", number, err)
		}
		report.Days = append(report.Days, day)
	}
	raised, err := list[alerts.Alert](ctx, g.ledger, alerts.Prefix)
	if err != nil {
		return Report{}, err
	}
	for _, alert := range raised {
		report.Alerts = append(report.Alerts, Alert{
			Time: time.Unix(alert.Time, 0).In(g.location), Rule: alert.Rule, Subject: alert.Subject, Detail: alert.Detail,
		})
	}
	return report, nil
}

// heads fills in the newest height that all answering members have reached and
// each one's app hash there.
func (g *gatherer) heads(ctx context.Context, report *Report) error {
	for i, member := range g.members {
		entry := Member{Name: g.genesis.Members[i].Name}
		if status, err := status(ctx, member); err == nil {
			entry.Height = status.Height
			if report.Height == 0 || status.Height < report.Height {
				report.Height = status.Height
			}
		}
		report.Members = append(report.Members, entry)
	}
	if report.Height == 0 {
		return errors.New("no member answers")
	}
	for i := range report.Members {
		if report.Members[i].Height == 0 {
			continue
		}
		block, err := g.members[i].Block(ctx, report.Height)
		if err != nil {
			return fmt.Errorf("%s: %w", report.Members[i].Name, err)
		}
		report.Members[i].AppHash = block.AppHash.String()
		report.LedgerTime = time.Unix(block.LedgerTime, 0).In(g.location)
	}
	return nil
}

// status asks a member's node, briefly: it may be gone.
func status(ctx context.Context, member *client.Client) (client.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return member.Status(ctx)
}

func (g *gatherer) day(ctx context.Context, number uint32) (Day, error) {
	prices, found, err := participant.Load[tariff.Tariff](ctx, g.ledger, tariff.Key(number))
	if err != nil || !found {
		return Day{}, errors.Join(err, errors.New("it has no tariff"))
	}
	day := Day{Date: prices.Date}
	plan, version, err := g.plan(ctx, number)
	if err != nil {
		return Day{}, err
	}
	day.PlanSource = plan.Source
	day.BaselineCost, day.PlanCost = g.money(plan.Baseline), g.money(plan.Cost)
	if len(plan.Certificate) > 0 { // an idle plan proves nothing
		bound, gap := g.money(plan.Bound), g.money(plan.Gap())
		day.LowerBound, day.Gap = &bound, &gap
	}
	settlement, found, err := participant.Load[trade.Settlement](ctx, g.ledger, trade.SettlementKey(number))
	if err != nil {
		return Day{}, err
	}
	if found {
		if err := g.settled(&day, settlement); err != nil {
			return Day{}, err
		}
	}
	for i := range g.parks {
		entry, err := g.park(ctx, i, number, version, prices.Date)
		if err != nil {
			return Day{}, fmt.Errorf("%s: %w", g.genesis.Parks[i].Name, err)
		}
		day.Parks = append(day.Parks, entry)
	}
	addBills(&day)
	return day, nil
}

// addBills makes the settled cost the sum of the bills as they are to be paid,
// each rounded down, where all are known. The ledger's own total is exact.
func addBills(day *Day) {
	var sum int64 // 1e-6 currency
	for _, park := range day.Parks {
		if park.BillAmount == "" {
			return
		}
		sum += int64(math.Round(park.Bill * 1e6))
	}
	due := day.SettledCost - day.Storage.SettledIncome
	day.SettledCost = float64(sum) / 1e6
	day.Storage.SettledIncome = remainder(day.SettledCost, due)
}

// remainder is what is left of cost beyond due, without the dust of the
// floating point numbers of a report: money has nine decimals at most, 1e-6
// per kWh for a watt.
func remainder(cost, due float64) float64 { return math.Round((cost-due)*1e9) / 1e9 }

// plan is the day's last plan of the whole day, and the version in force at
// its end: later ones plan the rest of the day only.
func (g *gatherer) plan(ctx context.Context, number uint32) (scheduling.Plan, uint32, error) {
	inForce, found, err := participant.Load[scheduling.InForce](ctx, g.ledger, scheduling.InForceKey(number))
	if err != nil || !found {
		return scheduling.Plan{}, 0, errors.Join(err, errors.New("it has no plan"))
	}
	for version := inForce.Version; version > 0; version-- {
		plan, found, err := participant.Load[scheduling.Plan](ctx, g.ledger, scheduling.Key(number, version))
		if err != nil {
			return scheduling.Plan{}, 0, err
		}
		if found && plan.From == 0 {
			return plan, inForce.Version, nil
		}
	}
	return scheduling.Plan{}, 0, errors.New("it has no plan of the whole day")
}

func (g *gatherer) settled(day *Day, settlement trade.Settlement) error {
	day.Settlement = settlement.Kind
	if settlement.Kind != trade.SettledShared {
		day.Settlement = settlement.Reason
	}
	var due float64
	for _, figure := range []struct {
		name    string
		encoded []byte
		bits    uint // of its unit's fraction
		target  *float64
	}{
		{"total of the bills", settlement.TotalBills, 40, &day.SettledCost},
		{"total without storage", settlement.TotalBaseline, 0, &day.SettledBaselineCost},
		{"saving", settlement.Saving, 40, &day.Saving},
		{"grid company's due", settlement.GridDue, 40, &due},
	} {
		if len(figure.encoded) == 0 {
			continue // nobody knows it in a settlement without readings
		}
		value, err := vault.DecodeValue(figure.encoded)
		if err != nil {
			return fmt.Errorf("settlement: %s: %w", figure.name, err)
		}
		*figure.target = g.exactMoney(value, figure.bits)
	}
	day.Storage.SettledIncome = remainder(day.SettledCost, due)
	day.Rho = float64(settlement.Rho) / (1 << 40)
	day.Storage.EnergyStart, day.Storage.EnergyEnd = settlement.EnergyStart.KilowattHour(), settlement.EnergyEnd.KilowattHour()
	return nil
}

// park reads a park's contract from the ledger and its own figures from its
// own node.
func (g *gatherer) park(ctx context.Context, i int, number, version uint32, date string) (Park, error) {
	entry := Park{Name: g.genesis.Parks[i].Name}
	entry.Contract = trade.ContractID(number, version, entry.Name)
	contract, found, err := participant.Load[trade.Contract](ctx, g.ledger, trade.ContractKey(entry.Contract))
	if err != nil {
		return Park{}, err
	}
	if !found {
		entry.Contract = ""
	}
	entry.State = contract.State
	own, err := g.parks[i].day(ctx, date)
	if err != nil || own.Bill == nil {
		return entry, nil // its node is gone or has no bill: nobody else knows the figures
	}
	without, isNumber := new(big.Int).SetString(own.Bill.WithoutStorage, 10)
	if !isNumber {
		return Park{}, fmt.Errorf("bill without storage %q: expected a whole number", own.Bill.WithoutStorage)
	}
	entry.BaselineCost = g.exactMoney(without, 0)
	entry.Bill = float64(own.Bill.Money) / 1e6
	entry.BillAmount, entry.BillBlinding = own.Bill.Amount, own.Bill.Blinding
	return entry, nil
}

func (g *gatherer) money(cost energy.Cost) float64 { return cost.Currency(g.genesis.Minutes) }

// exactMoney is a value in 2^-bits of a cost unit, in currency.
func (g *gatherer) exactMoney(value *big.Int, bits uint) float64 {
	unit := new(big.Int).Lsh(big.NewInt(60*1_000_000_000), bits) // per currency unit and minute
	amount := new(big.Int).Mul(value, big.NewInt(int64(g.genesis.Minutes)))
	money, _ := new(big.Rat).SetFrac(amount, unit).Float64()
	return money
}

// list gives all records of type T under a prefix.
func list[T any](ctx context.Context, ledger *client.Client, prefix string) ([]T, error) {
	records, err := ledger.List(ctx, prefix, 0)
	if err != nil {
		return nil, fmt.Errorf("ledger: %s: %w", prefix, err)
	}
	values := make([]T, 0, len(records))
	for _, found := range records {
		value, err := record.Decode[T](found.Value)
		if err != nil {
			return nil, fmt.Errorf("ledger: %s: %w", found.Key, err)
		}
		values = append(values, value)
	}
	return values, nil
}
