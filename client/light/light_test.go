package light_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/client/light"
)

var five = []int{1, 2, 3, 4, 5}

// changing draws a chain whose members change at random heights, few or many
// at a time.
func changing(t *rapid.T) [][]int {
	members := [][]int{five}
	fresh := 6
	for range rapid.IntRange(1, 25).Draw(t, "length") {
		set := slices.Clone(members[len(members)-1])
		if rapid.IntRange(0, 3).Draw(t, "change") == 0 {
			for range rapid.IntRange(1, 5).Draw(t, "changes") {
				set[rapid.IntRange(0, len(set)-1).Draw(t, "leaves")] = fresh
				fresh++
			}
		}
		members = append(members, set)
	}
	return members
}

// Every header of an honest chain is believed, in whatever order it is asked
// for and however its members change.
func TestEveryHeaderOfAnHonestChainIsBelieved(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		members := changing(r)
		history, chain := newHistory(t, members), newChain(t, five)
		for range 5 {
			height := rapid.Int64Range(1, int64(len(members))).Draw(r, "height")
			header, err := chain.Header(context.Background(), height, history.fetch(nil))
			if err != nil {
				r.Fatal(err)
			}
			if !bytes.Equal(header.Hash(), history.blocks[height-1].Hash()) {
				r.Fatalf("header %d is another", height)
			}
		}
	})
}

// With two thirds of a believed set or fewer behind it, no false header is believed.
func TestForgedHeaderIsNeverBelieved(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		members := changing(r)
		history, chain := newHistory(t, members), newChain(t, five)
		height := rapid.Int64Range(2, int64(len(members))).Draw(r, "height")
		set := members[height-1]
		if rapid.Bool().Draw(r, "synced") {
			if _, err := chain.Header(context.Background(), height-1, history.fetch(nil)); err != nil {
				r.Fatal(err)
			}
		}
		forgers := set[:3] // of five
		last := history.blocks[height-2].Commit.BlockID
		// the forgers claim to be the whole set, or sign for the true one
		claimed := rapid.SampledFrom([][]int{set, forgers}).Draw(r, "claimed")
		forged := history.seal(history.header(height, last, claimed, claimed, "forged"), claimed, forgers)
		honest := history.blocks[height-1]
		history.blocks[height-1] = forged
		header, err := chain.Header(context.Background(), height, history.fetch(nil))
		if !errors.Is(err, light.ErrUnproven) {
			r.Fatalf("forged header believed: %v, %v", header, err)
		}
		history.blocks[height-1] = honest
		if _, err := chain.Header(context.Background(), height, history.fetch(nil)); err != nil {
			r.Fatalf("after a forgery the honest header is refused: %v", err)
		}
	})
}

func TestOneStepSufficesWhileTheMembersStay(t *testing.T) {
	members := make([][]int, 200)
	for i := range members {
		members[i] = five
	}
	history, chain, fetched := newHistory(t, members), newChain(t, five), 0
	if _, err := chain.Header(context.Background(), 200, history.fetch(&fetched)); err != nil {
		t.Fatal(err)
	}
	if fetched != 2 { // the first block and the one asked for
		t.Fatalf("fetched %d headers", fetched)
	}
}

func TestFirstBlockMustBeThatOfGenesis(t *testing.T) {
	history := newHistory(t, [][]int{five, five})
	other := anchor(five)
	other.Time = other.Time.Add(1)
	for name, a := range map[string]light.Anchor{
		"other members": anchor([]int{1, 2, 3, 4, 6}),
		"other time":    other,
		"other chain":   {ChainID: "other", Time: genesisTime, Validators: anchor(five).Validators},
	} {
		chain, err := light.New(a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := chain.Header(context.Background(), 2, history.fetch(nil)); !errors.Is(err, light.ErrUnproven) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExportedHeaderIsAPlaceToGoOnFrom(t *testing.T) {
	members := [][]int{five, five, five, five, five, {1, 2, 3, 4, 9}, {1, 2, 3, 4, 9}}
	history, chain := newHistory(t, members), newChain(t, five)
	if _, err := chain.Header(context.Background(), 6, history.fetch(nil)); err != nil {
		t.Fatal(err)
	}
	exported, err := chain.Export()
	if err != nil {
		t.Fatal(err)
	}
	again, fetched := newChain(t, five), 0
	if err := again.Import(exported); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Header(context.Background(), 7, history.fetch(&fetched)); err != nil || fetched != 1 {
		t.Fatalf("fetched %d, %v", fetched, err)
	}
	if err := again.Import(exported[1:]); !errors.Is(err, light.ErrUnproven) {
		t.Fatalf("a damaged export is believed: %v", err)
	}
}

// Whatever bytes come as a light block, nothing but the true header is believed.
func FuzzHeader(f *testing.F) {
	history := newHistory(f, [][]int{five, five, {1, 2, 3, 4, 6}})
	var honest [][]byte
	for _, block := range history.blocks {
		honest = append(honest, encode(f, block))
		f.Add(encode(f, block))
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		chain := newChain(t, five)
		header, err := chain.Header(context.Background(), 3, func(_ context.Context, height int64) ([]byte, error) {
			if height == 3 {
				return encoded, nil
			}
			return honest[height-1], nil
		})
		if err == nil && !bytes.Equal(header.Hash(), history.blocks[2].Hash()) {
			t.Fatalf("believed %v", header)
		}
	})
}

func BenchmarkStep(b *testing.B) {
	members := make([][]int, 3)
	for i := range members {
		members[i] = five
	}
	history := newHistory(b, members)
	blocks := [][]byte{encode(b, history.blocks[0]), nil, encode(b, history.blocks[2])}
	b.ReportMetric(float64(len(blocks[2])), "light-block-bytes")
	for b.Loop() {
		chain := newChain(b, five)
		if _, err := chain.Header(context.Background(), 3, func(_ context.Context, height int64) ([]byte, error) {
			return blocks[height-1], nil
		}); err != nil {
			b.Fatal(err)
		}
	}
}
