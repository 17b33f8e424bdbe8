package ledger_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/sesame-energy/sesame/ledger"
)

// The table in docs/ledger.md is the route table, row by row.
func TestDocumentedRoutesAreTheRoutes(t *testing.T) {
	page, err := os.ReadFile("../docs/ledger.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+/[a-z-]+)` \\| ([a-z ]+) \\|").FindAllStringSubmatch(string(page), -1) {
		documented[row[1]] = row[2]
	}
	if len(documented) != len(ledger.Kinds()) {
		t.Errorf("%d kinds are documented, there are %d", len(documented), len(ledger.Kinds()))
	}
	for _, kind := range ledger.Kinds() {
		roles := ""
		for i, role := range ledger.RolesOf(kind) {
			if i > 0 {
				roles += " "
			}
			roles += fmt.Sprint(role)
		}
		if documented[kind] != roles {
			t.Errorf("%s: documented for %q, taken from %q", kind, documented[kind], roles)
		}
	}
}
