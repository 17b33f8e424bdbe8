package monitor

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/monitor/fixture"
)

const browserTests = "../test/browser"

// TestPageInABrowser runs test/browser against the page of the fixture.
func TestPageInABrowser(t *testing.T) {
	for need, how := range map[string]string{
		"node": "Node.js is not installed", chromiumPath(): "no Chromium there: apt-get install chromium",
	} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skipf("%s: %s", need, how)
		}
	}
	if _, err := os.Stat(filepath.Join(browserTests, "node_modules", "playwright-core")); err != nil {
		t.Skip("test/browser has no node_modules: run `make browser` first")
	}
	afternoon := fixture.NewFeed(days(t).Blocks, days(t).At(secondAfternoon))
	quiet := fixture.NewFeed(days(t).Blocks, days(t).At(13*60))
	command := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec")
	command.Dir = browserTests
	command.Env = append(os.Environ(),
		"SESAME_PAGE="+start(t, afternoon, "127.0.0.1:0", allOwners(days(t))...),
		"SESAME_CONTROL="+control(t, afternoon),
		"SESAME_QUIET_PAGE="+start(t, quiet, "127.0.0.1:0"),
		"SESAME_QUIET_CONTROL="+control(t, quiet),
		"SESAME_CHROMIUM="+chromiumPath(),
	)
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

func chromiumPath() string {
	if path := os.Getenv("SESAME_CHROMIUM"); path != "" {
		return path
	}
	return "/usr/bin/chromium"
}

// control lets the browser's tests move the feed on.
func control(t *testing.T, feed *fixture.Feed) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /release", func(w http.ResponseWriter, r *http.Request) {
		minutes, err := strconv.ParseInt(r.URL.Query().Get("until"), 10, 64)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		feed.Release(days(t).At(minutes) - int(feed.Newest().Height))
	})
	mux.HandleFunc("POST /next", func(http.ResponseWriter, *http.Request) { feed.Release(1) })
	mux.HandleFunc("POST /hostile", func(http.ResponseWriter, *http.Request) { feed.Append(hostile(feed.Newest())) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// hostile is a block whose every text tries to become markup or script.
func hostile(after client.Block) client.Block {
	const text = `"><script>window.pwned=1</script><img src=x onerror="window.pwned=2">{sender}`
	change := func(key string, value any) client.Change {
		return client.Change{Key: key, Value: record.Encode(value)}
	}
	return client.Block{
		Height: after.Height + 1, BlockTime: after.BlockTime.Add(time.Second), LedgerTime: after.LedgerTime + 1, Proposer: []byte(text),
		Transactions: []client.Transaction{{Hash: []byte(text), Code: 7, Log: text, Bytes: []byte(text)}},
		Changes: []client.Change{
			change(alerts.Prefix+"99999999", alerts.Alert{ID: 99_999_999, Rule: text, Subject: text, Detail: text, RaisedBy: text, Time: after.LedgerTime}),
			change(committee.MemberKey(text), committee.Member{Name: text, Owner: text, Index: 6, Absent: true, Missed: 9}),
			change(committee.ParkKey(text), committee.Park{Name: text}),
			change(committee.ProposalKey(9), committee.Proposal{ID: 9, Proposer: text, Action: text, Subject: text, Reason: text, State: text}),
			change(trade.ContractKey("019919/0001/"+text), trade.Contract{ID: text, Day: 19919, Plan: 1, Party: text, Counterparty: text, State: text, Confirmed: []string{text}}),
			change(trade.BillKey(19919, text), trade.Bill{Park: text, State: text}),
			change(vault.RoundKey("forecast/019919/9"), vault.Round{
				ID: text, Kind: text, Phase: text, Reason: text, Started: 1, Candidates: []vault.Participant{{Park: text}},
				Purposes: []vault.Purpose{{Kind: text, Period: 1}}, Refused: []string{text},
			}),
			change(vault.ReleaseKey("disclosure/019919/"+text), vault.Release{
				ID: text, Kind: text, Park: text, Series: text, Parts: []string{text}, Requester: text, Reason: text, Phase: text, Granted: 1, Outcome: text,
			}),
			change(vault.SealedKey(vault.Forecast, 19919, text), vault.Sealed{Park: text, Parts: [][]byte{[]byte(text)}}),
		},
	}
}

// TestPictures takes those of the documentation's pictures that show what goes
// wrong; the others are taken of a demo (docs/monitor.md):
// SESAME_PICTURES=../docs/images go test -run TestPictures ./monitor
func TestPictures(t *testing.T) {
	folder := os.Getenv("SESAME_PICTURES")
	if folder == "" {
		t.Skip("only for the documentation: set SESAME_PICTURES to the folder of the pictures")
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	feed := fixture.NewFeed(days(t).Blocks, days(t).At(secondAfternoon))
	command := exec.CommandContext(t.Context(), "node", "pictures.mjs", start(t, feed, "127.0.0.1:0", allOwners(days(t))...), folder, "ledger", "ledger-dark", "alerts", "privacy-disclosed")
	command.Dir = browserTests
	if output, err := command.CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("%v\n%s", err, output)
	}
}
