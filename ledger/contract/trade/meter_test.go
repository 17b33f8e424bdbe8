package trade_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// netOf is what a park shows the grid company.
func netOf(l *contracttest.Ledger, park string) trade.NetValues {
	l.T.Helper()
	forms, _, err := trade.NetForms(l.SealedOf(vault.Reading, day, park))
	l.Must(err)
	var net trade.NetValues
	for period := range forms {
		sum := l.Parks[park].Sum(&forms[period])
		blinding := sum.Blinding.Bytes()
		net.Values, net.Blindings = append(net.Values, sum.Value.Int64()), append(net.Blindings, blinding[:])
	}
	return net
}

func attest(l *contracttest.Ledger, park string, fits bool) error {
	l.T.Helper()
	sealed := l.SealedOf(vault.Reading, day, park)
	commitment, err := trade.NetCommitment(contracttest.Chain, sealed)
	l.Must(err)
	return trade.HandleAttest(l.Context("grid"), trade.Attest{Day: day, Park: park, Version: sealed.Version, Commitment: commitment, Fits: fits, Detail: "2 of 4 periods differ"})
}

func show(l *contracttest.Ledger, park string, version uint32) error {
	return trade.HandleNet(l.Context(park), trade.SubmitNet{Day: day, Version: version, ToGrid: []byte("sealed")})
}

func basis(l *contracttest.Ledger, park string) string {
	bill, _ := record.Load[trade.Bill](l.State, trade.BillKey(day, park))
	return bill.Basis
}

// The grid company opens a park's net exchange, and nothing else fits.
func TestNetValuesOpenTheSealedReadings(t *testing.T) {
	l := metered(t, 3)
	sealed, net := l.SealedOf(vault.Reading, day, "park1"), netOf(l, "park1")
	if want := []int64{90_000, 40_000, -120_000, -70_000}; !slices.Equal(net.Values, want) {
		t.Errorf("net values %v: expected %v", net.Values, want)
	}
	l.Must(trade.CheckNet(sealed, net))
	for name, change := range map[string]func(*trade.NetValues){
		"a watt more":         func(n *trade.NetValues) { n.Values[2]++ },
		"another blinding":    func(n *trade.NetValues) { n.Blindings[0] = n.Blindings[1] },
		"a value too few":     func(n *trade.NetValues) { n.Values = n.Values[1:] },
		"a blinding too few":  func(n *trade.NetValues) { n.Blindings = n.Blindings[1:] },
		"a blinding too long": func(n *trade.NetValues) { n.Blindings[0] = make([]byte, 33) },
		"out of range":        func(n *trade.NetValues) { n.Values[0] = 1 << 40 },
	} {
		changed := trade.NetValues{Values: slices.Clone(net.Values), Blindings: slices.Clone(net.Blindings)}
		change(&changed)
		if trade.CheckNet(sealed, changed) == nil {
			t.Errorf("%s opens the sealed readings", name)
		}
	}
	if trade.CheckNet(l.SealedOf(vault.Reading, day, "park2"), net) == nil {
		t.Error("park1's net values open the readings of park2")
	}
}

// A bill says what its readings rest on: honesty, until the grid company has
// compared them with its meter, before the settlement or after.
func TestBillsSayWhatTheyRestOn(t *testing.T) {
	l := metered(t, 3)
	l.Must(show(l, "park1", 1))
	l.Must(attest(l, "park1", true))
	settle(l)
	if got := []string{basis(l, "park1"), basis(l, "park2"), basis(l, "park3")}; !slices.Equal(got, []string{trade.BasisMetered, trade.BasisHonesty, trade.BasisHonesty}) {
		t.Errorf("bills rest on %v", got)
	}
	l.Must(show(l, "park2", 1))
	l.Must(attest(l, "park2", true))
	if got := basis(l, "park2"); got != trade.BasisMetered {
		t.Errorf("metered after the settlement: %s", got)
	}
	if err := attest(l, "park2", false); err == nil {
		t.Error("what was metered was disputed afterwards")
	}
	if err := show(l, "park2", 1); err == nil {
		t.Error("what was metered was shown again")
	}
}

// A park whose sealed readings are not its meter's is named, and stays so
// however often it shows the same again.
func TestReadingsThatAreNotTheMetersAreDisputed(t *testing.T) {
	l := metered(t, 3)
	l.Must(show(l, "park3", 1))
	l.Must(attest(l, "park3", false))
	settle(l)
	l.Must(show(l, "park3", 1))
	if got := basis(l, "park3"); got != trade.BasisDisputed {
		t.Errorf("the bill rests on %s: expected disputed", got)
	}
	if !slices.Contains(l.Alerts(), trade.RuleMeterDisputed+" park3") {
		t.Errorf("alerts %v", l.Alerts())
	}
	l.Must(attest(l, "park3", true)) // the meter was read again
	if got := basis(l, "park3"); got != trade.BasisMetered {
		t.Errorf("the bill rests on %s: expected metered", got)
	}
}

// Sealed anew before the gate, readings are compared anew: what was said of
// another version does not count.
func TestWhatWasSaidOfAnotherVersionDoesNotCount(t *testing.T) {
	l := metered(t, 3)
	l.Must(show(l, "park1", 1))
	l.Must(attest(l, "park1", true))
	l.Now-- // just before the gate
	l.Parks["park1"].Seal(vault.Reading, day, 2, values(surplus[0]), values(deficit[0]))
	l.Now++
	if err := attest(l, "park1", true); err == nil || !strings.Contains(err.Error(), "shown no net values") {
		t.Errorf("attested before it was shown: %v", err)
	}
	if err := show(l, "park1", 1); err == nil {
		t.Error("net values of a version that is gone were taken")
	}
	settle(l)
	if got := basis(l, "park1"); got != trade.BasisHonesty {
		t.Errorf("the bill rests on %s", got)
	}
}

func TestAttestationsThatFitNothingAreRefused(t *testing.T) {
	l := metered(t, 2)
	l.Must(show(l, "park1", 1))
	right, err := trade.NetCommitment(contracttest.Chain, l.SealedOf(vault.Reading, day, "park1"))
	l.Must(err)
	for name, body := range map[string]trade.Attest{
		"another commitment":       {Day: day, Park: "park1", Version: 1, Commitment: make([]byte, 32), Fits: true},
		"another version":          {Day: day, Park: "park1", Version: 2, Commitment: right, Fits: true},
		"a park that showed none":  {Day: day, Park: "park2", Version: 1, Commitment: right, Fits: true},
		"a park that sealed none":  {Day: day, Park: "park3", Version: 1, Commitment: right, Fits: true},
		"another day":              {Day: day + 1, Park: "park1", Version: 1, Commitment: right, Fits: true},
		"a detail of a whole page": {Day: day, Park: "park1", Version: 1, Commitment: right, Detail: strings.Repeat("x", 201)},
	} {
		if err := trade.HandleAttest(l.Context("grid"), body); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	l.Now += contracttest.Contest + 24*contracttest.Hour
	if err := attest(l, "park1", true); err == nil {
		t.Error("after the contest term: accepted")
	}
	if err := show(l, "park2", 1); err == nil {
		t.Error("shown after the contest term: accepted")
	}
}
