package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/node/nodetest"
)

// hostile is a node that passes on what an honest one says, but for the paths
// with the prefix, where it answers what change makes of it.
func hostile(t *testing.T, honest, prefix string, change func(w http.ResponseWriter, body []byte)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/stream") && prefix == "/v1/stream" {
			change(w, nil)
			return
		}
		response, err := http.Get(honest + r.URL.String())
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Error(err)
			return
		}
		if response.StatusCode == http.StatusOK && strings.HasPrefix(r.URL.Path, prefix) {
			change(w, body)
			return
		}
		w.WriteHeader(response.StatusCode)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// rewrite changes an answer of type T.
func rewrite[T any](t *testing.T, change func(*T)) func(http.ResponseWriter, []byte) {
	return func(w http.ResponseWriter, body []byte) {
		var value T
		if err := json.Unmarshal(body, &value); err != nil {
			t.Error(err)
		}
		change(&value)
		if err := json.NewEncoder(w).Encode(value); err != nil {
			t.Error(err)
		}
	}
}

// An honest node beside the hostile one is asked in its place; alone, the
// hostile one gets nothing believed.
func TestNothingThatAHostileNodeSaysIsBelieved(t *testing.T) {
	network, honest := single(t)
	url := network.Members[0].URL()
	if _, err := honest.Submit(within(t, 20*time.Second), []byte("colour=blue")); err != nil {
		t.Fatal(err)
	}
	for name, node := range map[string]string{
		"another value": hostile(t, url, "/v1/records", rewrite(t, func(r *feed.ProvenRecord) { r.Value = []byte("red") })),
		"absence":       hostile(t, url, "/v1/records", rewrite(t, func(r *feed.ProvenRecord) { r.Absent = true })),
		"another proof": hostile(t, url, "/v1/records", rewrite(t, func(r *feed.ProvenRecord) { r.Proof[len(r.Proof)/2] ^= 1 })),
		"another state": hostile(t, url, "/v1/records", rewrite(t, func(r *feed.ProvenRecord) { r.Height-- })),
		"no header":     hostile(t, url, "/v1/light", rewrite(t, func(l *feed.LightBlock) { l.Block = nil })),
		"false header":  hostile(t, url, "/v1/light", rewrite(t, func(l *feed.LightBlock) { l.Block[len(l.Block)/3] ^= 1 })),
		"false commit":  hostile(t, url, "/v1/light", rewrite(t, func(l *feed.LightBlock) { l.Block[len(l.Block)*2/3] ^= 1 })),
		"no JSON":       hostile(t, url, "/v1/records", func(w http.ResponseWriter, _ []byte) { _, _ = w.Write([]byte("<html>")) }),
		"huge answer":   hostile(t, url, "/v1/records", func(w http.ResponseWriter, _ []byte) { pour(w, 40<<20) }),
		"huge header":   hostile(t, url, "/v1/light", func(w http.ResponseWriter, _ []byte) { pour(w, 40<<20) }),
	} {
		t.Run(name, func(t *testing.T) {
			if record, err := connect(t, network, node).Get(within(t, 20*time.Second), "colour"); err == nil {
				t.Fatalf("believed: %+v", record)
			}
			record, err := connect(t, network, node, url).Get(within(t, 20*time.Second), "colour")
			if err != nil || string(record.Value) != "blue" {
				t.Fatalf("with an honest node beside: %+v, %v", record, err)
			}
		})
	}
}

// pour writes that many bytes of JSON text.
func pour(w http.ResponseWriter, size int) {
	chunk := bytes.Repeat([]byte{' '}, 1<<20)
	for range size / len(chunk) {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

func TestNodeOfAnotherChainIsNotFollowed(t *testing.T) {
	network, _ := single(t)
	url := hostile(t, network.Members[0].URL(), "/v1/status", rewrite(t, func(s *feed.Status) { s.ChainID = "other" }))
	c := connect(t, network, url)
	if _, err := c.Status(within(t, 10*time.Second)); err == nil || !strings.Contains(err.Error(), "other") {
		t.Fatalf("got %v", err)
	}
	other, _ := single(t)
	c = connect(t, network, other.Members[0].URL()) // same name, other members
	if record, err := c.Get(within(t, 10*time.Second), "height"); err == nil {
		t.Fatalf("believed: %+v", record)
	}
}

// A node that breaks the stream off, leaves blocks out or pours without end is
// left for an honest one, and every block is still seen once and in order.
func TestFollowingLeavesNodesThatBreakTheStream(t *testing.T) {
	network, _ := single(t)
	url := network.Members[0].URL()
	network.Reach(4, network.Members...)
	for name, stream := range map[string]func(w http.ResponseWriter, _ []byte){
		"cut within a block": func(w http.ResponseWriter, _ []byte) { _, _ = w.Write([]byte("id: 1\ndata: {\"height\":1,")) },
		"a block left out":   func(w http.ResponseWriter, _ []byte) { event(w, network.Members[0], 2) },
		"the same twice": func(w http.ResponseWriter, _ []byte) {
			event(w, network.Members[0], 1)
			event(w, network.Members[0], 1)
		},
		"an endless line": func(w http.ResponseWriter, _ []byte) { pour(w, 40<<20) },
		"no stream":       func(w http.ResponseWriter, _ []byte) { w.WriteHeader(http.StatusTeapot) },
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t, network, hostile(t, url, "/v1/stream", stream), url)
			var seen []int64
			enough := errors.New("enough")
			err := c.Follow(within(t, 20*time.Second), 1, func(block client.Block) error {
				if seen = append(seen, block.Height); len(seen) == 4 {
					return enough
				}
				return nil
			})
			if !errors.Is(err, enough) || fmt.Sprint(seen) != "[1 2 3 4]" {
				t.Fatalf("seen %v, %v", seen, err)
			}
		})
	}
}

func event(w http.ResponseWriter, member *nodetest.Member, height int64) {
	encoded, _, _ := member.Running.Block(height)
	_, _ = fmt.Fprintf(w, "id: %d\ndata: %s\n\n", height, encoded)
}
