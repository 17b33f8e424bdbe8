// Package api serves a node's HTTP interface: the blocks as they become final,
// records with proof, and a way in for transactions. It is all that roles use;
// the engine's own interface stays closed.
//
// Everything is read-only but POST /v1/transactions. Bodies, headers, times
// and rates are bounded. The routes and their promises stand in
// docs/adr/0006-http-api.md; the shapes of the JSON are those of package feed.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/sesame-energy/sesame/ledger/feed"
)

// Ledger is what the interface shows: a node.
type Ledger interface {
	// Status is the node's view of the chain.
	Status() (feed.Status, error)
	// Genesis is the genesis document's bytes.
	Genesis() []byte
	// Submit hands a transaction on. The error wraps ErrRefused or ErrBusy
	// where the sender is to be told so.
	Submit(ctx context.Context, transaction []byte) (hash []byte, err error)
	// Inclusion says which block has a transaction, and whether one has.
	Inclusion(hash []byte) (feed.Inclusion, bool, error)
	// Block is the JSON of a block, and whether there is one.
	Block(height int64) ([]byte, bool, error)
	// Newest is the newest block, and a channel closed when the next one comes.
	Newest() (feed.Block, <-chan struct{})
	// Prove proves a key at a height, 0 for the newest that can be proven. The
	// error wraps ErrUnknown or ErrLater.
	Prove(key string, height int64) (feed.ProvenRecord, error)
	// List lists records under a prefix, unproven, from behind a key on, at a
	// height (0: the newest). The error wraps ErrUnknown or ErrLater.
	List(prefix, after string, height int64, limit int) (feed.Records, error)
	// LightBlock is the signed header of a height with its validators.
	LightBlock(height int64) (feed.LightBlock, error)
	// Ready is nil where the node follows the chain; Healthy where it runs.
	Ready() error
	Healthy() error
}

// Reasons for which a node does not do what it was asked.
var (
	ErrRefused = errors.New("refused")                  // the transaction is wrong
	ErrBusy    = errors.New("busy, try again")          // the node cannot take it now
	ErrUnknown = errors.New("not known here")           // no such height, or no longer kept
	ErrLater   = errors.New("not final yet, try again") // the height comes within a block or two
)

// Server serves one node.
type Server struct {
	ledger Ledger
	logger *slog.Logger
	limits limits
	server *http.Server
	stop   context.CancelFunc
	done   chan struct{}
}

// Serve serves the ledger on the listener until Close. Metrics is the handler
// of /metrics.
func Serve(listener net.Listener, ledger Ledger, metrics http.Handler, maxTransaction int64, logger *slog.Logger) *Server {
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{ledger: ledger, logger: logger, stop: stop, done: make(chan struct{})}
	s.server = &http.Server{
		Handler:           s.routes(metrics, maxTransaction),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute, // the stream sets its own
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	go func() {
		defer close(s.done)
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("http interface ended", "error", err)
		}
	}()
	return s
}

// Close ends all requests and waits for them a moment; who has not finished
// then is cut off.
func (s *Server) Close() error {
	s.stop()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.server.Close()
	}
	<-s.done
	return err
}

func (s *Server) routes(metrics http.Handler, maxTransaction int64) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", s.status)
	mux.HandleFunc("GET /v1/genesis", s.genesis)
	mux.HandleFunc("POST /v1/transactions", s.submit(maxTransaction))
	mux.HandleFunc("GET /v1/transactions/{hash}", s.transaction)
	mux.HandleFunc("GET /v1/blocks/{height}", s.block)
	mux.HandleFunc("GET /v1/stream", s.stream)
	mux.HandleFunc("GET /v1/records", s.records)
	mux.HandleFunc("GET /v1/light/{height}", s.light)
	limited := s.limits.limit(mux)

	outer := http.NewServeMux() // probes and metrics are never refused for their rate
	outer.HandleFunc("GET /healthz", probe(s.ledger.Healthy))
	outer.HandleFunc("GET /readyz", probe(s.ledger.Ready))
	outer.Handle("GET /metrics", metrics)
	outer.Handle("/v1/", limited)
	return outer
}

func probe(check func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if err := check(); err != nil {
			refuse(w, http.StatusServiceUnavailable, err)
			return
		}
		answer(w, http.StatusOK, struct {
			OK bool `json:"ok"`
		}{true})
	}
}

// answer writes value as JSON. A reader that has gone away is no error of ours.
func answer(w http.ResponseWriter, status int, value any) {
	encoded, err := json.Marshal(value)
	if err != nil {
		http.Error(w, `{"error":"answer cannot be encoded"}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(encoded, '\n'))
}

func refuse(w http.ResponseWriter, status int, err error) {
	answer(w, status, feed.Failure{Error: err.Error()})
}

// refuseFor picks the status that the error's reason asks for.
func (s *Server) refuseFor(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, ErrRefused):
		status = http.StatusBadRequest
	case errors.Is(err, ErrUnknown):
		status = http.StatusNotFound
	case errors.Is(err, ErrBusy):
		status = http.StatusServiceUnavailable
	case errors.Is(err, ErrLater):
		status = http.StatusTooEarly
	default:
		s.logger.Error("request failed", "path", r.URL.Path, "error", err)
	}
	refuse(w, status, err)
}
