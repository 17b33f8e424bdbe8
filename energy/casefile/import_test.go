package casefile

import (
	"errors"
	"testing"

	"github.com/sesame-energy/sesame/energy"
)

func TestImportIsCappedAndChargedWhereTheCaseSaysSo(t *testing.T) {
	for keys, want := range map[string]*energy.Import{
		"":                              nil,
		"demand_charge_per_kw: 0\n":     nil,
		"import_cap_kw: 0\n":            {},
		"import_cap_kw: 12.5\n":         {Cap: 12_500},
		"demand_charge_per_kw: 41.25\n": {Cap: energy.NoLimit, DemandCharge: 41_250_000},
		"import_cap_kw: 300\ndemand_charge_per_kw: 1e-6\n": {Cap: 300_000, DemandCharge: 1},
	} {
		c, _, err := Load(write(t, plainCase+keys, plainSeries, plainTariff))
		if err != nil {
			t.Fatalf("%q: %v", keys, err)
		}
		if (c.Import == nil) != (want == nil) || want != nil && *c.Import != *want {
			t.Errorf("%q: %+v, want %+v", keys, c.Import, want)
		}
	}
	for _, keys := range []string{"import_cap_kw: -1", "import_cap_kw: much", "demand_charge_per_kw: -0.01", "demand_charge_per_kw: 1e-7", "demand_charge_per_kw: 1e9"} {
		if _, _, err := Load(write(t, plainCase+keys+"\n", plainSeries, plainTariff)); !errors.As(err, new(*Error)) {
			t.Errorf("%q: %v, want an *Error", keys, err)
		}
	}
}
