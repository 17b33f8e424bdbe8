package index_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/monitor/fixture"
	"github.com/sesame-energy/sesame/monitor/index"
)

// locations are where an index can be: an SQLite file, and PostgreSQL where
// SESAME_POSTGRES says where one is.
func locations(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{"sqlite": filepath.Join(t.TempDir(), "a ?#%.sqlite")}
	if url := os.Getenv("SESAME_POSTGRES"); url != "" {
		found["postgres"] = url
	}
	return found
}

var (
	once  sync.Once
	lived *fixture.Days
)

// days are lived through once for all tests.
func days(t *testing.T) *fixture.Days {
	t.Helper()
	once.Do(func() { lived = fixture.Run(t) })
	return lived
}

func open(t *testing.T, location, ledger string) *index.Index {
	t.Helper()
	document := days(t).Document
	document.ChainID = ledger
	opened, err := index.Open(t.Context(), location, document, days(t).Hash)
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func apply(t *testing.T, into *index.Index, blocks []client.Block) {
	t.Helper()
	for _, block := range blocks {
		if err := into.Apply(t.Context(), block); err != nil {
			t.Fatal(err)
		}
	}
}

// content is all that an index gives.
type content struct {
	Height       int64
	Records      []index.Record
	Blocks       []index.Block
	Transactions []index.Transaction
	Changes      map[int64][]index.Change
}

func contentOf(t *testing.T, from *index.Index) content {
	t.Helper()
	all := content{Changes: map[int64][]index.Change{}}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	all.Height, err = from.Height(t.Context())
	must(err)
	all.Records, err = from.Records(t.Context(), "", 0)
	must(err)
	all.Blocks, err = from.Blocks(t.Context(), 0, 0)
	must(err)
	all.Transactions, err = from.Transactions(t.Context(), 0, 0)
	must(err)
	for _, block := range all.Blocks {
		all.Changes[block.Height], err = from.Changes(t.Context(), block.Height)
		must(err)
	}
	return all
}

func TestIndexGoesOnWhereItStoppedAndIsTheSameAsRebuilt(t *testing.T) {
	blocks := days(t).Blocks
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			interrupted := open(t, location, "resumed")
			apply(t, interrupted, blocks[:100])
			if err := interrupted.Close(); err != nil {
				t.Fatal(err)
			}
			resumed := open(t, location, "resumed")
			apply(t, resumed, blocks[100:])
			got := contentOf(t, resumed)
			if err := resumed.Close(); err != nil {
				t.Fatal(err)
			}

			rebuilt := open(t, filepath.Join(t.TempDir(), "rebuilt"), "resumed")
			defer func() { _ = rebuilt.Close() }()
			apply(t, rebuilt, blocks)
			if difference := cmp.Diff(contentOf(t, rebuilt), got); difference != "" {
				t.Error(difference)
			}
			if got.Height != int64(len(blocks)) || len(got.Records) < 100 {
				t.Errorf("height %d with %d records: expected all %d blocks", got.Height, len(got.Records), len(blocks))
			}
		})
	}
}

func TestIndexOfAnotherLedgerIsEmptied(t *testing.T) {
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			first := open(t, location, t.Name())
			if height, err := first.Height(t.Context()); err != nil || height > 0 {
				t.Fatalf("height %d, %v: the database of an earlier test is another ledger's", height, err)
			}
			apply(t, first, days(t).Blocks[:10])
			_ = first.Close()
			second := open(t, location, t.Name()+" another")
			defer func() { _ = second.Close() }()
			if got := contentOf(t, second); got.Height != 0 || len(got.Blocks) > 0 || len(got.Transactions) > 0 {
				t.Errorf("height %d, %d records, %d transactions of the ledger before", got.Height, len(got.Records), len(got.Transactions))
			}
		})
	}
}

func TestBlocksOutOfOrderAreRefusedWhole(t *testing.T) {
	blocks := days(t).Blocks
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			kept := open(t, location, t.Name())
			defer func() { _ = kept.Close() }()
			apply(t, kept, blocks[:3])
			before := contentOf(t, kept)
			for _, wrong := range []client.Block{blocks[4], blocks[2], blocks[0]} {
				var outOfOrder *index.OutOfOrder
				if err := kept.Apply(t.Context(), wrong); !errors.As(err, &outOfOrder) || outOfOrder.Expected != 4 {
					t.Errorf("block %d: %v: expected to be told that block 4 comes next", wrong.Height, err)
				}
			}
			if difference := cmp.Diff(before, contentOf(t, kept)); difference != "" {
				t.Error(difference)
			}
		})
	}
}

func TestGenesisRecordsStandBeforeTheFirstBlock(t *testing.T) {
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			kept := open(t, location, t.Name())
			defer func() { _ = kept.Close() }()
			parameters, there, err := kept.Record(t.Context(), committee.ParametersKey)
			if err != nil || !there || parameters.Height != 0 {
				t.Errorf("%+v, %v, %v: expected the parameters at height 0", parameters, there, err)
			}
			members, err := kept.Records(t.Context(), committee.MemberPrefix, 0)
			if err != nil || len(members) != 5 {
				t.Errorf("%d members, %v: expected five", len(members), err)
			}
		})
	}
}

func TestTextsOfAHostileFeedAreKept(t *testing.T) {
	hostile := client.Block{
		Height: 1, BlockTime: time.Unix(0, 0),
		Transactions: []client.Transaction{{Log: "no\x00such \xff thing'); DROP TABLE block; --"}},
		Changes: []client.Change{
			{Key: "a\x00b\xff", Value: nil},
			{Key: "a\x00b\xff", Deleted: true},
			{Key: "", Value: []byte("empty key")},
			{Key: "%_'\"<script>", Value: []byte{0, 1}},
		},
	}
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			kept := open(t, location, t.Name())
			defer func() { _ = kept.Close() }()
			apply(t, kept, []client.Block{hostile})
			if record, there, err := kept.Record(t.Context(), "%_'\"<script>"); err != nil || !there || len(record.Value) != 2 {
				t.Errorf("%+v, %v, %v: expected the value of the odd key", record, there, err)
			}
			listed, err := kept.Records(t.Context(), "%", 0)
			if err != nil || len(listed) != 1 {
				t.Errorf("%d records under %%, %v: expected the one that begins with it", len(listed), err)
			}
		})
	}
}

func TestListsAreBounded(t *testing.T) {
	kept := open(t, filepath.Join(t.TempDir(), "bounds"), "bounds")
	defer func() { _ = kept.Close() }()
	apply(t, kept, days(t).Blocks)
	blocks, err := kept.Blocks(context.Background(), 50, 7)
	if err != nil || len(blocks) != 7 || blocks[0].Height != 49 || blocks[6].Height != 43 {
		t.Errorf("%d blocks below 50, %v: expected 49 down to 43", len(blocks), err)
	}
	last, err := kept.LastRecords(context.Background(), "alert/", 2)
	if err != nil || len(last) != 2 || last[0].Key <= last[1].Key {
		t.Errorf("%v, %v: expected the two greatest keys, the greatest first", last, err)
	}
}
