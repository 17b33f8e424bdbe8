package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/monitor/view"
)

// Prover reads records with proof; client.Client is one.
type Prover interface {
	Get(ctx context.Context, key string) (client.Record, error)
}

// Server is the monitor's HTTP server.
type Server struct {
	view    *view.Viewer
	events  *Hub
	prover  Prover
	proving chan struct{} // bounds how many proofs are checked at once
	owners  []Owner
	metrics http.Handler
	check   string // how one checks a record without this monitor
	logger  *slog.Logger
}

// Options is what a Server serves from.
type Options struct {
	View    *view.Viewer
	Events  *Hub
	Prover  Prover
	Owners  []Owner      // park nodes on this machine, may be empty
	Metrics http.Handler // nil: none
	Check   string       // command that checks a record, without the key
	Logger  *slog.Logger
}

// Limits of the server.
const (
	maxProofs    = 4
	answerWithin = 15 * time.Second
	shutWithin   = 3 * time.Second
)

// New makes a server.
func New(options Options) *Server {
	return &Server{
		view: options.View, events: options.Events, prover: options.Prover, proving: make(chan struct{}, maxProofs),
		owners: options.Owners, metrics: options.Metrics, check: options.Check, logger: options.Logger,
	}
}

// Handler is all routes with their guards.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /events", s.streamEvents)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	if s.metrics != nil {
		mux.Handle("GET /metrics", s.metrics)
	}
	s.registerAPI(mux)
	mux.Handle("GET /", assets())
	return guard(mux, len(s.owners) > 0)
}

// Serve answers on the listener until ctx ends.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    1 << 14,
		ErrorLog:          slog.NewLogLogger(s.logger.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutWithin)
		defer cancel()
		err := server.Shutdown(deadline)
		if errors.Is(err, context.DeadlineExceeded) { // a browser keeps connections open that it may need
			err = server.Close()
		}
		stopped <- err
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
