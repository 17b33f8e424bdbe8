package park

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/field"
)

const goodConfig = `home: .
nodes: [http://127.0.0.1:27101]
genesis: ../genesis.json
mqtt:
  listen: 127.0.0.1:1883
topics:
  load: site/load
meters: [load, pv]
limits:
  pv_w: 750000
`

func loadConfig(t *testing.T, content string) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "park.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load[Config](path)
}

func TestConfigurationReads(t *testing.T) {
	got, err := loadConfig(t, goodConfig)
	if err != nil {
		t.Fatal(err)
	}
	if got.limit(PV) != 750_000 || got.limit(Load) != field.MaxPower || len(got.meters()) != 2 || got.Topics.Load != "site/load" || !filepath.IsAbs(got.Genesis) {
		t.Fatalf("%+v", got)
	}
}

func TestConfigurationErrorsNameTheKey(t *testing.T) {
	for want, change := range map[string][2]string{
		`unknown field "topiks"`: {"topics:", "topiks:"},
		"mqtt":                   {"  listen: 127.0.0.1:1883", "  username: a"},
		"meters: entry 2":        {"[load, pv]", "[load, load]"},
		"limits.pv_w":            {"750000", "-1"},
		"home is missing":        {"home: .", "home: ''"},
		"nodes is missing":       {"[http://127.0.0.1:27101]", "[]"},
	} {
		if _, err := loadConfig(t, strings.Replace(goodConfig, change[0], change[1], 1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: expected %q", err, want)
		}
	}
}
