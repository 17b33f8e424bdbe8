package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"time"

	circlgroup "github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"

	sesame "github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/rangeproof"
)

const (
	verifyWithin  = 500 * time.Microsecond // a member's share of 24 periods
	valueBits     = 32
	signatureSize = 64
)

// verifying measures what Vault does not have: commitments, and one member's
// check of its whole share against them. Ours are Pedersen commitments in a
// sealed deal, circl's are Feldman commitments beside plain shares.
func verifying(out io.Writer) error {
	fmt.Fprint(out, "\n| size | work | ours | circl, Feldman | times ours | bytes on the ledger |\n| --- | --- | --- | --- | --- | --- |\n")
	for i, s := range sizes {
		deal, check, err := ourDeal(s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		commit, verify := circlFeldman(s)
		dealing := bestOf(deal.make, commit)
		checking := bestOf(check.share, verify, check.decode)
		size := deal.bytes + rangeproof.Size(s.periods, valueBits) + signatureSize
		row := func(work string, ours, circl time.Duration, bytes string) {
			fmt.Fprintf(out, "| %s | %s | %v | %v | %s | %s |\n", s.name, work, rounded(ours), rounded(circl), figure(float64(circl)/float64(ours)), bytes)
		}
		row("commit and share (ours also seals)", dealing[0], dealing[1], fmt.Sprintf("%d", size))
		row("a member checks its share", checking[0], checking[1], "")
		fmt.Fprintf(out, "| %s | decode the deal, once per node | %v | | | |\n", s.name, rounded(checking[2]))
		if i == 0 {
			defer fmt.Fprintf(out, "\n- A member's share of 24 periods: %v to check, below %v wanted: %s\n",
				rounded(checking[0]), verifyWithin, map[bool]string{true: "met", false: "MISSED"}[checking[0] < verifyWithin])
		}
	}
	return nil
}

type dealWork struct {
	make  func()
	bytes int
}

type checkWork struct{ share, decode func() }

// ourDeal makes a sealed deal of the size, and the work of its last member,
// whose share is not derived but decrypted: the most there is.
func ourDeal(s size) (dealWork, checkWork, error) {
	committee := sesame.Committee{Chain: "bench", Epoch: 1, Threshold: s.threshold}
	private := make([][]byte, s.members)
	for i := range private {
		secret, public, err := sesame.GenerateKey()
		if err != nil {
			return dealWork{}, checkWork{}, err
		}
		private[i] = secret
		committee.Keepers = append(committee.Keepers, sesame.Keeper{Index: uint8(i + 1), Key: public, KeyVersion: 1})
	}
	const day = 20_000
	var offered, accepted []*sesame.DayKeys
	for i, keeper := range committee.Keepers {
		id := committee.ChannelID("park1", keeper.Index, day, 1)
		channel, dealers, err := sesame.OfferChannel(id, keeper.Key)
		if err != nil {
			return dealWork{}, checkWork{}, err
		}
		members, err := sesame.AcceptChannel(id, channel, private[i])
		if err != nil {
			return dealWork{}, checkWork{}, err
		}
		offered, accepted = append(offered, dealers), append(accepted, members)
	}
	header := sesame.Header{
		Chain: "bench", Epoch: 1, Dealer: "park1", Series: "load", Version: 1, Day: day,
		Periods: s.periods, Threshold: s.threshold, Members: s.members, Counter: 1,
	}
	values, secret := make([]uint64, s.periods), make([]byte, 32)
	for j := range values {
		values[j] = uint64(j+1) * 40_507
	}
	_, _ = rand.Read(secret)
	deal, _, err := sesame.NewDeal(header, values, offered, secret)
	if err != nil {
		return dealWork{}, checkWork{}, err
	}
	encoded, err := deal.MarshalBinary()
	if err != nil {
		return dealWork{}, checkWork{}, err
	}
	keys := accepted[s.members-1]
	if _, err := sesame.OpenShare(deal, keys); err != nil {
		return dealWork{}, checkWork{}, err
	}
	return dealWork{func() { _, _, _ = sesame.NewDeal(header, values, offered, secret) }, len(encoded)},
		checkWork{func() { _, _ = sesame.OpenShare(deal, keys) }, func() { _, _ = sesame.UnmarshalDeal(encoded) }}, nil
}

// circlFeldman commits to and shares each value, and checks the last member's
// shares of all of them.
func circlFeldman(s size) (commit, verify func()) {
	corrupted := uint(s.threshold - 1)
	var shares []secretsharing.Share
	var commitments []secretsharing.SecretCommitment
	for j := range s.periods {
		sharing := secretsharing.New(rand.Reader, corrupted, circlgroup.Ristretto255.NewScalar().SetUint64(uint64(j+1)*40_507))
		shares = append(shares, sharing.Share(uint(s.members))[s.members-1])
		commitments = append(commitments, sharing.CommitSecret())
	}
	return func() {
			for j := range s.periods {
				sharing := secretsharing.New(rand.Reader, corrupted, circlgroup.Ristretto255.NewScalar().SetUint64(uint64(j+1)*40_507))
				sharing.Share(uint(s.members))
				sharing.CommitSecret()
			}
		}, func() {
			for j := range shares {
				secretsharing.Verify(corrupted, shares[j], commitments[j])
			}
		}
}
