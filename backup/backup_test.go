package backup

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/participant"
)

// keyed is a key for backups, both halves.
func keyed(t testing.TB) (age.Recipient, age.Identity) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "backup.key")
	public, err := NewKey(path)
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := Recipient(public)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ReadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	return recipient, key
}

// write lays out files, path to content.
func write(t testing.TB, folder string, files map[string]string) {
	t.Helper()
	for path, content := range files {
		path = filepath.Join(folder, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// parkFolder is a park's home folder with a database that is open.
func parkFolder(t testing.TB) (string, *sql.DB) {
	t.Helper()
	home := filepath.Join(t.TempDir(), "park1")
	if _, err := identity.Create(home, "park1"); err != nil {
		t.Fatal(err)
	}
	write(t, home, map[string]string{"config.yaml": "home: .\n", ".new-42": "half written"})
	database, err := participant.OpenDatabase(filepath.Join(home, "park.db"), "create table if not exists sealed (opening text)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	if _, err := database.Exec("insert into sealed values ('kept opening')"); err != nil {
		t.Fatal(err)
	}
	return home, database
}

// memberFolder is a member's home folder whose node has signed something.
func memberFolder(t testing.TB) string {
	t.Helper()
	home := filepath.Join(t.TempDir(), "member1")
	if _, err := identity.Create(home, "member1"); err != nil {
		t.Fatal(err)
	}
	if _, err := member.CreateConsensusKey(home); err != nil {
		t.Fatal(err)
	}
	write(t, home, map[string]string{
		"config.yaml": "home: .\n", "daykeys/park1-19919.daykeys": "a day's key",
		"node/peer-key.json": "{}", "node/data/last-signed.json": `{"height":"7"}`, "node/state/000001.log": "the ledger",
	})
	return home
}

// listed are the paths below a folder.
func listed(t testing.TB, folder string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		} else {
			relative, _ := filepath.Rel(folder, path)
			paths = append(paths, filepath.ToSlash(relative))
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o, want %04o", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestAParkComesBackWithItsKeysAndDatabaseWhileItRuns(t *testing.T) {
	home, _ := parkFolder(t) // its database stays open
	recipient, key := keyed(t)
	file, again := filepath.Join(t.TempDir(), "park1.age"), filepath.Join(t.TempDir(), "elsewhere", "park1")
	made, err := Create(t.Context(), home, file, recipient)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("backup %v, error %v, want mode 0600", info.Mode(), err)
	}
	restored, err := Restore(file, again, nil, key)
	if err != nil {
		t.Fatal(err)
	}
	if made != restored || made.Name != "park1" || made.Files != 3 {
		t.Errorf("made %+v, restored %+v, want park1 with 3 files both times", made, restored)
	}
	if paths := listed(t, again); fmt.Sprint(paths) != "[config.yaml identity.json park.db]" {
		t.Errorf("restored %v", paths)
	}
	first, err := identity.Load(home)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := identity.Load(again); err != nil || !second.AccountKey.Equal(first.AccountKey) || !bytes.Equal(second.SealingKey, first.SealingKey) {
		t.Errorf("other keys came back, error %v", err)
	}
	if openings := openingsIn(t, filepath.Join(again, "park.db")); openings != "kept opening" {
		t.Errorf("the database came back with %q", openings)
	}
	for _, path := range listed(t, home) {
		if strings.Contains(path, "backup") {
			t.Errorf("%s was left behind", path)
		}
	}
}

func openingsIn(t testing.TB, path string) (openings string) {
	t.Helper()
	database, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = database.Close() }()
	if err := database.QueryRow("select coalesce(group_concat(opening), '') from sealed").Scan(&openings); err != nil {
		t.Fatal(err)
	}
	return openings
}

// What was erased still lies in the pages that SQLite keeps for later. It does
// not come along.
func TestErasedOpeningsAreNotInABackup(t *testing.T) {
	home, database := parkFolder(t)
	secret := strings.Repeat("erased opening ", 1000)
	for _, statement := range []string{
		"insert into sealed values ('" + secret + "')", "delete from sealed where length(opening) > 100", "pragma wal_checkpoint(truncate)",
	} {
		if _, err := database.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	contains := func(path string) bool {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(content, []byte("erased opening"))
	}
	if !contains(filepath.Join(home, "park.db")) {
		t.Fatal("the test shows nothing: the file itself does not hold what was erased")
	}
	recipient, key := keyed(t)
	file, again := filepath.Join(t.TempDir(), "park1.age"), filepath.Join(t.TempDir(), "park1")
	if _, err := Create(t.Context(), home, file, recipient); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(file, again, nil, key); err != nil {
		t.Fatal(err)
	}
	if contains(filepath.Join(again, "park.db")) {
		t.Error("what was erased came back")
	}
}

// Two tables that a writer keeps equal in each transaction are equal in every
// copy.
func TestDatabasesAreCopiedAtOneMoment(t *testing.T) {
	home, database := parkFolder(t)
	if _, err := database.Exec("create table a (n integer); create table b (n integer)"); err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			transaction, err := database.Begin()
			if err == nil {
				_, first := transaction.Exec("insert into a values (?)", n)
				_, second := transaction.Exec("insert into b values (?)", n)
				err = errors.Join(first, second, transaction.Commit())
			}
			if err != nil {
				stopped <- err
				return
			}
		}
	}()
	for k := range 5 {
		to := filepath.Join(t.TempDir(), fmt.Sprint(k))
		if err := copyDatabase(t.Context(), filepath.Join(home, "park.db"), to); err != nil {
			t.Fatal(err)
		}
		copied, err := sql.Open("sqlite", to)
		if err != nil {
			t.Fatal(err)
		}
		var a, b int
		if err := copied.QueryRow("select (select count(*) from a), (select count(*) from b)").Scan(&a, &b); err != nil || a != b {
			t.Errorf("copy %d has %d and %d rows, error %v", k, a, b, err)
		}
		_ = copied.Close()
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Errorf("the writer was disturbed: %v", err)
	}
}

