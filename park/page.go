package park

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/participant"
)

// Status is what GET /v1/status answers.
type Status struct {
	Park       string    `json:"park"`
	LedgerTime time.Time `json:"ledger_time"`
	Broker     string    `json:"broker"` // where meters can publish, "" for another's broker
}

// Day is what GET /v1/day/{date} answers: all that the park knows of a local
// day, for its owner only. Lists have one entry per period; what is not known
// yet is absent.
type Day struct {
	Park     string         `json:"park"`
	Date     string         `json:"date"`
	Starts   []int64        `json:"starts"` // Unix seconds
	End      int64          `json:"end"`
	Buy      []energy.Price `json:"buy_1e6"`
	Sell     []energy.Price `json:"sell_1e6"`
	Forecast *series        `json:"forecast,omitempty"`
	Readings *series        `json:"readings,omitempty"` // period means so far
	Gap      string         `json:"gap,omitempty"`      // the first reading that is missing
	Plan     *Plan          `json:"plan,omitempty"`
	Contract *Agreement     `json:"contract,omitempty"`
	Bill     *Bill          `json:"bill,omitempty"`
}

// Agreement is the park's contract under the plan in force.
type Agreement struct {
	ID        string       `json:"id"`
	State     string       `json:"state"`
	Confirmed []string     `json:"confirmed"`
	Lines     []trade.Line `json:"lines"` // as the park computed them
	Total     energy.Cost  `json:"total"` // of the lines, energy.Cost units
}

// page is the owner's page.
func (n *Node) page() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(writer http.ResponseWriter, _ *http.Request) {
		now, _ := n.clock.Now()
		status := Status{Park: n.name, LedgerTime: now.In(n.location), Broker: n.broker}
		participant.Answer(writer, http.StatusOK, status, nil)
	})
	mux.HandleFunc("GET /v1/day/{date}", n.serveDay)
	return mux
}

func (n *Node) serveDay(writer http.ResponseWriter, request *http.Request) {
	date, err := time.Parse(time.DateOnly, request.PathValue("date"))
	if err != nil || date.Unix() < 0 {
		participant.Answer(writer, http.StatusBadRequest, nil, fmt.Errorf("date %.40q: expected one like 2024-07-15", request.PathValue("date")))
		return
	}
	number := uint32(date.Unix() / secondsPerDay)
	known, found, err := participant.Load[tariff.Tariff](request.Context(), n.ledger, tariff.Key(number))
	switch {
	case err != nil:
		participant.Answer(writer, http.StatusBadGateway, nil, err)
		return
	case !found:
		participant.Answer(writer, http.StatusNotFound, nil, fmt.Errorf("%s has no tariff yet", date.Format(time.DateOnly)))
		return
	}
	day, err := n.day(request, known)
	if err != nil {
		participant.Answer(writer, http.StatusBadGateway, nil, err)
		return
	}
	participant.Answer(writer, http.StatusOK, day, nil)
}

// day gathers what the park knows of a day.
func (n *Node) day(request *http.Request, known tariff.Tariff) (Day, error) {
	day := Day{Park: n.name, Date: known.Date, Starts: known.Starts, End: known.End, Buy: known.Buy, Sell: known.Sell}
	forecast, found, err := n.records.forecast(known.Date)
	if err != nil {
		return Day{}, err
	}
	if found {
		day.Forecast = &series{forecast.Load, forecast.PV, forecast.Wind}
	}
	read, err := n.records.readSeries(n.config.meters(), tariff.Horizon(known))
	if gap := (gapError{}); errors.As(err, &gap) {
		day.Gap = gap.Error()
	} else if err != nil {
		return Day{}, err
	}
	day.Readings = &read
	var plan Plan
	if found, err = n.records.document("plan", known.Day, &plan); err != nil {
		return Day{}, err
	} else if found {
		day.Plan = &plan
	}
	var bill Bill
	if found, err = n.records.document("bill", known.Day, &bill); err != nil {
		return Day{}, err
	} else if found {
		day.Bill = &bill
	}
	day.Contract, err = n.agreement(request, known, day.Plan)
	return day, err
}

// agreement is the contract under the plan in force, nil while there is none.
func (n *Node) agreement(request *http.Request, known tariff.Tariff, own *Plan) (*Agreement, error) {
	inForce, found, err := participant.Load[scheduling.InForce](request.Context(), n.ledger, scheduling.InForceKey(known.Day))
	if err != nil || !found {
		return nil, err
	}
	id := trade.ContractID(known.Day, inForce.Version, n.name)
	agreed, found, err := participant.Load[trade.Contract](request.Context(), n.ledger, trade.ContractKey(id))
	if err != nil || !found {
		return nil, err
	}
	agreement := &Agreement{ID: id, State: agreed.State, Confirmed: agreed.Confirmed, Lines: []trade.Line{}}
	if own != nil && own.Version == inForce.Version {
		for period := range own.Purchase {
			line := trade.Line{
				Start: known.Starts[period], Purchase: own.Purchase[period], Sale: own.Sale[period],
				BuyPrice: known.Buy[period], SellPrice: known.Sell[period],
			}
			line.Total = energy.Cost(int64(line.Purchase)*int64(line.BuyPrice) - int64(line.Sale)*int64(line.SellPrice))
			agreement.Lines = append(agreement.Lines, line)
			agreement.Total += line.Total
		}
	}
	return agreement, nil
}
