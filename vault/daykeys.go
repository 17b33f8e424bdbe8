package vault

import (
	"crypto/sha256"
	"errors"
	"fmt"
)

// ErrNoDayKey reports a day that the channel does not cover or that was erased.
var ErrNoDayKey = errors.New("no key for this day")

// DayKeys are the keys of one channel, secret, held by its dealer and its
// member alike. Keep the encoding at mode 0600 and erase a day when its
// contest term ends: who steals the rest later opens no past day. They are not
// safe for concurrent use while days are erased.
type DayKeys struct {
	id     ChannelID
	keys   []*[32]byte // per day; nil where erased
	leaves [][32]byte
}

// RevealedKey is one day's key with the proof that it belongs to a channel.
type RevealedKey struct {
	Day  uint32
	Key  [32]byte
	Path [][32]byte // sibling hashes from the leaf up
}

// String keeps the secret out of logs and errors.
func (k DayKeys) String() string {
	return fmt.Sprintf("day keys of %s for member %d, days %d..%d", k.id.Dealer, k.id.Member, k.id.First, k.id.last())
}

// GoString is String, for %#v.
func (k DayKeys) GoString() string { return k.String() }

// ID returns whose keys they are.
func (k *DayKeys) ID() ChannelID { return k.id }

// Root returns the Merkle root, that of the channel.
func (k *DayKeys) Root() [32]byte { return merkleRoot(k.leaves) }

// Has reports whether the key of day is there and not erased.
func (k *DayKeys) Has(day uint32) bool {
	_, err := k.key(day)
	return err == nil
}

func (k *DayKeys) key(day uint32) (*[32]byte, error) {
	if !k.id.covers(day) {
		return nil, fmt.Errorf("%w: day %d is not among days %d..%d", ErrNoDayKey, day, k.id.First, k.id.last())
	}
	key := k.keys[day-k.id.First]
	if key == nil {
		return nil, fmt.Errorf("%w: day %d was erased", ErrNoDayKey, day)
	}
	return key, nil
}

// EraseThrough forgets the keys of all days up to and including day. What was
// erased stays erased; Merkle paths of other days go on working.
func (k *DayKeys) EraseThrough(day uint32) {
	for i, key := range k.keys {
		if key != nil && k.id.First+uint32(i) <= day {
			clear(key[:])
			k.keys[i] = nil
		}
	}
}

// Reveal returns the key of day with its Merkle path, for a refusal.
func (k *DayKeys) Reveal(day uint32) (RevealedKey, error) {
	key, err := k.key(day)
	if err != nil {
		return RevealedKey{}, err
	}
	return RevealedKey{Day: day, Key: *key, Path: merklePath(k.leaves, int(day-k.id.First))}, nil
}

const dayKeysFormat = 1

// MarshalBinary encodes the keys for storage, secret.
func (k *DayKeys) MarshalBinary() ([]byte, error) {
	var e encoder
	e.u8(dayKeysFormat)
	k.id.encode(&e)
	for i, key := range k.keys {
		if key == nil {
			e.u8(0)
			e.raw(k.leaves[i][:])
		} else {
			e.u8(1)
			e.raw(key[:])
		}
	}
	return e.bytes, nil
}

// DecodeDayKeys reads what MarshalBinary wrote.
func DecodeDayKeys(encoded []byte) (*DayKeys, error) {
	d := decoder{rest: encoded}
	d.version(dayKeysFormat)
	k := &DayKeys{id: ChannelID{
		Chain: d.name("chain"), Epoch: d.u32("epoch"), Dealer: d.name("dealer"), Member: d.u8("member"),
		KeyVersion: d.u32("key version"), First: d.u32("first day"), Days: d.u16("days"),
	}}
	if d.err == nil {
		if err := k.id.check(); err != nil {
			d.fail("%w", err)
		}
	}
	for i := 0; d.err == nil && i < int(k.id.Days); i++ {
		kind, value := d.u8("kind of entry"), d.hash("entry")
		switch kind {
		case 0:
			k.keys, k.leaves = append(k.keys, nil), append(k.leaves, value)
		case 1:
			leaf := dayLeaf(k.id.Member, k.id.First+uint32(i), &value)
			k.keys, k.leaves = append(k.keys, &value), append(k.leaves, leaf)
		default:
			d.fail("entry %d is of kind %d, want 0 or 1", i, kind)
		}
	}
	if err := d.finish(); err != nil {
		return nil, fmt.Errorf("day keys: %w", err)
	}
	return k, nil
}

func (r *RevealedKey) encode(e *encoder) {
	e.u32(r.Day)
	e.raw(r.Key[:])
	e.u8(uint8(len(r.Path)))
	for _, hash := range r.Path {
		e.raw(hash[:])
	}
}

// maxPath is the longest path in a tree of MaxChannelDays leaves.
const maxPath = 5

func decodeRevealedKey(d *decoder) RevealedKey {
	r := RevealedKey{Day: d.u32("day"), Key: d.hash("day key")}
	length := int(d.u8("length of path"))
	if length > maxPath {
		d.fail("path of %d hashes, want at most %d", length, maxPath)
	}
	for i := 0; d.err == nil && i < length; i++ {
		r.Path = append(r.Path, d.hash("path"))
	}
	return r
}

// dayLeaf commits to one day's key.
func dayLeaf(member uint8, day uint32, key *[32]byte) [32]byte {
	var e encoder
	e.raw([]byte("day"))
	e.u8(member)
	e.u32(day)
	e.raw(key[:])
	return sha256.Sum256(e.bytes)
}
