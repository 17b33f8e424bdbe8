package web

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/sesame-energy/sesame/monitor/view"
)

// Limits of what a request may ask for.
const (
	maxListed  = 200
	defaultFew = 40
	maxRounds  = 30
)

// answer computes the body of an answer; false: there is no such thing.
type answer func(ctx context.Context, r *http.Request) (body any, there bool, err error)

func (s *Server) registerAPI(mux *http.ServeMux) {
	routes := map[string]answer{
		"/api/status": func(ctx context.Context, _ *http.Request) (any, bool, error) { return s.status(ctx) },
		"/api/day/{day}": func(ctx context.Context, r *http.Request) (any, bool, error) {
			day, err := strconv.ParseUint(r.PathValue("day"), 10, 32)
			if err != nil {
				return nil, false, nil
			}
			return s.view.Day(ctx, uint32(day))
		},
		"/api/sealed/{day}": func(ctx context.Context, r *http.Request) (any, bool, error) {
			day, err := strconv.ParseUint(r.PathValue("day"), 10, 32)
			if err != nil {
				return nil, false, nil
			}
			return found(s.view.Sealed(ctx, uint32(day)))
		},
		"/api/blocks": func(ctx context.Context, r *http.Request) (any, bool, error) {
			return found(s.view.Blocks(ctx, number(r, "before", 0), limit(r, maxListed)))
		},
		"/api/block/{height}": func(ctx context.Context, r *http.Request) (any, bool, error) {
			height, err := strconv.ParseInt(r.PathValue("height"), 10, 64)
			if err != nil {
				return nil, false, nil
			}
			return s.view.Block(ctx, height)
		},
		"/api/transactions": func(ctx context.Context, r *http.Request) (any, bool, error) {
			return found(s.view.Transactions(ctx, number(r, "before", 0), limit(r, maxListed)))
		},
		"/api/transaction/{hash}": func(ctx context.Context, r *http.Request) (any, bool, error) {
			hash, err := hex.DecodeString(r.PathValue("hash"))
			if err != nil {
				return nil, false, nil
			}
			return s.view.Transaction(ctx, hash)
		},
		"/api/rounds": func(ctx context.Context, r *http.Request) (any, bool, error) {
			return found(s.view.Rounds(ctx, limit(r, maxRounds)))
		},
		"/api/openings": func(ctx context.Context, r *http.Request) (any, bool, error) {
			return found(s.view.Openings(ctx, limit(r, maxRounds)))
		},
		"/api/releases": func(ctx context.Context, r *http.Request) (any, bool, error) {
			return found(s.view.Releases(ctx, limit(r, maxRounds)))
		},
		"/api/alerts": func(ctx context.Context, r *http.Request) (any, bool, error) {
			return found(s.view.Alerts(ctx, limit(r, maxListed)))
		},
		"/api/proposals": func(ctx context.Context, r *http.Request) (any, bool, error) {
			return found(s.view.Proposals(ctx, limit(r, maxListed)))
		},
		"/api/record":           s.record,
		"/api/own/{park}/{day}": s.own,
	}
	for path, compute := range routes {
		mux.HandleFunc("GET "+path, s.respond(compute))
	}
	mux.HandleFunc("GET /api/", func(w http.ResponseWriter, _ *http.Request) { fail(w, http.StatusNotFound, "no such address") })
}

// statusBody is the ledger at a glance, and the parks whose own node is on
// this machine.
type statusBody struct {
	view.Status
	OwnParks []string `json:"own_parks"`
}

func (s *Server) status(ctx context.Context) (any, bool, error) {
	status, err := s.view.Status(ctx)
	own := []string{}
	for _, owner := range s.owners {
		own = append(own, owner.Park())
	}
	return statusBody{status, own}, true, err
}

// respond writes what compute gives, or what went wrong, as JSON.
func (s *Server) respond(compute answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
		defer cancel()
		body, there, err := compute(ctx, r)
		switch {
		case err != nil:
			s.logger.Error("monitor: cannot answer", "path", r.URL.Path, "error", err)
			fail(w, http.StatusInternalServerError, "the monitor cannot answer: see its log")
		case !there:
			fail(w, http.StatusNotFound, "the index has no such thing, or not yet")
		default:
			write(w, http.StatusOK, body)
		}
	}
}

func write(w http.ResponseWriter, code int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		code, encoded = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = w.Write(append(encoded, '\n'))
}

func fail(w http.ResponseWriter, code int, message string) {
	write(w, code, map[string]string{"error": message})
}

func found[T any](body T, err error) (any, bool, error) { return body, true, err }

func limit(r *http.Request, most int) int {
	asked := number(r, "limit", defaultFew)
	return int(max(1, min(asked, int64(most))))
}

func number(r *http.Request, name string, otherwise int64) int64 {
	value, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	if err != nil {
		return otherwise
	}
	return value
}
