package identity

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestNextKeyWorksBesideTheOldOneUntilItIsPromoted(t *testing.T) {
	dir := t.TempDir()
	before, err := Create(dir, "member1")
	if err != nil {
		t.Fatal(err)
	}
	keys := SealingKeys{Dir: dir}
	next, err := keys.DrawNext()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := keys.DrawNext(); err != nil || !bytes.Equal(again, next) {
		t.Errorf("drawn twice: another key, %v", err)
	}
	old := before.Public().SealingKey
	for name, public := range map[string][]byte{"old": old, "next": next} {
		if _, err := keys.Find(public); err != nil {
			t.Errorf("%s key: %v", name, err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, NextFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the next key's file: %v, %v", info.Mode(), err)
	}
	if err := keys.Promote(old); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Find(old); err != nil {
		t.Errorf("promoting the key in use changed something: %v", err)
	}
	if err := keys.Promote(next); err != nil {
		t.Fatal(err)
	}
	after, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(after.Public().SealingKey, next) || !after.AccountKey.Equal(before.AccountKey) {
		t.Error("the identity has other keys than the account's and the next sealing key")
	}
	if _, err := keys.Find(old); !errors.Is(err, ErrNoKey) {
		t.Errorf("the old key: %v, want ErrNoKey", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left: %v", len(entries), err)
	}
}
