package backup

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

// entry is one of an archive that somebody made by hand.
type entry struct {
	name    string
	content string
	kind    byte
}

// archive is the plain archive of entries, with a manifest that fits them, or
// says what change makes of it.
func archive(t testing.TB, change func(*Manifest), entries ...entry) []byte {
	t.Helper()
	manifest := Manifest{Version: version, Name: "park1", Files: len(entries)}
	for _, e := range entries {
		manifest.Bytes += int64(len(e.content))
	}
	if change != nil {
		change(&manifest)
	}
	head, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	written := tar.NewWriter(&out)
	for _, e := range append([]entry{{manifestName, string(head), tar.TypeReg}}, entries...) {
		header := &tar.Header{Name: e.name, Mode: 0o777, Size: int64(len(e.content)), Typeflag: e.kind}
		if e.kind == tar.TypeSymlink {
			header.Linkname = "/etc"
		}
		if err := written.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := written.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := written.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sealed(t testing.TB, recipient age.Recipient, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	writer, err := age.Encrypt(&out, recipient)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Whoever knows a public key can make archives for it. None of these leaves a
// trace on disk.
func TestHostileArchivesAreRefusedAndLeaveNothing(t *testing.T) {
	recipient, key := keyed(t)
	file := func(name, content string) entry { return entry{name, content, tar.TypeReg} }
	good := file("identity.json", "{}")
	fitting := archive(t, nil, good)
	for name, test := range map[string]struct {
		plain []byte
		want  error
	}{
		"above the folder":        {archive(t, nil, file("../evil", "x")), ErrFormat},
		"above by a detour":       {archive(t, nil, file("a/../../evil", "x")), ErrFormat},
		"detour inside":           {archive(t, nil, file("a/../b", "x")), ErrFormat},
		"absolute":                {archive(t, nil, file("/tmp/evil", "x")), ErrFormat},
		"dot":                     {archive(t, nil, file(".", "x")), ErrFormat},
		"backslashes":             {archive(t, nil, file(`..\evil`, "x")), ErrFormat},
		"overlong":                {archive(t, nil, file(strings.Repeat("a/", 400)+"b", "x")), ErrFormat},
		"link":                    {archive(t, nil, entry{"link", "", tar.TypeSymlink}), ErrFormat},
		"file below a link":       {archive(t, nil, entry{"link", "", tar.TypeSymlink}, file("link/evil", "x")), ErrFormat},
		"hard link":               {archive(t, nil, entry{"link", "", tar.TypeLink}), ErrFormat},
		"device":                  {archive(t, nil, entry{"device", "", tar.TypeChar}), ErrFormat},
		"folder":                  {archive(t, nil, entry{"folder/", "", tar.TypeDir}), ErrFormat},
		"what was signed last":    {archive(t, nil, file("node/data/last-signed.json", "{}")), ErrFormat},
		"day keys":                {archive(t, nil, file("daykeys/park1-19919.daykeys", "k")), ErrFormat},
		"hidden file":             {archive(t, nil, file(".profile", "x")), ErrFormat},
		"second manifest":         {archive(t, nil, file(manifestName, "{}")), ErrFormat},
		"one file twice":          {archive(t, nil, good, good), ErrFormat},
		"file in place of folder": {archive(t, nil, file("a", "x"), file("a/b", "y")), nil},
		"more files than named":   {archive(t, func(m *Manifest) { m.Files-- }, good), ErrFormat},
		"fewer files than named":  {archive(t, func(m *Manifest) { m.Files++ }, good), ErrFormat},
		"more bytes than named":   {archive(t, func(m *Manifest) { m.Bytes-- }, good), ErrFormat},
		"fewer bytes than named":  {archive(t, func(m *Manifest) { m.Bytes++ }, good), ErrFormat},
		"too many files":          {archive(t, func(m *Manifest) { m.Files = maxFiles + 1 }, good), ErrTooBig},
		"too many bytes":          {archive(t, func(m *Manifest) { m.Bytes = maxTotal + 1 }, good), ErrTooBig},
		"fewer than none":         {archive(t, func(m *Manifest) { m.Files = -1 }, good), ErrTooBig},
		"another version":         {archive(t, func(m *Manifest) { m.Version++ }, good), ErrFormat},
		"no archive":              {[]byte("hello"), ErrFormat},
		"nothing":                 {nil, ErrFormat},
		"cut off":                 {fitting[:len(fitting)/2], ErrFormat},
		"much after the end":      {append(fitting[:len(fitting):len(fitting)], make([]byte, maxRest)...), ErrFormat},
	} {
		folder := t.TempDir()
		path, home := filepath.Join(folder, "backup.age"), filepath.Join(folder, "home")
		if err := os.WriteFile(path, sealed(t, recipient, test.plain), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(path, home, nil, key); err == nil || (test.want != nil && !errors.Is(err, test.want)) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
			t.Errorf("%s: %v are left, error %v, want the backup alone", name, entries, err)
		}
	}
}

// Each changed byte and each shorter file is noticed; a wrong key or passphrase
// has an error of its own. No error says anything of what is inside or of the
// secrets.
func TestDamagedBackupsAndWrongSecretsAreRefusedInSilence(t *testing.T) {
	recipient, key := keyed(t)
	_, other := keyed(t)
	_, guess, err := Passphrase("not the passphrase")
	if err != nil {
		t.Fatal(err)
	}
	const inside = "the inside of the backup"
	right := sealed(t, recipient, archive(t, nil, entry{"identity.json", inside, tar.TypeReg}))
	folder := t.TempDir()
	attempt := func(content []byte, identities ...age.Identity) error {
		path := filepath.Join(folder, "backup.age")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Restore(path, filepath.Join(folder, "home"), nil, identities...)
		if entries, _ := os.ReadDir(folder); err != nil && len(entries) != 1 {
			t.Errorf("%v are left after %v", entries, err)
		}
		for _, secret := range []string{inside, fmt.Sprint(key), fmt.Sprint(other), "passphrase of"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("error %q tells %q", err, secret)
			}
		}
		return err
	}
	for position := 0; position < len(right); position += 19 {
		flipped := append([]byte(nil), right...)
		flipped[position] ^= 1
		if err := attempt(flipped, key); err == nil {
			t.Fatalf("byte %d of %d changed: restored", position, len(right))
		}
		if err := attempt(right[:position], key); err == nil {
			t.Fatalf("%d of %d bytes: restored", position, len(right))
		}
	}
	if err := attempt(right, other); !errors.Is(err, ErrSecret) {
		t.Errorf("another key: %v, want ErrSecret", err)
	}
	if err := attempt(right, guess); !errors.Is(err, ErrSecret) {
		t.Errorf("a passphrase: %v, want ErrSecret", err)
	}
	if err := attempt(right, other, key); err != nil {
		t.Errorf("the right key among others: %v", err)
	}
}

func TestAPassphraseOpensWhatItClosed(t *testing.T) {
	home, _ := parkFolder(t)
	recipient, opener, err := Passphrase("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	_, wrong, err := Passphrase("correct horse batterz")
	if err != nil {
		t.Fatal(err)
	}
	file, again := filepath.Join(t.TempDir(), "park1.age"), filepath.Join(t.TempDir(), "park1")
	if _, err := Create(t.Context(), home, file, recipient); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(file, again, nil, wrong); !errors.Is(err, ErrSecret) {
		t.Errorf("another passphrase: %v, want ErrSecret", err)
	}
	if _, err := Restore(file, again, nil, opener); err != nil {
		t.Error(err)
	}
	if _, _, err := Passphrase("short"); err == nil || strings.Contains(err.Error(), "short") {
		t.Errorf("five bytes: %v, want a refusal that does not quote them", err)
	}
}

func TestKeysWithoutAPostQuantumHalfAreRefused(t *testing.T) {
	classical, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{classical.Recipient().String(), "age1pq1", "", "ssh-ed25519 AAAA"} {
		if _, err := Recipient(text); err == nil {
			t.Errorf("recipient %q was taken", text)
		}
	}
	path := filepath.Join(t.TempDir(), "key")
	for name, content := range map[string]string{"classical": classical.String(), "empty": "# nothing\n", "garbage": "AGE-SECRET-KEY-PQ-1XYZ"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadKey(path); err == nil || strings.Contains(err.Error(), "XYZ") || strings.Contains(err.Error(), classical.String()) {
			t.Errorf("%s: %v, want a refusal that does not quote it", name, err)
		}
	}
	if _, err := NewKey(path); !errors.Is(err, ErrExists) {
		t.Errorf("a key over another: %v, want ErrExists", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKey(path); err == nil || !strings.Contains(err.Error(), "0600") {
		t.Errorf("a key that others may read: %v", err)
	}
}

func FuzzLayOut(f *testing.F) {
	f.Add(archive(f, nil, entry{"identity.json", "{}", tar.TypeReg}))
	f.Add(archive(f, nil, entry{"../evil", "x", tar.TypeReg}))
	f.Add(archive(f, nil, entry{"link", "", tar.TypeSymlink}, entry{"link/evil", "x", tar.TypeReg}))
	f.Fuzz(func(t *testing.T, plain []byte) {
		parent := t.TempDir()
		folder := filepath.Join(parent, "home")
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		_, _ = layOut(bytes.NewReader(plain), folder)
		if entries, err := os.ReadDir(parent); err != nil || len(entries) != 1 {
			t.Fatalf("%v lie beside the folder, error %v", entries, err)
		}
		listed(t, folder)
	})
}
