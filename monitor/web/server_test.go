package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/monitor/fixture"
	"github.com/sesame-energy/sesame/monitor/index"
	"github.com/sesame-energy/sesame/monitor/view"
	"github.com/sesame-energy/sesame/monitor/web"
)

type prover func(key string) (client.Record, error)

func (p prover) Get(_ context.Context, key string) (client.Record, error) { return p(key) }

type park string

func (p park) Park() string { return string(p) }

func (p park) Day(context.Context, uint32) (web.OwnDay, bool, error) {
	return web.OwnDay{Forecast: &web.OwnSeries{Load: []int64{348_000}}}, true, nil
}

// lived are the two days that all tests show.
var (
	once  sync.Once
	lived *fixture.Days
)

type site struct {
	*httptest.Server
	hub *web.Hub
}

func serve(t *testing.T, change func(*web.Options)) site {
	t.Helper()
	once.Do(func() { lived = fixture.Run(t) })
	kept, err := index.Open(t.Context(), filepath.Join(t.TempDir(), "index"), lived.Document, lived.Hash)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	for _, block := range lived.Blocks {
		if err := kept.Apply(t.Context(), block); err != nil {
			t.Fatal(err)
		}
	}
	quiet := slog.New(slog.DiscardHandler)
	options := web.Options{
		View: view.New(kept, lived.Document, quiet), Events: &web.Hub{}, Logger: quiet, Check: "sesame record",
		Prover: fixture.NewFeed(lived.Blocks, len(lived.Blocks)),
	}
	if change != nil {
		change(&options)
	}
	server := httptest.NewServer(web.New(options).Handler())
	t.Cleanup(server.Close)
	return site{server, options.Events}
}

func ask(t *testing.T, request *http.Request) (*http.Response, string) {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return ask(t, request)
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	site := serve(t, nil)
	for _, path := range []string{"/", "/record?key=x", "/style.css", "/js/app.js", "/api/status", "/api/nothing", "/no/such/page", "/healthz"} {
		response, _ := get(t, site.URL+path)
		policy := response.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "require-trusted-types-for 'script'") {
			t.Errorf("%s: policy %q: expected one that forbids all but the page's own files", path, policy)
		}
		if response.Header.Get("X-Content-Type-Options") != "nosniff" || response.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers %v: expected nosniff and no-referrer", path, response.Header)
		}
		if len(response.Cookies()) > 0 {
			t.Errorf("%s sets cookies", path)
		}
		if response.Header.Get("Content-Type") == "" {
			t.Errorf("%s: no content type", path)
		}
	}
}

func TestNothingCanBeWritten(t *testing.T) {
	site := serve(t, nil)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "PROPFIND"} {
		request, err := http.NewRequestWithContext(t.Context(), method, site.URL+"/api/status", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		if response, _ := ask(t, request); response.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: %s: expected 405", method, response.Status)
		}
	}
}

func TestOwnFiguresOnlyUnderALoopbackName(t *testing.T) {
	site := serve(t, func(options *web.Options) { options.Owners = []web.Owner{park("park1")} })
	if response, body := get(t, site.URL+"/api/own/park1/19919"); response.StatusCode != http.StatusOK || !strings.Contains(body, "348000") {
		t.Errorf("%s %s: expected the park's own load", response.Status, body)
	}
	if response, _ := get(t, site.URL+"/api/own/park2/19919"); response.StatusCode != http.StatusNotFound {
		t.Errorf("another park: %s: expected 404", response.Status)
	}
	for _, host := range []string{"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "10.0.0.1"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.URL+"/api/own/park1/19919", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		if response, body := ask(t, request); response.StatusCode != http.StatusForbidden || strings.Contains(body, "348000") {
			t.Errorf("host %s: %s %s: expected 403", host, response.Status, body)
		}
	}
}

