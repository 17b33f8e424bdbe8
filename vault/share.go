package vault

import (
	"errors"

	"github.com/sesame-energy/sesame/vault/group"
)

var errNotBuilt = errors.New("not built yet")

// Share is one member's checked share of one deal, secret.
type Share struct {
	Deal   DealID
	Member uint8
	Value  []group.Scalar // f_j(i) per period
	Blind  []group.Scalar // g_j(i) per period
}

// ErrWrongShare says that a dealer cheated this member: the share is missing,
// does not decrypt, or does not fit the commitments. ProveRefusal makes the
// proof.
var ErrWrongShare = errors.New("the dealer's share is wrong")

// OpenShare takes the share of the member whose day keys are given out of a
// deal and checks it by equation (E). ErrWrongShare calls for a refusal; any
// other error lies on this side (other day, erased key, other member).
func OpenShare(deal *Deal, keys *DayKeys) (*Share, error) { return nil, errNotBuilt }

// MarshalBinary encodes the share for storage, secret.
func (s *Share) MarshalBinary() ([]byte, error) { return nil, errNotBuilt }

// DecodeShare reads what MarshalBinary wrote.
func DecodeShare(encoded []byte) (*Share, error) { return nil, errNotBuilt }
