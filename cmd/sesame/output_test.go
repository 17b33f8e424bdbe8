package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// full is a disk that is full once it has taken so many bytes.
type full struct{ room int }

func (f *full) Write(text []byte) (int, error) {
	if len(text) > f.room {
		written := f.room
		f.room = 0
		return written, errors.New("no space left")
	}
	f.room -= len(text)
	return len(text), nil
}

func TestCommandsWhoseOutputIsNotWrittenDoNotEndWell(t *testing.T) {
	folder, reference := t.TempDir(), filepath.Join("..", "..", "cases", "reference")
	shares := filepath.Join(folder, "shares")
	series := filepath.Join(folder, "series.csv")
	if err := os.WriteFile(series, []byte("time,value\n2024-07-15T00:00,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var words strings.Builder
	if code := run([]string{"share", "split", series, "--out", shares}, &words, &words); code != exitDone {
		t.Fatal(words.String())
	}
	public, share := filepath.Join(shares, "public.json"), filepath.Join(shares, "share-1.json")
	for _, room := range []int{0, 10} {
		fresh := t.TempDir()
		for _, arguments := range [][]string{
			{"plan", reference},
			{"plan", reference, "--json"},
			{"size", reference, "--paper"},
			{"size", reference, "--paper", "--csv"},
			{"size", reference, "--paper", "--json"},
			{"share", "split", series, "--out", filepath.Join(fresh, "shares")},
			{"share", "verify", public, share},
			{"share", "combine", public, share, filepath.Join(shares, "share-2.json"), filepath.Join(shares, "share-3.json")},
			{"network", reference, "--dir", filepath.Join(fresh, "network")},
			{"plan", "--help"},
			{"--version"},
		} {
			var words strings.Builder
			if code := run(arguments, &full{room}, &words); code == exitDone || !strings.Contains(words.String(), "no space left") {
				t.Errorf("sesame %s with room for %d bytes: exit code %d, says %q", strings.Join(arguments, " "), room, code, words.String())
			}
		}
	}
}
