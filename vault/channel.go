package vault

// MaxChannelDays is the longest term of one channel.
const MaxChannelDays = 31

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

// OfferChannel is the dealer's side: it draws a channel to the member's public
// key and returns what to publish and the keys to store, in secret.
func OfferChannel(id ChannelID, memberPublic []byte) (Channel, *DayKeys, error) {
	return Channel{}, nil, errNotBuilt
}

// AcceptChannel is the member's side. It checks the keys of all days against
// the root; a channel that it rejects must not be acknowledged.
func AcceptChannel(id ChannelID, channel Channel, memberPrivate []byte) (*DayKeys, error) {
	return nil, errNotBuilt
}

// MarshalBinary encodes a channel for the ledger: 1152 bytes.
func (c Channel) MarshalBinary() ([]byte, error) { return nil, errNotBuilt }

// DecodeChannel reads what MarshalBinary wrote.
func DecodeChannel(encoded []byte) (Channel, error) { return Channel{}, errNotBuilt }

// CheckDayKey reports whether a revealed key is the one of its day on channel.
func (c Channel) CheckDayKey(id ChannelID, revealed RevealedKey) error { return errNotBuilt }
