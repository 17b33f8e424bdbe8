package journal_test

import (
	"crypto/sha256"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/node/journal"
)

func block(height int64, transaction string) feed.Block {
	hash := sha256.Sum256([]byte(transaction))
	return feed.Block{
		Height: height, LedgerTime: height * 60, Hash: feed.Hex{byte(height)}, AppHash: feed.Hex{1}, Proposer: feed.Hex{2},
		Transactions: []feed.Transaction{{Hash: hash[:], Bytes: []byte(transaction), Code: 1, Log: "no"}},
		Changes:      []feed.Change{{Key: "a", Value: []byte("b")}, {Key: "c", Deleted: true}},
	}
}

func TestBlockIsSeenOnlyOncePublished(t *testing.T) {
	folder := t.TempDir()
	j, err := journal.Open(folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := block(1, "first")
	if err := j.Write(want); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := j.Block(1); found {
		t.Fatal("an unpublished block is seen")
	}
	if _, found, _ := j.Inclusion(want.Transactions[0].Hash); found {
		t.Fatal("an unpublished transaction is seen")
	}
	_, grown := j.Newest()
	if err := j.Publish(1); err != nil {
		t.Fatal(err)
	}
	<-grown
	checkBlock(t, j, want)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}

	j, err = journal.Open(folder, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	checkBlock(t, j, want)
	if newest, _ := j.Newest(); newest.Height != 1 || newest.LedgerTime != 60 {
		t.Fatalf("reopened at %+v", newest)
	}
}

func checkBlock(t *testing.T, j *journal.Journal, want feed.Block) {
	t.Helper()
	encoded, found, err := j.Block(want.Height)
	if err != nil || !found {
		t.Fatalf("block %d: found %t, %v", want.Height, found, err)
	}
	var got feed.Block
	if err := json.Unmarshal(encoded, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	inclusion, found, err := j.Inclusion(want.Transactions[0].Hash)
	if err != nil || !found || inclusion.Height != want.Height || inclusion.Code != 1 || inclusion.Log != "no" {
		t.Fatalf("transaction: %+v, %t, %v", inclusion, found, err)
	}
}

// A node that stopped between writing a block and committing its state writes
// it again; the journal keeps the second.
func TestRewrittenBlockReplacesTheFirst(t *testing.T) {
	j, err := journal.Open(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	for _, transaction := range []string{"first", "second"} {
		if err := j.Write(block(1, transaction)); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Publish(1); err != nil {
		t.Fatal(err)
	}
	checkBlock(t, j, block(1, "second"))
}

func TestJournalBehindTheStateIsRefused(t *testing.T) {
	if _, err := journal.Open(t.TempDir(), 7); err == nil {
		t.Fatal("a journal without block 7 was opened at height 7")
	}
}
