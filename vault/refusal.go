package vault

// Refusal is a member's proof that a dealer's share is wrong: the day key, so
// that anybody can open the share. It gives away this member's shares of the
// dealer's whole day, so it is made only after ErrWrongShare.
type Refusal struct {
	Deal     DealID
	Member   uint8
	Revealed RevealedKey
}

// ProveRefusal makes the proof. It refuses to for a share that is right.
func ProveRefusal(deal *Deal, keys *DayKeys) (*Refusal, error) { return nil, errNotBuilt }

// JudgeRefusal recomputes the share. upheld: the dealer cheated, the deal is
// void. Not upheld: the member's complaint is unfounded. An error says why the
// proof itself does not stand (other deal, key not of this channel); that is
// unfounded, too. Deterministic.
func JudgeRefusal(deal *Deal, id ChannelID, channel Channel, refusal *Refusal) (upheld bool, err error) {
	return false, errNotBuilt
}

// MarshalBinary encodes the refusal.
func (r *Refusal) MarshalBinary() ([]byte, error) { return nil, errNotBuilt }

// DecodeRefusal reads what MarshalBinary wrote.
func DecodeRefusal(encoded []byte) (*Refusal, error) { return nil, errNotBuilt }
