package energy

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDecimalsAreReadExactly(t *testing.T) {
	for _, c := range []struct {
		text     string
		decimals int
		units    int64
		exact    bool
	}{
		{"0", 3, 0, true},
		{"12", 3, 12000, true},
		{"-0.5", 3, -500, true},
		{"+.25", 2, 25, true},
		{"5.", 1, 50, true},
		{"0.0005", 3, 1, false},
		{"-0.0005", 3, -1, false},
		{"0.00049999", 3, 0, false},
		{"0.29260000", 6, 292600, true},
		{"1.25e-3", 6, 1250, true},
		{"1e3", 0, 1000, true},
		{"1E+2", 1, 1000, true},
		{"1e-400", 3, 0, false},
		{"0e300", 3, 0, true},
		{"0.9994999999999999999999999999", 3, 999, false},
		{"9223372036854775807", 0, 9223372036854775807, true},
		{"-0", 3, 0, true},
	} {
		units, exact, err := ParseDecimal(c.text, c.decimals)
		if err != nil || units != c.units || exact != c.exact {
			t.Errorf("ParseDecimal(%q, %d) = %d, %v, %v; want %d, %v", c.text, c.decimals, units, exact, err, c.units, c.exact)
		}
	}
}

func TestWhatIsNoDecimalIsRefused(t *testing.T) {
	for _, text := range []string{
		"", ".", "-", "abc", "1,5", "1 000", "NaN", "inf", "0x10", "1_000", "1e", "1e+", "--1", "1.2.3", "1e3.5",
		"9223372036854775808", "1e30", "1e400", strings.Repeat("1", 500),
	} {
		if units, _, err := ParseDecimal(text, 3); err == nil {
			t.Errorf("ParseDecimal(%q) = %d, want an error", text, units)
		}
	}
}

// Law: ParseDecimal agrees with exact rational arithmetic.
func TestDecimalsAgreeWithRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,9}(\.[0-9]{0,12})?(e-?[0-4])?`).Draw(t, "text")
		decimals := rapid.IntRange(0, 6).Draw(t, "decimals")
		want, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("rational does not read %q", text)
		}
		for range decimals {
			want.Mul(want, big.NewRat(10, 1))
		}
		units, exact, err := ParseDecimal(text, decimals)
		if err != nil {
			t.Fatal(err)
		}
		difference := want.Sub(want, big.NewRat(units, 1))
		if exact != (difference.Sign() == 0) {
			t.Fatalf("exact = %v, difference %v", exact, difference)
		}
		if difference.Abs(difference).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("%q at %d decimals is %d", text, decimals, units)
		}
	})
}
