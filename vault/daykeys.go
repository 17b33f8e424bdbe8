package vault

// DayKeys are the keys of one channel, secret, held by its dealer and its
// member alike. Keep the encoding at mode 0600 and erase a day when its
// contest term ends: who steals the rest later opens no past day.
type DayKeys struct {
	id ChannelID
}

// ID returns whose keys they are.
func (k *DayKeys) ID() ChannelID { return ChannelID{} }

// Root returns the Merkle root, that of the channel.
func (k *DayKeys) Root() [32]byte { return [32]byte{} }

// Has reports whether the key of day is there and not erased.
func (k *DayKeys) Has(day uint32) bool { return false }

// EraseThrough forgets the keys of all days up to and including day. What was
// erased stays erased; Merkle paths of other days go on working.
func (k *DayKeys) EraseThrough(day uint32) {}

// Reveal returns the key of day with its Merkle path, for a refusal.
func (k *DayKeys) Reveal(day uint32) (RevealedKey, error) { return RevealedKey{}, errNotBuilt }

// MarshalBinary encodes the keys for storage, secret.
func (k *DayKeys) MarshalBinary() ([]byte, error) { return nil, errNotBuilt }

// DecodeDayKeys reads what MarshalBinary wrote.
func DecodeDayKeys(encoded []byte) (*DayKeys, error) { return nil, errNotBuilt }

// RevealedKey is one day's key with the proof that it belongs to a channel.
type RevealedKey struct {
	Day  uint32
	Key  [32]byte
	Path [][32]byte // sibling hashes from the leaf up
}
