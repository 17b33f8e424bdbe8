package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type sample struct {
	Name   string        `yaml:"name"`
	Every  time.Duration `yaml:"every"`
	Count  int           `yaml:"count"`
	File   string        `yaml:"file"`
	Broker struct {
		Listen string `yaml:"listen"`
	} `yaml:"broker"`
}

func (s *sample) Locate(folder string) { s.File = Path(folder, s.File) }

func (s *sample) Validate() error {
	if s.Name == "" {
		return errors.New("name is missing: expected the name of the sample")
	}
	return nil
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sample.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadReadsKeysAndMakesPathsAbsolute(t *testing.T) {
	path := write(t, "name: a\nevery: 5s\ncount: 3\nfile: keys/x\nbroker:\n  listen: 127.0.0.1:1883\n")
	got, err := Load[sample](path)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "a" || got.Every != 5*time.Second || got.Count != 3 || got.Broker.Listen != "127.0.0.1:1883" {
		t.Fatalf("%+v", got)
	}
	if got.File != filepath.Join(filepath.Dir(path), "keys", "x") {
		t.Fatalf("file %q is not relative to the configuration's folder", got.File)
	}
}

func TestErrorsNameFileLineAndKey(t *testing.T) {
	for _, test := range []struct{ name, content, want string }{
		{"unknown key", "name: a\ncuont: 3\n", ":2: unknown field \"cuont\""},
		{"unknown nested key", "name: a\nbroker:\n  listne: x\n", ":3: unknown field \"listne\""},
		{"wrong type", "name: a\ncount: many\n", ":2: "},
		{"duplicate key", "name: a\nname: b\n", ":2: "},
		{"bad duration", "name: a\nevery: 5 parsecs\n", "parsecs"},
		{"broken YAML", "name: [a\n", ":1: "},
		{"two documents", "name: a\n---\nname: b\n", "more than one"},
		{"empty", "", "empty"},
		{"validation", "count: 1\n", "name is missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, test.content)
			_, err := Load[sample](path)
			if err == nil || !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v: expected the path and %q", err, test.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("error has more than one line: %v", err)
			}
		})
	}
}

func TestLargeFileIsRefused(t *testing.T) {
	path := write(t, "name: "+strings.Repeat("a", MaxSize))
	if _, err := Load[sample](path); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Fatalf("error %v: expected a refusal of the size", err)
	}
}

func TestSavedConfigurationLoadsAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.yaml")
	want := sample{Name: "a: b", Every: 90 * time.Minute, Count: -1, File: "/x"}
	if err := Save(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := Load[sample](path)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("%+v, expected %+v", got, want)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("name: a\nevery: 5s\nbroker: {listen: x}\n"))
	f.Add([]byte("&a [*a]"))
	f.Fuzz(func(t *testing.T, content []byte) {
		var value sample
		_ = decode(content, &value)
	})
}
