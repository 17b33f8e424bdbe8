package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// files are all embedded files by their names.
func files(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(embedded, "assets", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(embedded, path)
		found[strings.TrimPrefix(path, "assets/")] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAssetsLoadNothingFromOutsideAndMakeNoMarkup(t *testing.T) {
	outside := regexp.MustCompile(`(?i)(https?:)?//[a-z0-9-]+\.[a-z]`)
	markup := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\bon[a-z]+="|style="`)
	for name, content := range files(t) {
		content = strings.ReplaceAll(content, "http://www.w3.org/2000/svg", "") // a name, not an address
		if found := outside.FindString(content); found != "" {
			t.Errorf("%s refers to %s", name, found)
		}
		if found := markup.FindString(content); found != "" {
			t.Errorf("%s makes markup by %s", name, found)
		}
	}
}

var (
	entry = regexp.MustCompile(`(?m)^  "([^"]+)": \["((?:[^"\\]|\\.)+)", "((?:[^"\\]|\\.)+)"\],$`)
	used  = regexp.MustCompile(`\bt\(\s*"([^"]+)"`)
	place = regexp.MustCompile(`\{\w+\}`)
)

func TestEveryWordIsThereInBothLanguages(t *testing.T) {
	all := files(t)
	words := map[string]bool{}
	dictionary := all["js/dictionary.js"] + all["js/sentences.js"]
	for _, line := range entry.FindAllStringSubmatch(dictionary, -1) {
		key, english, chinese := line[1], line[2], line[3]
		if words[key] {
			t.Errorf("%s stands twice", key)
		}
		words[key] = true
		for _, name := range append(place.FindAllString(english, -1), place.FindAllString(chinese, -1)...) {
			if !strings.Contains(english, name) || !strings.Contains(chinese, name) {
				t.Errorf("%s: %s is in one language only", key, name)
			}
		}
	}
	if lines := strings.Count(dictionary, "\n  \""); lines != len(words) {
		t.Errorf("%d entries, of which %d have two languages", lines, len(words))
	}
	for name, content := range all {
		for _, use := range used.FindAllStringSubmatch(content, -1) {
			if !words[use[1]] {
				t.Errorf("%s says %q, for which there are no words", name, use[1])
			}
		}
	}
}
