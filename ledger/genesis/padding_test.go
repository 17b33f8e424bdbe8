package genesis_test

import (
	"strings"
	"testing"
)

// Three parks agree to what sums tell, or pad their forecasts; a padding needs
// room in what parks have registered.
func TestFewParksConsentOrPad(t *testing.T) {
	d := document(t)
	d.Consent = false
	if err := d.Validate(); err == nil || !strings.Contains(err.Error(), "padding_kw") {
		t.Errorf("three parks without consent and padding: %v", err)
	}
	d.Padding = 10
	if err := d.Validate(); err != nil {
		t.Errorf("with 10 kW of padding: %v", err)
	}
	if warned := strings.Join(d.Warnings(), "; "); !strings.Contains(warned, "up to 10 kW") {
		t.Errorf("warnings %q", warned)
	}
	d.Parks[1].SurplusCapacity = 9_999
	if err := d.Validate(); err == nil || !strings.Contains(err.Error(), "room for the padding") {
		t.Errorf("without room: %v", err)
	}
	for _, padding := range []int64{-1, 10_001} {
		d := document(t)
		d.Padding = padding
		if err := d.Validate(); err == nil {
			t.Errorf("padding_kw %d: accepted", padding)
		}
	}
}
