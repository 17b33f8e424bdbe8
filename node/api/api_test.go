package api_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/node/api"
)

const maxTransaction = 100

// fake is a ledger of made-up blocks.
type fake struct {
	mutex  sync.Mutex
	height int64
	grown  chan struct{}
	health error
}

func newFake(height int64) *fake { return &fake{height: height, grown: make(chan struct{})} }

func (f *fake) grow() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.height++
	close(f.grown)
	f.grown = make(chan struct{})
}

func (f *fake) Status() (feed.Status, error) { return feed.Status{ChainID: "fake"}, nil }
func (f *fake) Genesis() []byte              { return []byte(`{"a": 1}`) }
func (f *fake) Ready() error                 { return f.health }
func (f *fake) Healthy() error               { return f.health }

func (f *fake) Submit(_ context.Context, transaction []byte) ([]byte, error) {
	switch string(transaction) {
	case "wrong":
		return nil, fmt.Errorf("%w: it is wrong", api.ErrRefused)
	case "full":
		return nil, api.ErrBusy
	case "broken":
		return nil, errors.New("something broke")
	}
	return []byte{1, 2}, nil
}

func (f *fake) Inclusion(hash []byte) (feed.Inclusion, bool, error) {
	return feed.Inclusion{Hash: hash, Height: 3}, hash[0] == 0xaa, nil
}

func (f *fake) Block(height int64) ([]byte, bool, error) {
	newest, _ := f.Newest()
	return fmt.Appendf(nil, `{"height":%d}`, height), height <= newest.Height, nil
}

func (f *fake) Newest() (feed.Block, <-chan struct{}) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return feed.Block{Height: f.height}, f.grown
}

func (f *fake) Prove(key string, height int64) (feed.ProvenRecord, error) {
	switch {
	case height > 9:
		return feed.ProvenRecord{}, api.ErrLater
	case height == 1:
		return feed.ProvenRecord{}, api.ErrUnknown
	}
	return feed.ProvenRecord{Key: key, Height: height, Value: []byte("v")}, nil
}

func (f *fake) List(prefix, after string, height int64, limit int) (feed.Records, error) {
	return feed.Records{Records: []feed.Record{{Key: fmt.Sprintf("%s|%s|%d|%d", prefix, after, height, limit)}}}, nil
}

func (f *fake) LightBlock(height int64) (feed.LightBlock, error) {
	return feed.LightBlock{Height: height, Block: []byte("b")}, nil
}

