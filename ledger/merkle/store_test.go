package merkle_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/ledger/merkle/proof"
	"github.com/sesame-energy/sesame/ledger/record"
)

var _ record.State = (*merkle.Store)(nil)

var keys = rapid.StringMatching(`[ab]{1,2}/[0-9]{1,2}`)

// The store behaves like a map, and each key that a generator can think of is
// proven present or absent against the hash of its version.
func TestStoreIsAMapWhoseEveryKeyIsProven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, model := merkle.InMemory(), map[string][]byte{}
		for range rapid.IntRange(1, 5).Draw(t, "versions") {
			for range rapid.IntRange(0, 12).Draw(t, "writes") {
				write(t, store, model)
			}
			compare(t, store, model)
			hash, version, err := store.Commit()
			if err != nil {
				t.Fatal(err)
			}
			if len(model) == 0 {
				continue // an empty tree proves nothing
			}
			checkProof(t, store, version, hash, keys.Draw(t, "asked"), model)
			for key := range model {
				checkProof(t, store, version, hash, key, model)
			}
		}
	})
}

func write(t *rapid.T, store *merkle.Store, model map[string][]byte) {
	key := keys.Draw(t, "key")
	if rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
		store.Delete(key)
		delete(model, key)
		return
	}
	value := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "value")
	store.Set(key, value)
	model[key] = value
}

func compare(t *rapid.T, store *merkle.Store, model map[string][]byte) {
	prefix := rapid.StringMatching(`([ab]{1,2}/?)?`).Draw(t, "prefix")
	var want, got []string
	for _, key := range slices.Sorted(maps.Keys(model)) {
		if strings.HasPrefix(key, prefix) {
			want = append(want, fmt.Sprintf("%s=%x", key, model[key]))
		}
	}
	store.Iterate(prefix, func(key string, value []byte) bool {
		got = append(got, fmt.Sprintf("%s=%x", key, value))
		return true
	})
	if !slices.Equal(got, want) {
		t.Fatalf("iterate %q: got %v, want %v", prefix, got, want)
	}
	for key, value := range model {
		if got, found := store.Get(key); !found || !bytes.Equal(got, value) {
			t.Fatalf("get %q: got %x, want %x", key, got, value)
		}
	}
}

func checkProof(t *rapid.T, store *merkle.Store, version int64, hash []byte, key string, model map[string][]byte) {
	value, evidence, err := store.Prove(version, key)
	if err != nil {
		t.Fatal(err)
	}
	want, present := model[key]
	if (value != nil) != present || !bytes.Equal(value, want) {
		t.Fatalf("proven %q: got %x, want %x", key, value, want)
	}
	if !present {
		if err := proof.VerifyAbsent(hash, key, evidence); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := proof.VerifyPresent(hash, key, value, evidence); err != nil {
		t.Fatal(err)
	}
	if err := proof.VerifyAbsent(hash, key, evidence); !errors.Is(err, proof.ErrInvalid) {
		t.Fatalf("a proof of presence passed for one of absence: %v", err)
	}
	if err := proof.VerifyPresent(hash, key, append([]byte{1}, value...), evidence); !errors.Is(err, proof.ErrInvalid) {
		t.Fatalf("another value passed: %v", err)
	}
}

// Asking for the hash between writes, as a genesis and a block do, changes no hash.
func TestAppHashDoesNotDependOnHowOftenItIsAsked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		asked, unasked := merkle.InMemory(), merkle.InMemory()
		for i := range rapid.IntRange(1, 30).Draw(t, "writes") {
			key, value := keys.Draw(t, "key"), []byte{byte(i)}
			asked.Set(key, value)
			unasked.Set(key, value)
			if _, err := asked.WorkingHash(); err != nil {
				t.Fatal(err)
			}
		}
		working, _ := asked.WorkingHash()
		first, _, _ := asked.Commit()
		second, _, _ := unasked.Commit()
		if !bytes.Equal(first, second) || !bytes.Equal(first, working) {
			t.Fatalf("hashes differ: %x, %x, %x", working, first, second)
		}
	})
}

func TestReopenedStoreGoesOnWhereItStopped(t *testing.T) {
	folder := t.TempDir()
	store := open(t, folder, 0)
	commit(t, store, "a", "1")
	want := commit(t, store, "b", "2")
	store.Set("c", []byte("never committed"))
	close(t, store)

	store = open(t, folder, 0)
	defer close(t, store)
	version, hash := store.Committed()
	if version != 2 || !bytes.Equal(hash, want) {
		t.Fatalf("reopened at %d with %x, want 2 with %x", version, hash, want)
	}
	if _, found := store.Get("c"); found {
		t.Fatal("an uncommitted write outlived the process")
	}
	value, evidence, err := store.Prove(1, "b")
	if err != nil || value != nil {
		t.Fatalf("version 1 holds b = %q, %v", value, err)
	}
	old, _, _ := store.Prove(1, "a")
	if string(old) != "1" || len(evidence) == 0 {
		t.Fatalf("version 1: a = %q", old)
	}
}

