package park

import (
	"context"
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/participant"
)

// Plan is the park's part of a day's plan, computed at home from the public
// plan (docs/planning.md). All lists have one entry per period, W.
type Plan struct {
	Version   uint32        `json:"version"` // of the public plan
	Source    string        `json:"source"`
	Forecast  series        `json:"forecast"`    // what it rests on
	Charge    []energy.Watt `json:"charge_w"`    // from the park into the storage
	Discharge []energy.Watt `json:"discharge_w"` // from the storage to the park
	Purchase  []energy.Watt `json:"purchase_w"`  // from the grid
	Sale      []energy.Watt `json:"sale_w"`      // to the grid
	Lines     []trade.Line  `json:"-"`           // of its contract
}

// planAtHome computes the part of a park with a forecast.
func planAtHome(park string, plan scheduling.Plan, day tariff.Tariff, forecast series) Plan {
	surplus, deficit := forecast.surplus(), forecast.deficit()
	own := Plan{Version: plan.Version, Source: plan.Source, Forecast: forecast}
	own.Charge, own.Discharge = trade.Home(park, surplus, deficit, plan)
	own.Lines = trade.ParkLines(park, surplus, deficit, plan, day)
	for _, line := range own.Lines {
		own.Purchase, own.Sale = append(own.Purchase, line.Purchase), append(own.Sale, line.Sale)
	}
	return own
}

// planOf reads the plan in force of a day, proven, and computes the park's
// part. found is false while there is no plan.
func (n *Node) planOf(ctx context.Context, day tariff.Tariff) (own Plan, found bool, err error) {
	inForce, found, err := participant.Load[scheduling.InForce](ctx, n.ledger, scheduling.InForceKey(day.Day))
	if err != nil || !found {
		return Plan{}, false, err
	}
	plan, found, err := participant.Load[scheduling.Plan](ctx, n.ledger, scheduling.Key(day.Day, inForce.Version))
	if err != nil {
		return Plan{}, false, err
	}
	for _, list := range [][]energy.Watt{plan.Charge, plan.Discharge, plan.SurplusTaken, plan.DeficitServed, plan.Surplus, plan.Deficit} {
		found = found && len(list) == len(day.Starts)
	}
	if !found {
		return Plan{}, false, fmt.Errorf("plan %d of %s: expected a plan of %d periods", inForce.Version, day.Date, len(day.Starts))
	}
	forecast, err := n.expected(ctx, day)
	if err != nil {
		return Plan{}, false, err
	}
	return planAtHome(n.name, plan, day, forecast), true, nil
}

// expected is what the park expects of a day: the forecast that it has sealed,
// else the newest one, else nothing.
func (n *Node) expected(ctx context.Context, day tariff.Tariff) (series, error) {
	arrived, found, err := participant.Load[contract.Sealed](ctx, n.ledger, contract.SealedKey(contract.Forecast, day.Day, n.name))
	if err != nil {
		return series{}, err
	}
	if found {
		sealed, kept, err := n.records.sealed(contract.Forecast, day.Day, arrived.Version)
		if err != nil {
			return series{}, err
		}
		if kept {
			return series{Load: watts(sealed.Values[0]), PV: watts(sealed.Values[1]), Wind: watts(sealed.Values[2])}, nil
		}
		n.logger.Error("the sealed forecast is not in this home folder", "date", day.Date, "version", arrived.Version)
	}
	forecast, found, err := n.records.forecast(day.Date)
	if err != nil {
		return series{}, err
	}
	if found && len(forecast.Load) == len(day.Starts) {
		return series{forecast.Load, forecast.PV, forecast.Wind}, nil
	}
	zero := make([]energy.Watt, len(day.Starts))
	return series{zero, zero, zero}, nil
}

func watts(values []uint64) []energy.Watt {
	power := make([]energy.Watt, len(values))
	for t, value := range values {
		power[t] = energy.Watt(value)
	}
	return power
}
