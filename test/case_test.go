package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// caseText is a case as it lies in its folder.
type caseText struct {
	yaml   string
	series [][]string
	tariff [][]string
}

// variant writes the reference case, changed, to a folder of its own.
func variant(t *testing.T, change func(*caseText)) string {
	t.Helper()
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(referenceCase, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	table := func(text string) [][]string {
		var rows [][]string
		for line := range strings.Lines(text) {
			rows = append(rows, strings.Split(strings.TrimSpace(line), ","))
		}
		return rows
	}
	text := &caseText{read("case.yaml"), table(read("series.csv")), table(read("tariff.csv"))}
	change(text)
	folder := t.TempDir()
	join := func(rows [][]string) string {
		var all strings.Builder
		for _, row := range rows {
			all.WriteString(strings.Join(row, ",") + "\n")
		}
		return all.String()
	}
	for name, content := range map[string]string{"case.yaml": text.yaml, "series.csv": join(text.series), "tariff.csv": join(text.tariff)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// replace puts one text of the case file in another's place, which has to be there.
func (c *caseText) replace(t *testing.T, old, with string) {
	t.Helper()
	if !strings.Contains(c.yaml, old) {
		t.Fatalf("the reference case has no %q", old)
	}
	c.yaml = strings.Replace(c.yaml, old, with, 1)
}

// fourParks is the reference case with a fourth park that is like the first.
func fourParks(t *testing.T) string {
	t.Helper()
	return variant(t, func(text *caseText) {
		text.replace(t, "name: reference", "name: four-parks")
		text.replace(t, "storage:", "  - name: park4\n    pv_capacity_kw: 750\nstorage:")
		for i, row := range text.series {
			load, pv := row[1], row[2]
			if i == 0 {
				load, pv = "park4.load", "park4.pv"
			}
			text.series[i] = append(row, load, pv)
		}
	})
}
