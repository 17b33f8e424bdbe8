package ledger_test

import (
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
)

// A state without the records of this version is refused in words before
// anything is built on it; it would count a quorum of none.
func TestStateOfAnEarlierVersionIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(record.State)
		says  string
	}{
		"as it is":         {func(record.State) {}, ""},
		"no keepers":       {func(s record.State) { s.Delete(committee.KeepersKey(1)) }, "no record of the share keepers of epoch 1"},
		"other parameters": {func(s record.State) { s.Set(committee.ParametersKey, record.Encode([]string{"chain"})) }, "committee/parameters"},
		"no clock":         {func(s record.State) { s.Delete(ledger.ClockKey) }, "no clock"},
	} {
		chain := ledgertest.NewChain(t, ledgertest.ReferenceCase(t))
		chain.Step()
		test.spoil(chain.Store)
		err := chain.Machine.Check()
		if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "not one of this version")) {
			t.Errorf("%s: %v: expected %q", name, err, test.says)
		}
	}
}

func TestMachineBeforeGenesisMayStart(t *testing.T) {
	store := open(t, t.TempDir())
	defer func() { _ = store.Close() }()
	if err := ledger.New(store).Check(); err != nil {
		t.Error(err)
	}
}
