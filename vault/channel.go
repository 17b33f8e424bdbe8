package vault

import (
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
)

// MaxChannelDays is the longest term of one channel.
const MaxChannelDays = 31

const channelLabel = "sesame-vss/1"

// ErrChannel reports a channel whose day keys are not those of its root.
var ErrChannel = errors.New("channel's day keys do not fit its root")

// ChannelID says whose channel it is and for which days.
type ChannelID struct {
	Chain      string
	Epoch      uint32
	Dealer     string
	Member     uint8  // the keeper's index
	KeyVersion uint32 // of the keeper's key
	First      uint32 // first day, days since 1970-01-01
	Days       uint16 // 1..MaxChannelDays
}

// Channel is what a dealer publishes to set up day keys with one member.
type Channel struct {
	// Encapsulation is the HPKE encapsulated secret, 1120 bytes.
	Encapsulation []byte
	// Root is the Merkle root over the day keys.
	Root [32]byte
}

func (id *ChannelID) check() error {
	if err := checkName("chain", id.Chain); err != nil {
		return err
	}
	if err := checkName("dealer", id.Dealer); err != nil {
		return err
	}
	if id.Member == 0 {
		return errors.New("channel to member 0, want 1..255")
	}
	if id.Days < 1 || id.Days > MaxChannelDays {
		return fmt.Errorf("channel over %d days, want 1..%d", id.Days, MaxChannelDays)
	}
	if id.First > math.MaxUint32-MaxChannelDays {
		return fmt.Errorf("channel from day %d, want at most %d", id.First, uint32(math.MaxUint32-MaxChannelDays))
	}
	return nil
}

// encode appends the fields of id, the same for the key schedule and storage.
func (id *ChannelID) encode(e *encoder) {
	e.name(id.Chain)
	e.u32(id.Epoch)
	e.name(id.Dealer)
	e.u8(id.Member)
	e.u32(id.KeyVersion)
	e.u32(id.First)
	e.u16(id.Days)
}

func (id *ChannelID) info() []byte {
	var e encoder
	e.name(channelLabel)
	id.encode(&e)
	return e.bytes
}

// OfferChannel is the dealer's side: it draws a channel to the member's public
// key and returns what to publish and the keys to store, in secret.
func OfferChannel(id ChannelID, memberPublic []byte) (Channel, *DayKeys, error) {
	if err := id.check(); err != nil {
		return Channel{}, nil, err
	}
	public, err := decodePublicKey(memberPublic)
	if err != nil {
		return Channel{}, nil, err
	}
	_, kdf, aead := suite()
	encapsulation, sender, err := hpke.NewSender(public, kdf, aead, id.info())
	if err != nil {
		return Channel{}, nil, fmt.Errorf("offering a channel: %w", err)
	}
	keys, err := expandDayKeys(id, sender)
	if err != nil {
		return Channel{}, nil, err
	}
	return Channel{Encapsulation: encapsulation, Root: keys.Root()}, keys, nil
}

// AcceptChannel is the member's side. It checks the keys of all days against
// the root (ErrChannel); a channel that it rejects must not be acknowledged.
func AcceptChannel(id ChannelID, channel Channel, memberPrivate []byte) (*DayKeys, error) {
	if err := id.check(); err != nil {
		return nil, err
	}
	private, err := decodePrivateKey(memberPrivate)
	if err != nil {
		return nil, err
	}
	if len(channel.Encapsulation) != encapsulationSize {
		return nil, fmt.Errorf("%w: encapsulation of %d bytes, want %d", ErrChannel, len(channel.Encapsulation), encapsulationSize)
	}
	_, kdf, aead := suite()
	recipient, err := hpke.NewRecipient(channel.Encapsulation, private, kdf, aead, id.info())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChannel, err)
	}
	keys, err := expandDayKeys(id, recipient)
	if err != nil {
		return nil, err
	}
	if keys.Root() != channel.Root {
		return nil, ErrChannel
	}
	return keys, nil
}

// exporter is either end of an HPKE context.
type exporter interface {
	Export(context string, length int) ([]byte, error)
}

// expandDayKeys derives the keys of all days; the channel's own key is gone
// when it returns.
func expandDayKeys(id ChannelID, context exporter) (*DayKeys, error) {
	channelKey, err := context.Export("channel", 32)
	if err != nil {
		return nil, fmt.Errorf("exporting the channel's key: %w", err)
	}
	defer clear(channelKey)
	keys := &DayKeys{id: id, keys: make([]*[32]byte, id.Days), leaves: make([][32]byte, id.Days)}
	for k := range keys.keys {
		day := id.First + uint32(k)
		var info encoder
		info.raw([]byte("day"))
		info.u32(day)
		key := expand(channelKey, string(info.bytes))
		keys.keys[k] = &key
		keys.leaves[k] = dayLeaf(id.Member, day, &key)
	}
	return keys, nil
}

// expand is HKDF-Expand with SHA-256 to 32 bytes.
func expand(key []byte, info string) [32]byte {
	out, err := hkdf.Expand(sha256.New, key, info, 32)
	if err != nil { // only for keys under 14 bytes in FIPS mode or more than 255 blocks
		panic("vault: HKDF-Expand to 32 bytes failed: " + err.Error())
	}
	return [32]byte(out)
}

// MarshalBinary encodes a channel for the ledger: 1152 bytes.
func (c Channel) MarshalBinary() ([]byte, error) {
	if len(c.Encapsulation) != encapsulationSize {
		return nil, fmt.Errorf("encapsulation of %d bytes, want %d", len(c.Encapsulation), encapsulationSize)
	}
	var e encoder
	e.raw(c.Encapsulation)
	e.raw(c.Root[:])
	return e.bytes, nil
}

// DecodeChannel reads what MarshalBinary wrote.
func DecodeChannel(encoded []byte) (Channel, error) {
	d := decoder{rest: encoded}
	channel := Channel{
		Encapsulation: append([]byte(nil), d.raw("encapsulation", encapsulationSize)...),
		Root:          d.hash("root"),
	}
	if err := d.finish(); err != nil {
		return Channel{}, fmt.Errorf("channel: %w", err)
	}
	return channel, nil
}

// CheckDayKey reports whether a revealed key is the one of its day on channel.
func (c Channel) CheckDayKey(id ChannelID, revealed RevealedKey) error {
	if err := id.check(); err != nil {
		return err
	}
	if !id.covers(revealed.Day) {
		return fmt.Errorf("%w: day %d is not among days %d..%d", ErrChannel, revealed.Day, id.First, id.last())
	}
	leaf := dayLeaf(id.Member, revealed.Day, &revealed.Key)
	root, ok := rootFromPath(leaf, int(revealed.Day-id.First), int(id.Days), revealed.Path)
	if !ok || root != c.Root {
		return fmt.Errorf("%w: the key of day %d is another", ErrChannel, revealed.Day)
	}
	return nil
}

func (id *ChannelID) last() uint32           { return id.First + uint32(id.Days) - 1 }
func (id *ChannelID) covers(day uint32) bool { return day >= id.First && day <= id.last() }
