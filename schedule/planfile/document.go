package planfile

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Document is the object that `sesame plan --json` prints. Numbers are exact
// decimals where they are exact: powers in kW, money in currency.
type Document struct {
	Case         string       `json:"case"`
	Currency     string       `json:"currency"`
	Periods      int          `json:"periods"`
	Baseline     number       `json:"baseline_cost"`
	Cost         number       `json:"cost"`
	Saving       number       `json:"saving"`
	LowerBound   number       `json:"lower_bound"`
	Peak         number       `json:"peak_import_kw,omitempty"` // where the import is capped or its peak charged
	PeakBefore   number       `json:"baseline_peak_import_kw,omitempty"`
	DemandCost   number       `json:"demand_cost,omitempty"` // part of the cost
	Gap          number       `json:"gap"`
	Status       string       `json:"status"`
	Solver       string       `json:"solver"`
	SolveSeconds float64      `json:"solve_seconds"`
	Certificate  []byte       `json:"certificate,omitempty"`
	StorageAlone number       `json:"storage_alone_cost,omitempty"` // with Shapley values: what the storage costs without any park
	Months       []Month      `json:"months,omitempty"`             // where the horizon has more than one
	Storage      []StorageRow `json:"storage"`
	Parks        []Park       `json:"parks"`
}

// StorageRow is what the storage does in one period.
type StorageRow struct {
	Time         string `json:"time"` // start of the period, RFC 3339
	Charge       number `json:"charge_kw"`
	Discharge    number `json:"discharge_kw"`
	FromGrid     number `json:"from_grid_kw"`
	ToGrid       number `json:"to_grid_kw"`
	Energy       number `json:"energy_kwh"` // stored at the end of the period
	Surplus      number `json:"surplus_kw"` // of all parks
	Deficit      number `json:"deficit_kw"`
	SurplusShare number `json:"surplus_share"` // part of the surplus that is taken
	DeficitShare number `json:"deficit_share"` // part of the deficit that is served
}

// Park is what one park pays and exchanges.
type Park struct {
	Name         string    `json:"name"`
	Baseline     number    `json:"baseline_cost"`           // without storage
	Cost         number    `json:"cost"`                    // with the grid, and the storage's fee
	Bill         number    `json:"bill"`                    // by the sharing rule, if readings equal the forecast
	Shapley      number    `json:"shapley,omitempty"`       // Shapley value, where it was asked for
	ShapleyError number    `json:"shapley_error,omitempty"` // half its 95% interval, where it was drawn
	Rows         []ParkRow `json:"rows"`
}

// ParkRow is what one park exchanges in one period.
type ParkRow struct {
	Time        string `json:"time"`
	Buy         number `json:"buy_kw"`
	Sell        number `json:"sell_kw"`
	ToStorage   number `json:"to_storage_kw"`
	FromStorage number `json:"from_storage_kw"`
	Curtailed   number `json:"curtailed_kw,omitempty"` // where the case has curtailment
	ToParks     number `json:"to_parks_kw,omitempty"`  // where the case has local trade
	FromParks   number `json:"from_parks_kw,omitempty"`
}

// Infeasible is the object for a case without solution.
type Infeasible struct {
	Case   string `json:"case"`
	Status string `json:"status"` // infeasible
	Reason string `json:"reason"`
	Period int    `json:"period"` // 1-based
	Limit  string `json:"limit"`
}

// number is a JSON number in its text form.
type number = json.Number

// kilowatts writes whole watts as kW.
func kilowatts(w energy.Watt) number { return thousandths(int64(w)) }

func thousandths(v int64) number { return decimal(big.NewInt(v), 3) }

// money writes a cost exactly: a period of 15 minutes makes its unit
// 2.5e-10 currency.
func money(c energy.Cost, minutes int) number {
	units := big.NewInt(int64(c))
	return decimal(units.Mul(units, big.NewInt(int64(minutes/15)*25)), 11)
}

// decimal writes units of 10^-places without needless zeros.
func decimal(units *big.Int, places int) number {
	text := units.String()
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	if len(text) <= places {
		text = strings.Repeat("0", places+1-len(text)) + text
	}
	whole, part := text[:len(text)-places], strings.TrimRight(text[len(text)-places:], "0")
	if part != "" {
		part = "." + part
	}
	return number(sign + whole + part)
}

// real writes a figure that is not exact in decimals.
func real(v float64) number { return number(strconv.FormatFloat(v, 'f', -1, 64)) }

// at is the start of period t as RFC 3339 in the case's zone.
func at(c *energy.Case, t int) string {
	return time.Unix(c.Horizon.At(t), 0).In(c.Location).Format(time.RFC3339)
}

// InfeasibleDocument is the object for a case without solution. Where limits of
// parks are the reason it names the parks.
func InfeasibleDocument(c *energy.Case, found *model.Infeasible) Infeasible {
	t := found.Period
	limit := found.Limit
	if names := forcing(c, t, limit); len(names) > 0 {
		limit += " of " + strings.Join(names, ", ")
	}
	return Infeasible{
		Case: c.Name, Status: "infeasible", Period: t + 1, Limit: found.Limit,
		Reason: fmt.Sprintf("period %d (%s): %s: %s", t+1, at(c, t), limit, found.Reason),
	}
}

// forcing names the parks whose limit forces something in period t.
func forcing(c *energy.Case, t int, limit string) []string {
	var names []string
	for i := range c.Parks {
		p := &c.Parks[i]
		exports := limit == "parks.export_limit_kw" && p.ExportLimit != energy.NoLimit && p.Surplus(t) > p.ExportLimit
		imports := limit == "parks.import_limit_kw" && p.ImportLimit != energy.NoLimit && p.Deficit(t) > p.ImportLimit
		if exports || imports {
			names = append(names, p.Name)
		}
	}
	return names
}
