package battery

import (
	"log/slog"
	"net/http"
	"sync"

	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/participant"
	"github.com/sesame-energy/sesame/sunspec"
)

// view is the status page: what the gateway last knew, wanted and did.
type view struct {
	Time      int64            `json:"time"` // of the battery's clock, Unix seconds of ledger time
	Power     int64            `json:"power_w"`
	Stored    int64            `json:"stored_wh"`
	Alarms    string           `json:"alarms"`
	Windows   []sunspec.Window `json:"windows"`   // last written
	Confirmed bool             `json:"confirmed"` // the first of them by a signal
	Outcome   *control.Outcome `json:"outcome"`   // last reported
	Refused   string           `json:"refused,omitempty"`
	Problem   string           `json:"problem,omitempty"` // of the last step, "" while all is well
	Bills     []bill           `json:"bills"`
}

// status keeps the view. It is safe for concurrent use.
type status struct {
	logger *slog.Logger

	mutex    sync.Mutex
	view     view
	problems map[string]string // of each part of the gateway
	said     string            // the last complaint, said once
}

func newStatus(logger *slog.Logger) *status {
	return &status{logger: logger, problems: map[string]string{}}
}

func (s *status) battery(state sunspec.State) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.view.Time, s.view.Power, s.view.Stored = state.Time, int64(state.Power), int64(state.Stored)
	s.view.Alarms = state.Alarms.String()
}

func (s *status) wrote(windows []sunspec.Window, confirmed bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.view.Windows, s.view.Confirmed = windows, confirmed
	s.logger.Debug("battery's windows written", "windows", windows, "by_signal", confirmed)
}

func (s *status) reported(outcome control.Outcome, refused string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.view.Outcome, s.view.Refused = &outcome, refused
}

// complain says something in the log once, not at every step.
func (s *status) complain(words string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.said != words {
		s.said = words
		s.logger.Error("the battery must not do what the ledger says", "reason", words)
	}
}

// step notes how a step of a part went, and logs when that changes.
func (s *status) step(part string, err error) {
	words := ""
	if err != nil {
		words = err.Error()
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.problems[part] == words {
		return
	}
	s.problems[part] = words
	if err != nil {
		s.logger.Warn("step failed, trying again", "part", part, "error", err)
	} else {
		s.logger.Info("all is well again", "part", part)
	}
}

// handler serves the view as JSON.
func (s *status) handler(store *store) http.Handler {
	return http.HandlerFunc(func(writer http.ResponseWriter, _ *http.Request) {
		bills, err := store.bills(100)
		s.mutex.Lock()
		shown := s.view
		for _, part := range []string{"identity", "control", "report", "trade"} {
			if problem := s.problems[part]; problem != "" && shown.Problem == "" {
				shown.Problem = part + ": " + problem
			}
		}
		s.mutex.Unlock()
		shown.Bills = bills
		code := http.StatusOK
		if err != nil {
			code = http.StatusInternalServerError
		}
		participant.Answer(writer, code, shown, err)
	})
}
