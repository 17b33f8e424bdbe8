package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/monitor/web"
)

// maxOwnAnswer is the largest answer of a park's node, bytes.
const maxOwnAnswer = 1 << 20

// owner asks a park's own node, GET /v1/day/{date}.
type owner struct {
	park   string
	url    string
	client http.Client
}

func newOwner(park ParkAPI) *owner {
	return &owner{park: park.Name, url: strings.TrimRight(park.URL, "/"), client: http.Client{Timeout: 5 * time.Second}}
}

// Park implements web.Owner.
func (o *owner) Park() string { return o.park }

// Day implements web.Owner.
func (o *owner) Day(ctx context.Context, day uint32) (web.OwnDay, bool, error) {
	date := time.Unix(int64(day)*86_400, 0).UTC().Format(time.DateOnly)
	body, there, err := o.get(ctx, "/v1/day/"+date)
	if err != nil || !there {
		return web.OwnDay{}, false, err
	}
	own, err := parseOwnDay(body)
	if err != nil {
		return web.OwnDay{}, false, fmt.Errorf("park node of %s: day %s: %w", o.park, date, err)
	}
	return own, true, nil
}

func (o *owner) get(ctx context.Context, path string) (body []byte, there bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.url+path, nil)
	if err != nil {
		return nil, false, fmt.Errorf("park node of %s: %w", o.park, err)
	}
	response, err := o.client.Do(request)
	if err != nil {
		return nil, false, fmt.Errorf("park node of %s: %w", o.park, err)
	}
	defer func() { _ = response.Body.Close() }()
	switch response.StatusCode {
	case http.StatusNotFound:
		return nil, false, nil
	case http.StatusOK:
	default:
		return nil, false, fmt.Errorf("park node of %s: %s: answered %s", o.park, path, response.Status)
	}
	body, err = io.ReadAll(io.LimitReader(response.Body, maxOwnAnswer))
	if err != nil {
		return nil, false, fmt.Errorf("park node of %s: %w", o.park, err)
	}
	return body, true, nil
}

// parkDay is what of a park node's answer the page shows.
type parkDay struct {
	Starts   []int64       `json:"starts"`
	End      int64         `json:"end"`
	Forecast *parkSeries   `json:"forecast"`
	Readings *parkSeries   `json:"readings"`
	Contract *parkContract `json:"contract"`
	Bill     *parkBill     `json:"bill"`
}

type parkSeries struct {
	Load []int64 `json:"load_w"`
	PV   []int64 `json:"pv_w"`
	Wind []int64 `json:"wind_w"`
}

type parkContract struct {
	Lines []trade.Line `json:"lines"`
}

type parkBill struct {
	WithoutStorage string `json:"without_storage"` // energy.Cost units
	Money          int64  `json:"money_1e6"`       // to pay
}

// parseOwnDay reads a park node's answer.
func parseOwnDay(body []byte) (web.OwnDay, error) {
	var day parkDay
	if err := json.Unmarshal(body, &day); err != nil {
		return web.OwnDay{}, err
	}
	if len(day.Starts) == 0 || len(day.Starts) > tariff.MaxPeriods || day.End <= day.Starts[0] {
		return web.OwnDay{}, fmt.Errorf("%d periods until %d: expected 1 to %d", len(day.Starts), day.End, tariff.MaxPeriods)
	}
	minutes := (day.End - day.Starts[0]) / int64(len(day.Starts)) / 60
	own := web.OwnDay{Forecast: day.Forecast.clear(), Reading: day.Readings.clear(), Lines: []web.OwnLine{}}
	if day.Contract != nil {
		for _, line := range day.Contract.Lines {
			own.Lines = append(own.Lines, web.OwnLine{
				Start: line.Start, Purchase: int64(line.Purchase), Sale: int64(line.Sale), BuyPrice: int64(line.BuyPrice),
				SellPrice: int64(line.SellPrice), Total: money(big.NewInt(int64(line.Total)), minutes),
			})
		}
	}
	if day.Bill != nil {
		without, ok := new(big.Int).SetString(day.Bill.WithoutStorage, 10)
		if !ok {
			return web.OwnDay{}, errors.New("the bill's amount without storage is no number")
		}
		own.Bill = &web.OwnBill{Without: money(without, minutes), ToPay: day.Bill.Money}
		own.Bill.Saving = own.Bill.Without - own.Bill.ToPay
	}
	return own, nil
}

// money converts energy.Cost units to 1e-6 currency, rounded down as a bill is.
func money(cost *big.Int, minutes int64) int64 {
	product := new(big.Int).Mul(cost, big.NewInt(minutes))
	return product.Div(product, big.NewInt(60_000)).Int64()
}

// clear adds surplus and deficit, for as long as all three powers are known.
func (s *parkSeries) clear() *web.OwnSeries {
	if s == nil {
		return nil
	}
	own := &web.OwnSeries{Load: s.Load, PV: s.PV, Wind: s.Wind}
	for t := range min(len(s.Load), len(s.PV), len(s.Wind)) {
		at := energy.Park{Load: watt(s.Load[t]), PV: watt(s.PV[t]), Wind: watt(s.Wind[t])}
		own.Surplus, own.Deficit = append(own.Surplus, int64(at.Surplus(0))), append(own.Deficit, int64(at.Deficit(0)))
	}
	return own
}

func watt(power int64) []energy.Watt { return []energy.Watt{energy.Watt(power)} }
