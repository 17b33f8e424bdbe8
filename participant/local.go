package participant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Local is an HTTP server for the owner of this machine: its own records in
// clear.
type Local struct {
	server   *http.Server
	listener net.Listener
}

// StartLocal serves handler at listen, which must be a loopback address. A
// request must name a loopback host, too, so that a page from elsewhere cannot
// ask through the owner's browser.
func StartLocal(listen string, handler http.Handler) (*Local, error) {
	if !loopback(listen) {
		return nil, fmt.Errorf("listen is %q: expected a loopback address like 127.0.0.1:0, these records are the owner's alone", listen)
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("local page: %w", err)
	}
	local := &Local{
		server: &http.Server{
			Handler: ownHostOnly(handler), ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
		},
		listener: listener,
	}
	go func() { _ = local.server.Serve(listener) }() // ends by Close
	return local, nil
}

// URL is where the page is.
func (l *Local) URL() string { return "http://" + l.listener.Addr().String() }

// Close ends the server; requests under way may finish for a second, then they
// are cut off.
func (l *Local) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := l.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return l.server.Close()
	}
	return err
}

// Answer writes value as JSON, or err as {"error":...} with the status.
func Answer(writer http.ResponseWriter, status int, value any, err error) {
	writer.Header().Set("Content-Type", "application/json")
	writer.Header().Set("Cache-Control", "no-store")
	writer.Header().Set("X-Content-Type-Options", "nosniff")
	if err != nil {
		value = map[string]string{"error": err.Error()}
	}
	writer.WriteHeader(status)
	_ = json.NewEncoder(writer).Encode(value) // the asker is gone: nothing to do
}

func ownHostOnly(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		if !loopback(request.Host) && !loopback(net.JoinHostPort(request.Host, "80")) {
			Answer(writer, http.StatusForbidden, nil, fmt.Errorf("host %.100q: expected this machine's loopback address", request.Host))
			return
		}
		handler.ServeHTTP(writer, request)
	})
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
