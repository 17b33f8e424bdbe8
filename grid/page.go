package grid

import (
	"fmt"
	"net/http"
	"time"

	"github.com/sesame-energy/sesame/participant"
)

// Status is what GET /v1/status answers.
type Status struct {
	Name       string    `json:"name"`
	LedgerTime time.Time `json:"ledger_time"`
}

// Day is what GET /v1/day/{date} answers: what parties have sealed to the
// company for a local day.
type Day struct {
	Date      string     `json:"date"`
	Contracts []Contract `json:"contracts"`
	Bills     []Bill     `json:"bills"`
}

// page is the company's own page.
func (n *Node) page() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(writer http.ResponseWriter, _ *http.Request) {
		now, _ := n.clock.Now()
		participant.Answer(writer, http.StatusOK, Status{n.name, now.In(n.location)}, nil)
	})
	mux.HandleFunc("GET /v1/day/{date}", func(writer http.ResponseWriter, request *http.Request) {
		date, err := time.Parse(time.DateOnly, request.PathValue("date"))
		if err != nil || date.Unix() < 0 {
			participant.Answer(writer, http.StatusBadRequest, nil, fmt.Errorf("date %.40q: expected one like 2024-07-15", request.PathValue("date")))
			return
		}
		day, err := n.day(date)
		if err != nil {
			participant.Answer(writer, http.StatusInternalServerError, nil, err)
			return
		}
		participant.Answer(writer, http.StatusOK, day, nil)
	})
	return mux
}

func (n *Node) day(date time.Time) (Day, error) {
	number := uint32(date.Unix() / secondsPerDay)
	contracts, err := n.records.contracts(number)
	if err != nil {
		return Day{}, err
	}
	bills, err := n.records.bills(number)
	return Day{date.Format(time.DateOnly), contracts, bills}, err
}
