package test

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/monitor"
	"github.com/sesame-energy/sesame/network"
)

// apart is a network laid out by the command, every role a process of its own.
type apart struct {
	*witness
	layout network.Layout
	roles  map[string]*process
}

// layOutApart runs `sesame network` on a case.
func layOutApart(ctx context.Context, t *testing.T, folder string) *apart {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "network")
	if code, _, stderr := sesame(ctx, t, "network", folder, "--dir", dir, "--speed", "1440", "--free-ports"); code != 0 {
		t.Fatalf("sesame network: exit code %d: %s", code, stderr)
	}
	layout, err := network.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	document, _, err := genesis.Load(layout.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	var urls []string
	for _, path := range layout.Members {
		urls = append(urls, api(t, path))
	}
	return &apart{newWitness(ctx, t, document, urls...), layout, map[string]*process{}}
}

// start starts the command that runs a role on its configuration file.
func (a *apart) start(path string, command ...string) {
	a.t.Helper()
	name := filepath.Base(filepath.Dir(path))
	if command[0] == "simulate" {
		name = "simulated " + command[1]
	}
	a.roles[name] = launch(a.ctx, a.t, name, nil, append(command, "--config", path)...)
}

// startAll starts every role but one park.
func (a *apart) startAll(silent string) {
	for _, path := range a.layout.Members {
		a.start(path, "member", "start")
	}
	for i, path := range a.layout.Parks {
		if a.document.Parks[i].Name != silent {
			a.start(path, "park", "start")
		}
	}
	a.start(a.layout.Grid, "grid", "start")
	a.start(a.layout.Operator, "battery", "start")
	a.start(a.layout.Monitor, "monitor", "start")
	a.start(a.layout.Observer, "observer", "start")
	a.start(a.layout.Meters, "simulate", "meters")
	a.start(a.layout.Battery, "simulate", "battery")
}

// nodes are witnesses at all members' nodes and the observer's.
func (a *apart) nodes() []*witness {
	a.t.Helper()
	settings, err := config.Load[member.ObserverConfig](a.layout.Observer)
	if err != nil {
		a.t.Fatal(err)
	}
	return append(members(a.ctx, a.t, a.layout.Dir), newWitness(a.ctx, a.t, a.document, "http://"+settings.Node.API))
}

// Every role is a process of its own. The fourth park is silent at the daily
// gate, and one member is killed in the middle of the day: the day settles for
// all parks, and the member catches up when it is back.
func TestDayOfSeparateProcessesSettlesThoughOneMemberIsKilledAndOneParkIsSilent(t *testing.T) {
	skipShort(t)
	a := layOutApart(bounded(t, 8*time.Minute), t, fourParks(t))
	a.startAll("park4")

	a.until("the plan", func() bool {
		_, found := load[scheduling.Plan](a.witness, scheduling.Key(firstDay, 1))
		return found
	})
	a.start(a.layout.Parks[3], "park", "start")
	plan := must[scheduling.Plan](a.witness, scheduling.Key(firstDay, 1))
	if plan.Source != scheduling.SourceRound || !slices.Equal(plan.Parks, []string{"park1", "park2", "park3"}) {
		t.Errorf("planned on %s for %v: expected a round of three parks", plan.Source, plan.Parks)
	}
	samePlan(t, plan, loadCase(t, referenceCase)) // without the fourth park the case is the reference case
	if !a.alert(alerts.ParkMissedGate, "park4") {
		t.Errorf("no alert %s about park4: %+v", alerts.ParkMissedGate, all[alerts.Alert](a.witness, alerts.Prefix))
	}

	day := must[tariff.Tariff](a.witness, tariff.Key(firstDay))
	a.reach("ten in the morning", day.Starts[10])
	a.roles["member3"].kill()
	a.until("the alert about member3", func() bool { return a.alert(alerts.MemberAbsent, "member3") })
	a.reach("five in the afternoon", day.Starts[17])
	a.start(a.layout.Members[2], "member", "start")

	var settlement trade.Settlement
	a.until("the settlement", func() (found bool) {
		settlement, found = load[trade.Settlement](a.witness, trade.SettlementKey(firstDay))
		return found
	})
	if parks := []string{"park1", "park2", "park3", "park4"}; settlement.Kind != trade.SettledShared || !slices.Equal(settlement.Parks, parks) {
		t.Fatalf("settled %s %s for %v, by meter %v: expected a shared saving of four parks", settlement.Kind, settlement.Reason, settlement.Parks, settlement.ByMeter)
	}
	if _, sealed := load[contract.Sealed](a.witness, contract.SealedKey(contract.Forecast, firstDay, "park4")); sealed {
		t.Error("park4 has sealed a forecast: expected it to be silent at the gate")
	}
	if err := trade.CheckBooks(settlement, day); err != nil {
		t.Error(err)
	}
	a.until("all bills", func() bool {
		bills := all[trade.Bill](a.witness, trade.BillPrefix(firstDay))
		return len(bills) == 4 && !slices.ContainsFunc(bills, func(bill trade.Bill) bool { return bill.State != trade.BillAccepted })
	})
	agree(t, a.nodes())
	a.until("member3 to sign again", func() bool {
		return !must[committee.Member](a.witness, committee.MemberKey("member3")).Absent
	})
	a.pageAnswers()
	for name, role := range a.roles {
		if code := role.interrupt(); code != 0 {
			t.Errorf("%s ends with exit code %d when interrupted:\n%s", name, code, role.tail())
		}
	}
}

func (a *apart) pageAnswers() {
	a.t.Helper()
	settings, err := config.Load[monitor.Config](a.layout.Monitor)
	if err != nil {
		a.t.Fatal(err)
	}
	response, err := http.Get("http://" + settings.Listen + "/")
	if err != nil {
		a.t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		a.t.Errorf("the page: %s", response.Status)
	}
}
