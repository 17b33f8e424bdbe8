package vault

// Committee is who keeps the shares in one epoch of one chain.
type Committee struct {
	Chain     string
	Epoch     uint32
	Threshold int // shares that open a sum, 2..len(Keepers)
	Keepers   []Keeper
}

// Keeper is one member of a committee as the vault sees it.
type Keeper struct {
	// Index is the member's x-coordinate; keeper k of a committee has index
	// k+1. It is fixed by the committee, never by a message.
	Index uint8
	// Key is the member's public key, MLKEM768X25519 as GenerateKey makes it.
	Key []byte
	// KeyVersion rises with each change of Key.
	KeyVersion uint32
}

// Validate says what is wrong with c: names, threshold, indices or keys.
func (c *Committee) Validate() error { return errNotBuilt }

// ChannelID names the channel from a dealer to keeper index (1..n) of the
// committee, over days first .. first+days-1.
func (c *Committee) ChannelID(dealer string, index uint8, first uint32, days int) ChannelID {
	return ChannelID{}
}
