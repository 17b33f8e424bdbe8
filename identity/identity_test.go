package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/transaction"
)

func TestLoadReturnsWhatCreateMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home", "park1")
	created, err := Create(dir, "park1")
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Name != "park1" || !loaded.AccountKey.Equal(created.AccountKey) || !bytes.Equal(loaded.SealingKey, created.SealingKey) {
		t.Fatal("loaded keys differ from the created ones")
	}
	info, err := os.Stat(filepath.Join(dir, File))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Fatalf("key file has mode %04o, expected 0600", info.Mode().Perm())
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Fatalf("%d files in the home folder, expected the key file only", len(entries))
	}
}

func TestCreateNeverWritesOverKeys(t *testing.T) {
	dir := t.TempDir()
	first, err := Create(dir, "grid")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(dir, "grid"); !errors.Is(err, ErrExists) {
		t.Fatalf("second Create: %v, expected ErrExists", err)
	}
	if loaded, err := Load(dir); err != nil || !loaded.AccountKey.Equal(first.AccountKey) {
		t.Fatalf("keys changed: %v", err)
	}
}

func TestPublicHalfIsUsable(t *testing.T) {
	who, err := Create(t.TempDir(), "member1")
	if err != nil {
		t.Fatal(err)
	}
	public := who.Public()
	if _, err := hpke.MLKEM768X25519().NewPublicKey(public.SealingKey); err != nil {
		t.Fatalf("sealing key: %v", err)
	}
	envelope, err := transaction.Decode(who.Sign("chain", "alerts/raise", 7, []byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	if err := envelope.Verify(ed25519.PublicKey(public.Key)); err != nil {
		t.Fatal(err)
	}
	if envelope.Sender != "member1" || envelope.ValidUntil != 7 {
		t.Fatalf("envelope %+v", envelope)
	}
}

func TestBadNamesAreRefused(t *testing.T) {
	for _, name := range []string{"", "Park1", "park/1", "a b", strings.Repeat("a", 41)} {
		if _, err := Create(t.TempDir(), name); err == nil {
			t.Errorf("name %q was accepted", name)
		}
	}
}

func TestKeyFileThatOthersMayReadIsRefused(t *testing.T) {
	dir := t.TempDir()
	if _, err := Create(dir, "park1"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, File), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "0600") {
		t.Fatalf("Load: %v, expected a refusal that names 0600", err)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	who, err := Create(t.TempDir(), "park1")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
		fmt.Fprintf(&out, verb+" "+verb+"\n", who, []any{who, &who})
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("start", "identity", who)
	slog.New(slog.NewTextHandler(&out, nil)).Info("start", "identity", who)
	encoded, err := json.Marshal(map[string]any{"who": who})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	for _, secret := range [][]byte{who.AccountKey.Seed(), who.SealingKey} {
		for _, form := range []string{fmt.Sprintf("%x", secret[:6]), fmt.Sprint(secret[:4]), base64.StdEncoding.EncodeToString(secret[:6])} {
			if strings.Contains(out.String(), strings.Trim(form, "[]")) {
				t.Fatalf("a secret was printed:\n%s", out.String())
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	dir := f.TempDir()
	if _, err := Create(dir, "park1"); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(filepath.Join(dir, File))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"version":1,"name":"x","account_seed":"AA==","sealing_key":""}`))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		if who, err := decode(encoded); err == nil {
			who.Public()
		}
	})
}
