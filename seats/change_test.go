package seats

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/identity"
)

func TestKeysOfANewcomerAreMadeOnceAndReadBack(t *testing.T) {
	home := filepath.Join(t.TempDir(), "member6")
	made, err := NewKeys(home, "member6", "the town", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewKeys(home, "member6", "the town", ""); err == nil {
		t.Error("keys were made anew in a folder that has some")
	}
	encoded, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "member6.json")
	if err := os.WriteFile(path, encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := ReadNewcomer(path)
	if err != nil || read.Name != "member6" || string(read.ConsensusKey) != string(made.ConsensusKey) {
		t.Errorf("read back %+v, %v", read.Name, err)
	}
	who, err := identity.Load(home)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range [][]byte{who.AccountKey.Seed(), who.SealingKey} {
		if strings.Contains(string(encoded), string(secret)) {
			t.Error("the file for the others has a secret")
		}
	}
}

func FuzzDecodeNewcomer(f *testing.F) {
	f.Add([]byte(`{"name":"member6","owner":"the town","key":"AA==","sealing_key":"","consensus_key":""}`))
	f.Add([]byte(`{"name":1}`))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		newcomer, err := decodeNewcomer(encoded)
		if err == nil && len(newcomer.SealingKey) > maxNewcomer {
			t.Errorf("a key of %d bytes was taken", len(newcomer.SealingKey))
		}
	})
}