func TestOldVersionsAreDroppedAndTheRestStaysProvable(t *testing.T) {
	store := open(t, t.TempDir(), 5)
	defer close(t, store)
	hashes := map[int64][]byte{}
	for i := range int64(20) {
		store.Set("same", []byte("value"))
		hashes[i+1] = commit(t, store, fmt.Sprintf("key/%02d", i), "value")
	}
	if _, _, err := store.Prove(14, "same"); !errors.Is(err, merkle.ErrNoVersion) {
		t.Fatalf("version 14 should be gone: %v", err)
	}
	for version := int64(15); version <= 20; version++ {
		value, evidence, err := store.Prove(version, "same")
		if err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyPresent(hashes[version], "same", value, evidence); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEmptyValueIsRefusedAtTheNextHash(t *testing.T) {
	store := merkle.InMemory()
	store.Set("plan/1", nil)
	if _, err := store.WorkingHash(); err == nil || !strings.Contains(err.Error(), "plan/1") {
		t.Fatalf("got %v, want an error that names the key", err)
	}
	if _, _, err := store.Commit(); err == nil {
		t.Fatal("an empty value was committed")
	}
}

func TestIterationStopsAndMayReadAndWriteMeanwhile(t *testing.T) {
	store := merkle.InMemory()
	for i := range 1000 {
		store.Set(fmt.Sprintf("k/%04d", i), []byte{1})
	}
	visited := 0
	store.Iterate("k/", func(key string, _ []byte) bool {
		store.Delete(key)
		visited++
		return visited < 700
	})
	left := 0
	store.Iterate("", func(string, []byte) bool { left++; return true })
	if visited != 700 || left != 300 {
		t.Fatalf("visited %d, left %d; want 700 and 300", visited, left)
	}
}

func TestListTellsWhetherThereIsMore(t *testing.T) {
	store := merkle.InMemory()
	for i := range 5 {
		store.Set(fmt.Sprintf("k/%d", i), []byte{1})
	}
	commit(t, store, "l", "1")
	store.Set("k/9", []byte{1})
	records, more, err := store.List(1, "k/", "", 4)
	if err != nil || !more || len(records) != 4 {
		t.Fatalf("got %v, %t, %v", records, more, err)
	}
	records, more, err = store.List(1, "k/", "k/1", 3)
	if err != nil || more || len(records) != 3 || records[0].Key != "k/2" {
		t.Fatalf("got %v, %t, %v", records, more, err)
	}
	records, more, err = store.List(1, "k/", "l", 3)
	if err != nil || more || len(records) != 0 {
		t.Fatalf("behind the prefix: got %v, %t, %v", records, more, err)
	}
}

func open(t *testing.T, folder string, keep int64) *merkle.Store {
	t.Helper()
	store, err := merkle.Open(folder, keep)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func close(t *testing.T, store *merkle.Store) {
	t.Helper()
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, store *merkle.Store, key, value string) []byte {
	t.Helper()
	store.Set(key, []byte(value))
	hash, _, err := store.Commit()
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// Ten thousand records, fifty writes a block, old versions dropped: more than
// our blocks carry. The figures of docs/adr/0002 come from -benchtime 3000x.
func BenchmarkBlock(b *testing.B) {
	const keep = 1000
	store, err := merkle.Open(b.TempDir(), keep)
	if err != nil {
		b.Fatal(err)
	}
	value := bytes.Repeat([]byte{7}, 200)
	for i := range 10_000 {
		store.Set(fmt.Sprintf("record/%08d", i), value)
	}
	var times []time.Duration
	for block := 0; b.Loop(); block++ {
		started := time.Now()
		for i := range 50 {
			store.Set(fmt.Sprintf("record/%08d", (block*7919+i*263)%10_000), value)
		}
		if _, err := store.WorkingHash(); err != nil {
			b.Fatal(err)
		}
		if _, _, err := store.Commit(); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(started))
	}
	times = times[len(times)/2:] // with full pruning
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(times[len(times)*95/100].Microseconds()), "p95-us")
	b.ReportMetric(float64(times[len(times)-1].Microseconds()), "max-us")
}

func BenchmarkProve(b *testing.B) {
	store := merkle.InMemory()
	for i := range 10_000 {
		store.Set(fmt.Sprintf("record/%08d", i), []byte{1})
	}
	hash, _, _ := store.Commit()
	for i := 0; b.Loop(); i++ {
		key := fmt.Sprintf("record/%08d", i%10_000)
		value, evidence, err := store.Prove(1, key)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(evidence)), "proof-bytes")
		if err := proof.VerifyPresent(hash, key, value, evidence); err != nil {
			b.Fatal(err)
		}
	}
}
