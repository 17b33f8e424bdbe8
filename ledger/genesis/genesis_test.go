package genesis_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
)

func document(t testing.TB) genesis.Document {
	t.Helper()
	return ledgertest.Document(t, ledgertest.ReferenceCase(t))
}

func encode(t testing.TB, document genesis.Document) []byte {
	t.Helper()
	encoded, err := genesis.Encode(document)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestDocumentComesBackFromItsFile(t *testing.T) {
	want := document(t)
	encoded := encode(t, want)
	path := filepath.Join(t.TempDir(), "genesis.json")
	if err := os.WriteFile(path, encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	got, read, err := genesis.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || !bytes.Equal(read, encoded) {
		t.Errorf("read %+v, want %+v", got, want)
	}
}

func TestLedgerOfTheReferenceCaseBeginsSixHoursBeforeItsDay(t *testing.T) {
	c := ledgertest.ReferenceCase(t)
	d := document(t)
	if want := c.Horizon.Start - 6*3600; d.Clock.Start != want {
		t.Errorf("starts at %d, want %d", d.Clock.Start, want)
	}
	if d.Gates.TariffLead != 4*3600 || d.Gates.DailyLead != 2*3600 || d.Gates.ReadingLag != 3600 {
		t.Errorf("gates %+v", d.Gates)
	}
	if d.Minimum != 3 || !d.Consent {
		t.Errorf("minimum %d, consent %t: want the three parks' consent", d.Minimum, d.Consent)
	}
	if d.Storage.Power != 400_000 || d.Storage.Start != 500_000 || d.Storage.ChargeEfficiency != 9600 {
		t.Errorf("storage %+v", d.Storage)
	}
}

func TestFaultsAreNamedWithFieldValueAndExpectation(t *testing.T) {
	for _, c := range []struct {
		change func(*genesis.Document)
		want   string
	}{
		{func(d *genesis.Document) { d.ChainID = "" }, `chain_id: "": expected`},
		{func(d *genesis.Document) { d.ChainID = strings.Repeat("a", 51) }, "chain_id:"},
		{func(d *genesis.Document) { d.Currency = "yuan" }, `currency: "yuan": expected three capital letters`},
		{func(d *genesis.Document) { d.Minutes = 20 }, "period_minutes: 20: expected 15, 30 or 60"},
		{func(d *genesis.Document) { d.Threshold = 1 }, "threshold: 1: expected 2 to 5"},
		{func(d *genesis.Document) { d.Threshold = 6 }, "threshold: 6: expected 2 to 5"},
		{func(d *genesis.Document) { d.Members = d.Members[:1] }, "members: 1: expected 2 to 255"},
		{func(d *genesis.Document) { d.Consent = false }, "minimum_parks: 3: expected 5, or parks_consent: true"},
		{func(d *genesis.Document) { d.Minimum = 2 }, "minimum_parks: 2: expected 3 to 3"},
		{func(d *genesis.Document) { d.Minimum = 4 }, "minimum_parks: 4: expected 3 to 3"},
		{func(d *genesis.Document) { d.Parks = d.Parks[:2] }, "parks: 2: expected 3 to"},
		{func(d *genesis.Document) { d.Clock.Factor = 0 }, "clock.factor: 0: expected 1 to"},
		{func(d *genesis.Document) { d.Clock.CapMilliseconds = 0 }, "clock.cap_ms: 0: expected a cap"},
		{func(d *genesis.Document) { d.Gates.DailyLead = 0 }, "gates.daily_lead: 0: expected 1 to"},
		{func(d *genesis.Document) { d.Gates.TariffLead = 60 }, "gates.tariff_lead: 60: expected at least daily_lead, 7200"},
		{func(d *genesis.Document) { d.Gates.Contest = 60 }, "gates.contest: 60: expected at least"},
		{func(d *genesis.Document) { d.Members[2].Name = "Member3" }, `members[2].name: "Member3": expected`},
		{func(d *genesis.Document) { d.Members[2].Name = "park1" }, "parks[0].name: the same as members[2].name"},
		{func(d *genesis.Document) { d.Members[2].Key = d.Members[2].Key[:31] }, "members[2].key: 31 bytes: expected 32"},
		{func(d *genesis.Document) { d.Members[2].SealingKey = nil }, "members[2].sealing_key: 0 bytes: expected a public key"},
		{func(d *genesis.Document) { d.Members[2].ConsensusKey = nil }, "members[2].consensus_key: 0 bytes"},
		{func(d *genesis.Document) { d.Members[2].Index = 4 }, "members[2].index: 4: expected 3"},
		{func(d *genesis.Document) { d.Members[2].Park = "park9" }, `members[2].park: "park9": expected the name of a park`},
		{func(d *genesis.Document) { d.Members[2].ConsensusKey = d.Members[1].ConsensusKey }, "members[2].consensus_key: the same as members[1].consensus_key"},
		{func(d *genesis.Document) { d.Operator.Key = d.Grid.Key }, "operator.key: the same as grid.key"},
		{func(d *genesis.Document) { d.Parks[1].DeficitCapacity = -1 }, "parks[1].deficit_capacity_w: -1: expected 0 to"},
		{func(d *genesis.Document) { d.Storage.Power = 0 }, "storage.power_w: 0: expected 1 to"},
		{func(d *genesis.Document) { d.Storage.Capacity = 1 << 60 }, "storage.capacity_wh:"},
		{func(d *genesis.Document) { d.Storage.Maximum = d.Storage.Capacity + 1 }, "storage.maximum_wh:"},
		{func(d *genesis.Document) { d.Storage.Start = -1 }, "storage.start_wh: -1: expected minimum_wh to maximum_wh"},
		{func(d *genesis.Document) { d.Storage.EndRule = 2 }, "storage.end_rule: 2"},
		{func(d *genesis.Document) { d.Storage.ChargeEfficiency = 10_001 }, "storage.charge_efficiency_1e4: 10001: expected 1 to 10000"},
		{func(d *genesis.Document) { d.Storage.Fee = -1 }, "storage.fee_1e6_per_kwh: -1"},
		{func(d *genesis.Document) { d.Sharing.OperatorShare = 1_000_001 }, "sharing.operator_share_1e6: 1000001: expected 0 to 1000000"},
		{func(d *genesis.Document) { d.Sharing.Reference = -1 }, "sharing.reference_1e6_per_kwh: -1"},
	} {
		d := document(t)
		c.change(&d)
		err := d.Validate()
		var field *genesis.FieldError
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &field) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	d := document(t)
	d.Threshold, d.Storage.Power, d.Parks[0].Name = 9, 0, "?"
	err := d.Validate()
	for _, want := range []string{"threshold: 9", "storage.power_w: 0", "parks[0].name"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
}

func TestDocumentsOfAnotherFormAreRefused(t *testing.T) {
	encoded := string(encode(t, document(t)))
	for name, c := range map[string]struct{ encoded, want string }{
		"unknown field": {strings.Replace(encoded, `"currency"`, `"curency"`, 1), `unknown field "curency"`},
		"field twice":   {strings.Replace(encoded, `"currency"`, `"threshold": 2, "currency"`, 1), `field "threshold" stands twice`},
		"other letters": {strings.Replace(encoded, `"threshold"`, `"Threshold"`, 1), `field "Threshold": expected lower-case`},
		"a second one":  {encoded + "{}", "something follows"},
		"cut off":       {encoded[:len(encoded)/2], "unexpected EOF"},
		"a fraction":    {strings.Replace(encoded, `"threshold": 3`, `"threshold": 3.5`, 1), "3.5"},
		"local time":    {strings.Replace(encoded, `2026-01-02T03:04:05Z`, `2026-01-02T03:04:05+08:00`, 1), "expected UTC"},
		"too large":     {encoded + strings.Repeat(" ", genesis.MaxSize), "at most"},
	} {
		if _, err := genesis.Parse([]byte(c.encoded)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %.200v, want %q", name, err, c.want)
		}
	}
}

func TestWarningsNameWhatEverybodyShouldKnow(t *testing.T) {
	d := document(t)
	d.Threshold = 2
	all := strings.Join(d.Warnings(), "\n")
	for _, want := range []string{
		"members owned by parks (2: [member4 member5]) reach the threshold 2",
		"community sums of 3 parks are opened with the parks' recorded consent",
		"ledger time runs 60 times as fast",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("warnings lack %q:\n%s", want, all)
		}
	}
	d.Threshold, d.Minimum, d.Clock.Factor = 3, 5, 1
	if left := d.Warnings(); len(left) != 0 {
		t.Errorf("warnings %q, want none", left)
	}
}

func TestQuorumLeavesEnoughHonestMembers(t *testing.T) {
	for _, c := range []struct{ members, threshold, want int }{{5, 3, 4}, {4, 3, 4}, {5, 2, 4}, {7, 4, 6}, {50, 34, 42}, {2, 2, 2}, {255, 2, 129}} {
		if got := genesis.Quorum(c.members, c.threshold); got != c.want {
			t.Errorf("quorum of %d with threshold %d: %d, want %d", c.members, c.threshold, got, c.want)
		}
	}
}

// FuzzParse: what parses is valid, and its parts are bounded.
func FuzzParse(f *testing.F) {
	f.Add(encode(f, document(f)))
	f.Add([]byte(`{"chain_id":"a"}`))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		d, err := genesis.Parse(encoded)
		if err != nil {
			return
		}
		if err := d.Validate(); err != nil {
			t.Fatalf("parsed and not valid: %v", err)
		}
		if again, err := genesis.Encode(d); err != nil {
			t.Fatalf("does not encode: %v", err)
		} else if _, err := genesis.Parse(again); err != nil {
			t.Fatalf("does not come back: %v", err)
		}
	})
}
