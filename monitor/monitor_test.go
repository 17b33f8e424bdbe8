package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/monitor/fixture"
	"github.com/sesame-energy/sesame/monitor/index"
	"github.com/sesame-energy/sesame/monitor/view"
	"github.com/sesame-energy/sesame/monitor/web"
)

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// reach waits until the monitor has indexed a block.
func reach(t *testing.T, url string, height int64) view.Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		_, body := fetch(t, url+"/api/status")
		var status view.Status
		if err := json.Unmarshal([]byte(body), &status); err != nil {
			t.Fatal(err)
		}
		if status.Height >= height {
			return status
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the monitor stands at block %d: expected %d", status.Height, height)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestMonitorFollowsTheLedgerAndShowsAnAbsentMember(t *testing.T) {
	quiet, absent := days(t).At(13*60), days(t).At(14*60+50)
	feed := fixture.NewFeed(days(t).Blocks, quiet)
	url := start(t, feed, "127.0.0.1:0")
	if status := reach(t, url, int64(quiet)); status.OpenAlerts != 0 {
		t.Errorf("%d alerts at 13:00: expected none", status.OpenAlerts)
	}
	feed.Release(absent - quiet)
	status := reach(t, url, int64(absent))
	if status.OpenAlerts != 1 || !status.Members[3].Absent {
		t.Errorf("%d alerts, members %+v: expected that member4 is absent", status.OpenAlerts, status.Members)
	}
	_, metrics := fetch(t, url+"/metrics")
	for _, line := range []string{
		fmt.Sprintf(`sesame_height{chain="sesame-test"} %d`, absent),
		`sesame_member_absent{chain="sesame-test",member="member4"} 1`,
		`sesame_member_absent{chain="sesame-test",member="member1"} 0`,
		`sesame_alerts_open{chain="sesame-test"} 1`,
		`sesame_plan_version{chain="sesame-test"} 1`,
	} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("metrics without %s", line)
		}
	}
	for _, name := range []string{"sesame_plan_gap", "sesame_storage_planned_watts", "sesame_storage_metered_watts", "sesame_storage_energy_watt_hours"} {
		if !strings.Contains(metrics, "\n"+name+"{") {
			t.Errorf("metrics without %s", name)
		}
	}
}

// watched is a feed that notes where it was asked to begin.
type watched struct {
	*fixture.Feed
	from chan int64
}

func (w watched) Follow(ctx context.Context, from int64, visit func(client.Block) error) error {
	w.from <- from
	return w.Feed.Follow(ctx, from, visit)
}

func TestMonitorGoesOnWhereItStopped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "monitor.sqlite")
	run := func(released int) (from int64) {
		kept, err := index.Open(t.Context(), path, days(t).Document, days(t).Hash)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = kept.Close() }()
		ctx, cancel := context.WithCancel(t.Context())
		feed := watched{fixture.NewFeed(days(t).Blocks, released), make(chan int64, 1)}
		done := make(chan error, 1)
		hub := &web.Hub{}
		go func() { done <- follow(ctx, feed, kept, hub, slog.New(slog.DiscardHandler)) }()
		for height := int64(0); height < int64(released); {
			if height, err = kept.Height(ctx); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		return <-feed.from
	}
	if first, second := run(5), run(9); first != 1 || second != 6 {
		t.Errorf("began at blocks %d and %d: expected 1 and 6", first, second)
	}
}

func TestOwnDayOfAParkNode(t *testing.T) {
	answer := map[string]any{
		"park": "park1", "date": "2024-07-15", "starts": []int64{1720972800, 1720976400}, "end": 1720980000,
		"forecast": map[string]any{"load_w": []int64{348_000, 100}, "pv_w": []int64{0, 300}, "wind_w": []int64{1000, 0}},
		"readings": map[string]any{"load_w": []int64{350_000}, "pv_w": []int64{0}, "wind_w": []int64{}},
		"contract": map[string]any{"id": "019919/0001/park1", "lines": []trade.Line{{Start: 1720972800, Purchase: 347_000, BuyPrice: 292_600, Total: energy.Cost(347_000 * 292_600)}}},
		"bill":     map[string]any{"state": "sent", "without_storage": "4165430000000", "money_1e6": 3_550_730_000},
	}
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/day/2024-07-15" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	defer node.Close()
	own := newOwner(ParkAPI{Name: "park1", URL: node.URL + "/"})
	day, there, err := own.Day(t.Context(), 19919)
	if err != nil || !there {
		t.Fatal(there, err)
	}
	got := fmt.Sprint(day.Forecast.Deficit, day.Forecast.Surplus, day.Reading.Deficit, *day.Bill, day.Lines)
	want := "[347000 0] [0 200] [] {4165430000 614700000 3550730000} [{1720972800 347000 0 292600 0 101532200}]"
	if got != want {
		t.Errorf("%s\nexpected %s", got, want)
	}
	if _, there, err := own.Day(t.Context(), 19920); there || err != nil {
		t.Errorf("%v, %v: expected to hear that the park knows nothing of that day", there, err)
	}
}

func FuzzOwnDay(f *testing.F) {
	f.Add([]byte(`{"starts":[0],"end":3600,"bill":{"without_storage":"1"}}`))
	f.Add([]byte(`{"starts":[-9223372036854775808],"end":9223372036854775807}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		day, err := parseOwnDay(body)
		if err != nil {
			return
		}
		if _, err := json.Marshal(day); err != nil {
			t.Fatal(err)
		}
	})
}
