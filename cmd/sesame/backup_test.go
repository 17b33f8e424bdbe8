package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/member"
)

// command runs a command line and gives its exit code and everything it said.
func command(line ...string) (int, string, string) {
	var out, words strings.Builder
	code := run(line, &out, &words)
	return code, out.String(), words.String()
}

func TestBackupOfAMemberGoesFromKeyToFolder(t *testing.T) {
	dir := t.TempDir()
	home, key, file, again := filepath.Join(dir, "member1"), filepath.Join(dir, "key"), filepath.Join(dir, "m.age"), filepath.Join(dir, "again")
	who, err := identity.Create(home, "member1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := member.CreateConsensusKey(home); err != nil {
		t.Fatal(err)
	}
	code, public, words := command("backup", "key", key)
	if code != exitDone || !strings.HasPrefix(public, "age1pq1") {
		t.Fatalf("key: exit code %d, %q, %q", code, public, words)
	}
	if code, out, words := command("backup", "create", home, "--out", file, "--to", strings.TrimSpace(public)); code != exitDone || !strings.Contains(out, "backup of member1") {
		t.Fatalf("create: exit code %d, %q, %q", code, out, words)
	}
	if code, _, words := command("backup", "create", home, "--out", file, "--to", strings.TrimSpace(public)); code != exitNotSo {
		t.Errorf("create again: exit code %d, %q", code, words)
	}
	if code, _, words := command("backup", "restore", file, "--home", again, "--key", key); code != exitBadInput || !strings.Contains(words, "--signed-through") {
		t.Errorf("restore without what was signed last: exit code %d, %q", code, words)
	}
	code, out, words := command("backup", "restore", file, "--home", again, "--key", key, "--signed-through", "1000")
	if code != exitDone || !strings.Contains(out, "signs nothing below height 1001") {
		t.Fatalf("restore: exit code %d, %q, %q", code, out, words)
	}
	if restored, err := identity.Load(again); err != nil || !restored.AccountKey.Equal(who.AccountKey) {
		t.Errorf("another identity came back: %v", err)
	}
	if code, _, _ := command("backup", "restore", file, "--home", again, "--key", key, "--signed-through", "1000"); code != exitNotSo {
		t.Errorf("restore over a folder in use: exit code %d", code)
	}
}

func TestWrongBackupCommandsAreNamed(t *testing.T) {
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	if err := os.WriteFile(open, []byte("a long enough passphrase"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []struct{ line, want string }{
		{"backup", "key"},
		{"backup create " + dir, "--out"},
		{"backup create " + dir + " --out x", "passphrase"},
		{"backup restore x", "--home"},
		{"backup restore x --home " + dir + "/h", "passphrase"},
		{"backup create " + dir + " --out x --to age1abc", "age1pq1"},
		{"backup create " + dir + " --out x --passphrase-file " + open, "0600"},
		{"backup restore x --home " + dir + "/h --signed-through 0", "height 0"},
		{"backup restore x --home " + dir + "/h --last-signed " + dir + "/none", "none"},
		{"backup restore x --home " + dir + "/h --signed-through 5 --last-signed none", "last-signed"},
		{"backup create " + dir + " --out x --to age1pq1 --passphrase-file " + open, "--to"},
		{"backup restore x --home " + dir + "/h --key k --passphrase-file " + open, "--key"},
		{"backup restore " + dir + "/none --home " + dir + "/h --key " + dir + "/none.key", "none.key"},
	} {
		code, out, words := command(strings.Fields(wrong.line)...)
		if code != exitBadInput || out != "" || !strings.Contains(words, wrong.want) {
			t.Errorf("sesame %s: exit code %d, printed %q, %q; want words with %q", wrong.line, code, out, words, wrong.want)
		}
	}
}
