package record_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/ledger/record"
)

type sample struct {
	_      struct{} `cbor:",toarray"`
	Number int64
	Name   string
	Bytes  []byte
	List   []uint32
}

func drawSample(r *rapid.T) sample {
	return sample{
		Number: rapid.Int64().Draw(r, "number"), Name: rapid.String().Draw(r, "name"),
		Bytes: rapid.SliceOf(rapid.Byte()).Draw(r, "bytes"), List: rapid.SliceOf(rapid.Uint32()).Draw(r, "list"),
	}
}

// A value has one encoding and comes back from it; nothing else decodes to it.
func TestEveryValueHasOneEncoding(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		encoded := record.Encode(drawSample(r))
		decoded, err := record.Decode[sample](encoded)
		if err != nil {
			t.Fatal(err)
		}
		if again := record.Encode(decoded); !bytes.Equal(encoded, again) {
			t.Fatalf("%x decodes and encodes to %x", encoded, again)
		}
	})
}

func TestOtherEncodingsAreRefused(t *testing.T) {
	for name, encoded := range map[string][]byte{
		"number in two bytes": {0x84, 0x18, 0x01, 0x60, 0x40, 0x80},
		"list without length": {0x84, 0x01, 0x60, 0x40, 0x9f, 0xff},
		"null for bytes":      {0x84, 0x01, 0x60, 0xf6, 0x80},
		"null for a list":     {0x84, 0x01, 0x60, 0x40, 0xf6},
		"a tag":               {0x84, 0xc1, 0x01, 0x60, 0x40, 0x80},
		"too few fields":      {0x83, 0x01, 0x60, 0x40},
		"too many fields":     {0x85, 0x01, 0x60, 0x40, 0x80, 0x00},
		"trailing byte":       {0x84, 0x01, 0x60, 0x40, 0x80, 0x00},
		"a float":             {0x84, 0xf9, 0x3c, 0x00, 0x60, 0x40, 0x80},
		"text that is none":   {0x84, 0x01, 0x61, 0xff, 0x40, 0x80},
		"nothing":             {},
	} {
		if got, err := record.Decode[sample](encoded); err == nil {
			t.Errorf("%s: %x decodes to %+v", name, encoded, got)
		}
	}
	if _, err := record.Decode[sample]([]byte{0x84, 0x01, 0x60, 0x40, 0x80}); err != nil {
		t.Errorf("the canonical one: %v", err)
	}
}

// FuzzDecode: what decodes encodes to the same bytes.
func FuzzDecode(f *testing.F) {
	f.Add(record.Encode(sample{Number: -3, Name: "n", Bytes: []byte{1}, List: []uint32{9}}))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		value, err := record.Decode[sample](encoded)
		if err == nil && !bytes.Equal(record.Encode(value), encoded) {
			t.Fatalf("%x is not the encoding of %+v", encoded, value)
		}
	})
}

// An overlay over a state is that state with the writes done, whatever was
// written, in reads, in iteration and after Apply.
func TestOverlayIsTheStateWithItsWrites(t *testing.T) {
	keys := rapid.StringMatching(`[ab]{0,2}/[0-9]`)
	rapid.Check(t, func(r *rapid.T) {
		below, model := record.Memory{}, record.Memory{}
		for range rapid.IntRange(0, 8).Draw(r, "before") {
			key := keys.Draw(r, "key")
			below.Set(key, []byte{1})
			model.Set(key, []byte{1})
		}
		overlay := record.NewOverlay(below)
		for range rapid.IntRange(0, 12).Draw(r, "writes") {
			key := keys.Draw(r, "key")
			if rapid.Bool().Draw(r, "delete") {
				overlay.Delete(key)
				model.Delete(key)
			} else {
				value := []byte{rapid.Byte().Draw(r, "value")}
				overlay.Set(key, value)
				model.Set(key, value)
			}
		}
		prefix := rapid.StringMatching(`([ab]/?)?`).Draw(r, "prefix")
		if got, want := dump(overlay, prefix), dump(model, prefix); got != want {
			t.Fatalf("under %q: %s, want %s", prefix, got, want)
		}
		changes := overlay.Changes()
		if !slices.IsSortedFunc(changes, func(a, b record.Change) int { return strings.Compare(a.Key, b.Key) }) {
			t.Fatalf("changes %v", changes)
		}
		for _, change := range changes {
			before, found := below.Get(change.Key)
			if found == (change.Value != nil) && bytes.Equal(before, change.Value) {
				t.Fatalf("%q has not changed", change.Key)
			}
		}
		overlay.Apply()
		if got, want := dump(below, ""), dump(model, ""); got != want {
			t.Fatalf("applied: %s, want %s", got, want)
		}
	})
}

func dump(state record.State, prefix string) string {
	var shown strings.Builder
	state.Iterate(prefix, func(key string, value []byte) bool {
		got, found := state.Get(key)
		fmt.Fprintf(&shown, "%s=%x,%x,%t ", key, value, got, found)
		return true
	})
	return shown.String()
}

func TestCorruptRecordsAreNeverTakenForGood(t *testing.T) {
	state := record.Memory{"key": {0xff}}
	defer func() {
		if fault := recover(); fault == nil || !strings.Contains(fmt.Sprint(fault), "state: key:") {
			t.Errorf("fault %v", fault)
		}
	}()
	record.Load[sample](state, "key")
}
