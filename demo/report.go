package demo

import "time"

// Report is what the days came to, in the shape that programs rely on. Every
// figure is read from the ledger; a park's own figures, which the ledger holds
// sealed, from that park's node.
type Report struct {
	ChainID    string    `json:"chain_id"`
	Height     int64     `json:"height"`
	LedgerTime time.Time `json:"ledger_time"`
	Currency   string    `json:"currency"`
	Members    []Member  `json:"members"`
	Days       []Day     `json:"days"`
	Alerts     []Alert   `json:"alerts"`

	Disclosure *Disclosure `json:"disclosure,omitempty"` // where one was asked for
}

// Member is a committee member's node. AppHash is that of the report's height,
// "" where the node does not answer.
type Member struct {
	Name    string `json:"name"`
	Height  int64  `json:"height"`
	AppHash string `json:"app_hash"`
}

// Day is one settled day; money in the currency's units.
type Day struct {
	Date                string   `json:"date"`
	PlanSource          string   `json:"plan_source"`
	BaselineCost        float64  `json:"baseline_cost"`
	PlanCost            float64  `json:"plan_cost"`
	LowerBound          *float64 `json:"lower_bound"` // null where the storage rests without a certificate
	Gap                 *float64 `json:"gap"`
	Settlement          string   `json:"settlement"` // "shared" or why not
	SettledCost         float64  `json:"settled_cost"`
	SettledBaselineCost float64  `json:"settled_baseline_cost"`
	Saving              float64  `json:"saving"` // by the rule that shares it
	Rho                 float64  `json:"rho"`
	Parks               []Park   `json:"parks"`
	Storage             Storage  `json:"storage"`
}

// Park is one park's day.
type Park struct {
	Name         string  `json:"name"`
	BaselineCost float64 `json:"baseline_cost"` // metered, without storage
	Bill         float64 `json:"bill"`
	Contract     string  `json:"contract"`
	State        string  `json:"state"`
	// What opens the bill's commitment on the ledger, for whoever wants to
	// check the bill without a key: the exact amount in 2^-40 of a cost unit
	// and the blinding, hexadecimal.
	BillAmount   string `json:"bill_amount,omitempty"`
	BillBlinding string `json:"bill_blinding,omitempty"`
}

// Storage is the battery's day.
type Storage struct {
	EnergyStart   float64 `json:"energy_start_kwh"`
	EnergyEnd     float64 `json:"energy_end_kwh"`
	SettledIncome float64 `json:"settled_income"`
}

// Alert is an alert of the ledger.
type Alert struct {
	Time    time.Time `json:"time"`
	Rule    string    `json:"rule"`
	Subject string    `json:"subject"`
	Detail  string    `json:"detail,omitempty"`
}

// Settled says whether every day of the report was planned and settled, and
// if not, why.
func (r Report) Settled() (bool, string) {
	for _, day := range r.Days {
		switch {
		case day.Settlement == "":
			return false, day.Date + " was not settled"
		case day.Settlement != "shared":
			return false, day.Date + " was settled without its readings: " + day.Settlement
		}
		for _, park := range day.Parks {
			if park.State == "" {
				return false, day.Date + ": " + park.Name + " has no settled bill"
			}
		}
	}
	return true, ""
}
