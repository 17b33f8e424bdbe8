package web

import (
	"context"
	"net/http"
	"strconv"
)

// Owner is a park's own node on this machine: it knows the park's series in
// clear. What it says goes to the page of its owner and nowhere else.
type Owner interface {
	Park() string
	// Day is the park's own day; false where it knows nothing of it.
	Day(ctx context.Context, day uint32) (OwnDay, bool, error)
}

// OwnDay is a park's own day. Series have one entry per period, W; readings
// may be shorter while the day goes on. Money is 1e-6 currency.
type OwnDay struct {
	Forecast *OwnSeries `json:"forecast"`
	Reading  *OwnSeries `json:"reading"`
	Lines    []OwnLine  `json:"lines"` // of the contract under the plan in force
	Bill     *OwnBill   `json:"bill"`
}

// OwnSeries are a park's powers.
type OwnSeries struct {
	Load    []int64 `json:"load"`
	PV      []int64 `json:"pv"`
	Wind    []int64 `json:"wind"`
	Surplus []int64 `json:"surplus"`
	Deficit []int64 `json:"deficit"`
}

// OwnLine is a line of a park's contract.
type OwnLine struct {
	Start     int64 `json:"start"`
	Purchase  int64 `json:"purchase"`
	Sale      int64 `json:"sale"`
	BuyPrice  int64 `json:"buy_price"`
	SellPrice int64 `json:"sell_price"`
	Total     int64 `json:"total"`
}

// OwnBill is a park's bill in clear.
type OwnBill struct {
	Without int64 `json:"without_storage"`
	Saving  int64 `json:"saving"` // the park's part
	ToPay   int64 `json:"to_pay"`
}

// own shows a park's own figures from its own node.
func (s *Server) own(ctx context.Context, r *http.Request) (any, bool, error) {
	day, err := strconv.ParseUint(r.PathValue("day"), 10, 32)
	if err != nil {
		return nil, false, nil
	}
	for _, owner := range s.owners {
		if owner.Park() == r.PathValue("park") {
			own, there, err := owner.Day(ctx, uint32(day))
			if err != nil || there {
				return own, there, err
			}
			return nil, true, nil // null: it knows nothing of that day
		}
	}
	return nil, false, nil
}
