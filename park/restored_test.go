package park

import (
	"path/filepath"
	"testing"

	"github.com/sesame-energy/sesame/backup"
	"github.com/sesame-energy/sesame/identity"
	sealing "github.com/sesame-energy/sesame/vault"
)

// A park is restored from a backup that is older than its last sealed series.
// It takes the ledger's counter, so every counter is new; and where a node
// hides the newest counter from it, nonces differ all the same, because they
// hang on values and fresh random numbers, and the ledger would not take a
// counter a second time. Two vectors under one nonce would open both.
func TestARestoredParkRepeatsNoNonce(t *testing.T) {
	home, again := filepath.Join(t.TempDir(), "park1"), filepath.Join(t.TempDir(), "park1")
	if _, err := identity.Create(home, "park1"); err != nil {
		t.Fatal(err)
	}
	keys := channelsOf(t)
	before, err := openRecords(home)
	if err != nil {
		t.Fatal(err)
	}
	seen, used := map[[16]byte]string{}, map[uint64]bool{}
	seal := func(when string, kept *records, least uint64, values []uint64) uint64 {
		secret, counter, err := kept.dealer(1, least)
		if err != nil {
			t.Fatal(err)
		}
		deal, _, err := sealing.NewDeal(sealing.Header{
			Chain: "chain", Epoch: 1, Dealer: "park1", Series: "forecast/load", Version: 1, Day: sealedDay,
			Periods: len(values), Threshold: 2, Members: 3, Counter: counter,
		}, values, keys, secret)
		if err != nil {
			t.Fatal(err)
		}
		nonce := deal.Header().Nonce
		if earlier, repeated := seen[nonce]; repeated {
			t.Errorf("%s: the nonce of %s once more", when, earlier)
		}
		seen[nonce] = when
		return counter
	}
	used[seal("before the backup", before, 0, []uint64{1, 2})] = true

	key := filepath.Join(t.TempDir(), "key")
	public, err := backup.NewKey(key)
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := backup.Recipient(public)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "park1.age")
	if _, err := backup.Create(t.Context(), home, file, recipient); err != nil {
		t.Fatal(err)
	}
	var last uint64 // as the ledger has it
	for _, values := range [][]uint64{{1, 2}, {3, 4}, {5, 6}} {
		last = seal("after the backup", before, 0, values)
		used[last] = true
	}
	if err := before.close(); err != nil { // the machine is lost
		t.Fatal(err)
	}

	opener, err := backup.ReadKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(file, again, nil, opener); err != nil {
		t.Fatal(err)
	}
	restored, err := openRecords(again)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = restored.close() }()
	if counter := seal("restored, misled by a node", restored, 0, []uint64{3, 4}); !used[counter] {
		t.Fatalf("counter %d is new: the test shows nothing", counter)
	}
	seal("restored, misled, with other values", restored, 0, []uint64{7, 8})
	if counter := seal("restored", restored, last, []uint64{1, 2}); counter <= last || used[counter] {
		t.Errorf("counter %d after %d: the ledger will not take it", counter, last)
	}
}

const sealedDay = 20_000

// channelsOf are a park's day keys with three members.
func channelsOf(t *testing.T) (keys []*sealing.DayKeys) {
	t.Helper()
	committee := sealing.Committee{Chain: "chain", Epoch: 1, Threshold: 2}
	for i := range uint8(3) {
		_, public, err := sealing.GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		committee.Keepers = append(committee.Keepers, sealing.Keeper{Index: i + 1, Key: public, KeyVersion: 1})
		_, offered, err := sealing.OfferChannel(committee.ChannelID("park1", i+1, sealedDay, 1), public)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, offered)
	}
	return keys
}