func TestRequestsOutOfBoundsAreAnswered(t *testing.T) {
	site := serve(t, nil)
	for path, want := range map[string]int{
		"/api/blocks?limit=-5":                           http.StatusOK,
		"/api/blocks?limit=99999999999999999999":         http.StatusOK,
		"/api/blocks?before=abc&limit=x":                 http.StatusOK,
		"/api/day/4294967296":                            http.StatusNotFound,
		"/api/day/-1":                                    http.StatusNotFound,
		"/api/day/../../etc/passwd":                      http.StatusNotFound,
		"/api/block/9223372036854775807":                 http.StatusNotFound,
		"/api/transaction/zz":                            http.StatusNotFound,
		"/api/record?key=" + strings.Repeat("k", 600):    http.StatusNotFound,
		"/api/record":                                    http.StatusNotFound,
		"/api/record?key=" + strings.Repeat("k", 5000):   http.StatusRequestURITooLong,
		"/api/record?key=%00%ff%27%3B+DROP+TABLE+record": http.StatusNotFound,
		"/../../../etc/passwd":                           http.StatusNotFound,
		"/assets/index.html":                             http.StatusNotFound,
	} {
		response, body := get(t, site.URL+path)
		if response.StatusCode != want {
			t.Errorf("%.60s: %s: expected %d", path, response.Status, want)
		}
		if len(body) > 1<<20 {
			t.Errorf("%.60s: %d bytes", path, len(body))
		}
	}
	_, body := get(t, site.URL+"/api/blocks?limit=100000")
	var blocks []view.Block
	if err := json.Unmarshal([]byte(body), &blocks); err != nil || len(blocks) > 200 {
		t.Errorf("%d blocks, %v: expected at most 200", len(blocks), err)
	}
}

func TestRecordSaysWhetherItIsProven(t *testing.T) {
	type answer struct {
		Kind  string
		Check string
		Proof struct {
			Proven, Present, Same bool
			Problem               string
		}
	}
	ask := func(t *testing.T, proving web.Prover) answer {
		t.Helper()
		site := serve(t, func(options *web.Options) {
			if proving != nil {
				options.Prover = proving
			}
		})
		_, body := get(t, site.URL+"/api/record?key=plan/019919/0001")
		var got answer
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := ask(t, nil); got.Kind != "plan" || !got.Proof.Proven || !got.Proof.Same || got.Check != "sesame record plan/019919/0001" {
		t.Errorf("%+v: expected a proven plan and the command that checks it", got)
	}
	if got := ask(t, prover(func(string) (client.Record, error) { return client.Record{}, errors.New("header 7: not enough votes") })); got.Proof.Proven || got.Proof.Problem != "header 7: not enough votes" {
		t.Errorf("%+v: expected the light client's objection", got.Proof)
	}
	if got := ask(t, prover(func(key string) (client.Record, error) {
		return client.Record{Key: key, Value: []byte{1}, Found: true}, nil
	})); !got.Proof.Proven || got.Proof.Same {
		t.Errorf("%+v: expected to hear that the indexed value is not the proven one", got.Proof)
	}
	if got := ask(t, prover(func(key string) (client.Record, error) { return client.Record{Key: key}, nil })); !got.Proof.Proven || got.Proof.Present {
		t.Errorf("%+v: expected to hear that it is proven absent", got.Proof)
	}
}

func TestNewsReachesEveryPageAndTheNewestNeverWaits(t *testing.T) {
	site := serve(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	site.hub.Publish(web.News{Height: 1})
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, site.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if kind := response.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("content type %q", kind)
	}
	seen := make([]byte, 0, 1024)
	wait := func(text string) {
		buffer := make([]byte, 256)
		for !strings.Contains(string(seen), text) {
			n, err := response.Body.Read(buffer)
			if err != nil {
				t.Fatalf("%v after %q: expected %q", err, seen, text)
			}
			seen = append(seen, buffer[:n]...)
		}
	}
	wait(`"height":1,`)
	for height := int64(2); height <= 1000; height++ {
		site.hub.Publish(web.News{Height: height}) // never waits for a reader
	}
	wait(`"height":1000,`)
}
