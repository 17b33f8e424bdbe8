package vault

import (
	"bytes"
	"fmt"

	"github.com/sesame-energy/sesame/vault/shamir"
)

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
func (c *Committee) Validate() error {
	if err := checkName("chain", c.Chain); err != nil {
		return err
	}
	if err := shamir.CheckThreshold(c.Threshold, len(c.Keepers)); err != nil {
		return err
	}
	for k, keeper := range c.Keepers {
		if int(keeper.Index) != k+1 {
			return fmt.Errorf("keeper %d has index %d, want %d", k, keeper.Index, k+1)
		}
		if err := CheckPublicKey(keeper.Key); err != nil {
			return fmt.Errorf("keeper %d: %w", keeper.Index, err)
		}
		for _, other := range c.Keepers[:k] {
			if bytes.Equal(keeper.Key, other.Key) {
				return fmt.Errorf("keepers %d and %d have one key", other.Index, keeper.Index)
			}
		}
	}
	return nil
}

// ChannelID names the channel from a dealer to keeper index (1..n) of the
// committee, over days first .. first+days-1. For an index that the committee
// does not have it returns an ID that no function accepts.
func (c *Committee) ChannelID(dealer string, index uint8, first uint32, days int) ChannelID {
	if index < 1 || int(index) > len(c.Keepers) || days < 1 || days > MaxChannelDays {
		return ChannelID{}
	}
	return ChannelID{
		Chain: c.Chain, Epoch: c.Epoch, Dealer: dealer, Member: index,
		KeyVersion: c.Keepers[index-1].KeyVersion, First: first, Days: uint16(days),
	}
}
