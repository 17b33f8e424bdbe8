package simulate

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/participant/participanttest"
)

// The grid company's meter writes the day's file: what the park's own meters
// show, netted.
func TestGridCompanysMeterWritesItsDailyFile(t *testing.T) {
	c := ledgertest.ReferenceCase(t)
	ledger := participanttest.New(t, ledgertest.NewChain(t, c))
	url, _ := listen(t, "sesame/park1/meter/none")
	folder := t.TempDir()
	serve(t, ledger, Config{Case: "../cases/reference", Samples: 2, GridMeters: folder, Parks: []Park{{Name: "park1", URL: url}}})
	want := "start,net_w\n"
	for period := range c.Horizon.Periods {
		start := time.Unix(c.Horizon.At(period), 0).UTC().Format(time.RFC3339)
		want += fmt.Sprintf("%s,%d\n", start, c.Parks[0].Surplus(period)-c.Parks[0].Deficit(period))
	}
	path := filepath.Join(folder, "park1", "2024-07-15.csv")
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		ledger.To(max(ledger.Now()+1, c.Horizon.End()))
		if got, err := os.ReadFile(path); err == nil {
			if string(got) != want {
				t.Errorf("file\n%s\nexpected\n%s", got, want)
			}
			return
		}
	}
	t.Fatalf("no file %s", path)
}
