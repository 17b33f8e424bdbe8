package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A node that is cut off from the others answers and sends comments, but has
// no new blocks: it is left for one that has, for all other questions, too.
func TestNodeWithoutNewBlocksIsLeft(t *testing.T) {
	node := func(stream func(writer http.ResponseWriter, request *http.Request)) *httptest.Server {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /v1/status", func(writer http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(writer, `{"height":7}`)
		})
		mux.HandleFunc("GET /v1/stream", stream)
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		return server
	}
	cutOff := node(func(writer http.ResponseWriter, request *http.Request) {
		for request.Context().Err() == nil {
			_, _ = fmt.Fprint(writer, ": alive\n\n")
			writer.(http.Flusher).Flush()
			select {
			case <-time.After(time.Millisecond):
			case <-request.Context().Done():
			}
		}
	})
	connected := node(func(writer http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(writer, "data: {\"height\":7}\n\ndata: {\"height\":8}\n\n")
	})
	c := &Client{urls: []string{cutOff.URL, connected.URL}, silence: 50 * time.Millisecond, http: http.DefaultClient, logger: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	seen := errors.New("seen")
	err := c.Follow(ctx, 7, func(block Block) error {
		if block.Height == 8 {
			return seen
		}
		return nil
	})
	if !errors.Is(err, seen) {
		t.Fatal(err)
	}
	if c.preferred.Load() != 1 {
		t.Error("the node without blocks is still asked first")
	}
}

// Whatever a node sends, blocks are visited in order and each once.
func FuzzStreamLine(f *testing.F) {
	for _, line := range []string{": alive", "id: 1", `data: {"height":1}`, `data: {"height":2,"hash":"zz"}`, "data: [", ""} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var seen []int64
		follower := follower{next: 1, visit: func(block Block) error {
			seen = append(seen, block.Height)
			return nil
		}}
		_ = follower.line(line)
		_ = follower.line(line)
		if len(seen) > 1 || (len(seen) == 1 && seen[0] != 1) {
			t.Fatalf("visited %v", seen)
		}
	})
}
