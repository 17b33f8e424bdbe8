package monitor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/config"
)

const good = `home: monitor
genesis: genesis.json
nodes: ["http://127.0.0.1:8080"]
listen: 127.0.0.1:8090
`

func load(t *testing.T, text string) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "monitor.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load[Config](path)
}

func TestConfigurationIsReadStrictly(t *testing.T) {
	loaded, err := load(t, good+"park_api:\n  - {name: park1, url: \"http://127.0.0.1:8201\"}\n")
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(loaded.Home) || loaded.database() != filepath.Join(loaded.Home, "monitor.sqlite") || len(loaded.ParkAPI) != 1 {
		t.Errorf("%+v: expected paths beside the file and one park", loaded)
	}
	for name, test := range map[string]struct{ text, want string }{
		"unknown key":          {good + "lisen: x\n", "lisen"},
		"no home":              {strings.Replace(good, "home: monitor\n", "", 1), "home"},
		"no node":              {strings.Replace(good, `["http://127.0.0.1:8080"]`, "[]", 1), "nodes"},
		"node that is no URL":  {strings.Replace(good, "http://127", "127", 1), "nodes: entry 1"},
		"listen without port":  {strings.Replace(good, "127.0.0.1:8090", "127.0.0.1", 1), "listen"},
		"own figures for all":  {strings.Replace(good, "127.0.0.1:8090", "0.0.0.0:8090", 1) + "park_api: [{name: park1, url: \"http://127.0.0.1:1\"}]\n", "loopback"},
		"one park twice":       {good + "park_api: [{name: a, url: \"http://127.0.0.1:1\"}, {name: a, url: \"http://127.0.0.1:1\"}]\n", "entry 2"},
		"park with another's":  {good + "park_api: [{name: a, url: \"file:///etc/passwd\"}]\n", "park_api: a"},
		"no genesis":           {strings.Replace(good, "genesis: genesis.json\n", "", 1), "genesis"},
		"two documents":        {good + "---\n" + good, "document"},
		"list where a text is": {strings.Replace(good, "home: monitor", "home: [monitor]", 1), "1"},
	} {
		if _, err := load(t, test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v: expected an error that names %s", name, err, test.want)
		}
	}
}