// A key that is rotated is overwritten with zeros once its successor has taken
// its name. Whenever the copy comes, it is one of the two, whole.
func TestFilesThatAreReplacedMeanwhileAreCopiedWhole(t *testing.T) {
	folder := t.TempDir()
	path, size := filepath.Join(folder, "identity.json"), 1<<16
	put := func(letter byte) {
		old, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err == nil {
			defer func() { _ = old.Close() }()
		}
		if err := os.WriteFile(path+".new", bytes.Repeat([]byte{letter}, size), 0o600); err != nil {
			t.Error(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Error(err)
		}
		if old != nil {
			_, _ = old.WriteAt(make([]byte, size), 0)
		}
	}
	put('a')
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				put("ab"[n%2])
			}
		}
	}()
	whole := 0
	for range 50 {
		if err := copyFile(path, filepath.Join(folder, "copy")); err != nil {
			continue // it says that it has no copy, and gives none
		}
		copied, err := os.ReadFile(filepath.Join(folder, "copy"))
		if err != nil {
			t.Fatal(err)
		}
		if len(copied) != size || bytes.Count(copied, copied[:1]) != size || copied[0] == 0 {
			t.Fatalf("%d bytes that begin with %q: expected all a or all b", len(copied), copied[:1])
		}
		whole++
	}
	close(stop)
	<-stopped
	if whole == 0 {
		t.Error("not one copy was made")
	}
}

func TestBackupsAreNeverWrittenOver(t *testing.T) {
	home, _ := parkFolder(t)
	recipient, key := keyed(t)
	file := filepath.Join(t.TempDir(), "park1.age")
	write(t, filepath.Dir(file), map[string]string{"park1.age": "an older one"})
	if _, err := Create(t.Context(), home, file, recipient); !errors.Is(err, ErrExists) {
		t.Errorf("a second backup of one name: %v, want ErrExists", err)
	}
	if content, _ := os.ReadFile(file); string(content) != "an older one" {
		t.Error("the older backup is gone")
	}
	file += ".2"
	if _, err := Create(t.Context(), home, file, recipient); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(file, home, nil, key); !errors.Is(err, ErrExists) {
		t.Errorf("restored over a folder in use: %v, want ErrExists", err)
	}
	if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || len(entries) != 2 {
		t.Errorf("%v lie beside the backup, error %v, want two backups", entries, err)
	}
	empty := t.TempDir()
	if _, err := Restore(file, empty, nil, key); err != nil {
		t.Errorf("into an empty folder: %v", err)
	}
	if _, err := Create(t.Context(), filepath.Join(home, "nowhere"), file+".3", recipient); err == nil {
		t.Error("a backup of nothing was made")
	}
}

func TestLinksAreNotFollowedIntoABackup(t *testing.T) {
	home, _ := parkFolder(t)
	if err := os.Symlink("/etc/passwd", filepath.Join(home, "link")); err != nil {
		t.Fatal(err)
	}
	recipient, _ := keyed(t)
	if _, err := Create(t.Context(), home, filepath.Join(t.TempDir(), "park1.age"), recipient); err == nil || !strings.Contains(err.Error(), "link") {
		t.Errorf("a link: %v, want a refusal that names it", err)
	}
}