func serve(t *testing.T, ledger api.Ledger) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "metrics") })
	server := api.Serve(listener, ledger, metrics, maxTransaction, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

func TestEachQuestionHasItsAnswer(t *testing.T) {
	url := serve(t, newFake(5))
	hash := strings.Repeat("aa", 32)
	for _, c := range []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{"GET", "/v1/status", "", 200, `"chain_id":"fake"`},
		{"GET", "/v1/genesis", "", 200, `{"a": 1}`},
		{"POST", "/v1/transactions", "fine", 202, `{"hash":"0102"}`},
		{"POST", "/v1/transactions", "wrong", 400, "it is wrong"},
		{"POST", "/v1/transactions", "full", 503, "busy"},
		{"POST", "/v1/transactions", "broken", 500, "something broke"},
		{"POST", "/v1/transactions", "", 400, "empty"},
		{"POST", "/v1/transactions", strings.Repeat("x", maxTransaction), 202, "hash"},
		{"POST", "/v1/transactions", strings.Repeat("x", maxTransaction+1), 413, "more than 100"},
		{"GET", "/v1/transactions/" + hash, "", 200, `"height":3`},
		{"GET", "/v1/transactions/" + strings.Repeat("bb", 32), "", 404, "in no block"},
		{"GET", "/v1/transactions/xyz", "", 400, "hexadecimal"},
		{"GET", "/v1/blocks/5", "", 200, `{"height":5}`},
		{"GET", "/v1/blocks/6", "", 404, "not known"},
		{"GET", "/v1/blocks/0", "", 400, "number from 1"},
		{"GET", "/v1/blocks/99999999999999999999", "", 400, "number from 1"},
		{"GET", "/v1/records?key=a%2Fb", "", 200, `"key":"a/b"`},
		{"GET", "/v1/records?key=a&height=7", "", 200, `"height":7`},
		{"GET", "/v1/records?key=a&height=10", "", 425, "not final yet"},
		{"GET", "/v1/records?key=a&height=1", "", 404, "not known"},
		{"GET", "/v1/records?key=a&height=-1", "", 400, "number from 1"},
		{"GET", "/v1/records?key=", "", 400, "empty"},
		{"GET", "/v1/records?key=" + strings.Repeat("k", 600), "", 400, "at most"},
		{"GET", "/v1/records", "", 400, "either key or prefix"},
		{"GET", "/v1/records?key=a&prefix=b", "", 400, "either key or prefix"},
		{"GET", "/v1/records?prefix=a", "", 200, "a||0|1000"},
		{"GET", "/v1/records?prefix=&after=x&height=4&limit=2", "", 200, "|x|4|2"},
		{"GET", "/v1/records?prefix=a&limit=20000", "", 400, "limit"},
		{"GET", "/v1/light/4", "", 200, `"light_block"`},
		{"GET", "/v1/nothing", "", 404, ""},
		{"DELETE", "/v1/blocks/5", "", 405, ""},
		{"GET", "/healthz", "", 200, "true"},
		{"GET", "/readyz", "", 200, "true"},
		{"GET", "/metrics", "", 200, "metrics"},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			status, body := ask(t, c.method, url+c.path, c.body)
			if status != c.status || !strings.Contains(body, c.answer) {
				t.Errorf("got %d %s, want %d with %q", status, body, c.status, c.answer)
			}
		})
	}
}

func ask(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

// A client that does not finish what it says keeps no node from stopping.
func TestCloseWaitsForNobodyForLong(t *testing.T) {
	var unfinished net.Conn
	t.Cleanup(func() {
		if unfinished != nil {
			_ = unfinished.Close() // the last that is done
		}
	})
	url := serve(t, newFake(1)) // that it closes without an error at the end is the test
	connection, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	unfinished = connection
	if _, err := io.WriteString(connection, "GET /v1/status HTTP/1.1\r\n"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	if status, _ := ask(t, "GET", url+"/v1/status", ""); status != http.StatusOK { // the connection before has been taken
		t.Errorf("status %d", status)
	}
}

func TestFailedNodeSaysSo(t *testing.T) {
	ledger := newFake(1)
	ledger.health = errors.New("it failed")
	url := serve(t, ledger)
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body := ask(t, "GET", url+path, ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "it failed") {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// The stream replays from the height asked for, goes on with new blocks, and a
// reader that names the last one it saw continues behind it.
func TestStreamReplaysAndGoesOn(t *testing.T) {
	ledger := newFake(3)
	url := serve(t, ledger)
	next := open(t, url+"/v1/stream?from=2", "")
	expect(t, next, 2)
	expect(t, next, 3)
	ledger.grow()
	expect(t, next, 4)

	again := open(t, url+"/v1/stream", "3")
	expect(t, again, 4)

	live := open(t, url+"/v1/stream", "")
	ledger.grow()
	expect(t, live, 5)

	if status, _ := ask(t, "GET", url+"/v1/stream?from=0", ""); status != http.StatusBadRequest {
		t.Fatalf("from=0: %d", status)
	}
}

// open gives the stream's events one by one.
func open(t *testing.T, url, last string) func() string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	lines := bufio.NewScanner(response.Body)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), ":") || !lines.Scan() {
		t.Fatalf("the stream begins with %q", lines.Text())
	}
	return func() string {
		var event []string
		for lines.Scan() && lines.Text() != "" {
			event = append(event, lines.Text())
		}
		return strings.Join(event, "|")
	}
}

func expect(t *testing.T, next func() string, height int64) {
	t.Helper()
	if got, want := next(), fmt.Sprintf(`id: %d|data: {"height":%d}`, height, height); got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}
