package vault

import (
	"crypto/sha256"
	"fmt"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// Bounds of what one park can make the nodes verify.
const (
	DealsPerBlock = 4 // of one park, true or false
	earlyChecks   = 8 // of one park at one height, before its deals are in a block
)

// verdictKey is the hash of everything that the verdict on a deal's proof
// depends on, deals included: with it the proof need not be looked at again.
func verdictKey(body Deal, admitted admission) [32]byte {
	return sha256.Sum256(record.Encode(struct {
		_                struct{} `cbor:",toarray"`
		Domain           string
		Kind             string
		Surplus, Deficit uint64
		Parts            [][]byte
		Proof            []byte
	}{
		Domain: "sesame/deal-verdict/1", Kind: body.Kind,
		Surplus: bound(admitted.park.SurplusCapacity), Deficit: bound(admitted.park.DeficitCapacity),
		Parts: body.Parts, Proof: body.Proof,
	}))
}

// claimed decodes a deal's parts and says what its proof is to show.
func claimed(body Deal, admitted admission) (sealing.ClaimedProof, error) {
	deals := make([]*sealing.Deal, len(body.Parts))
	for i, encoded := range body.Parts {
		var err error
		if deals[i], err = sealing.UnmarshalDeal(encoded); err != nil {
			return sealing.ClaimedProof{}, fmt.Errorf("%s: %w", SeriesName(body.Kind, SeriesOf(body.Kind)[i]), err)
		}
	}
	return sealing.ClaimedProof{Claim: ClaimOf(body.Kind, deals, admitted.park), Proof: body.Proof}, nil
}

// verify decodes the deals and verifies the proof of one that was admitted. The
// error names series and periods.
func verify(ctx contract.Context, body Deal, admitted admission) error {
	key := verdictKey(body, admitted)
	if ctx.Verdicts.Proven(key) {
		return nil
	}
	proof, err := claimed(body, admitted)
	if err == nil {
		err = proof.Check()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", ctx.Sender, err)
	}
	ctx.Verdicts.Remember(key)
	return nil
}

// CheckDeal says whether the ledger could take a deal now. It writes nothing;
// that a proof holds is remembered for the block that will carry the deal.
func CheckDeal(ctx contract.Context, body Deal) error {
	admitted, err := admit(ctx, body)
	if err != nil {
		return err
	}
	if ctx.Verdicts.Proven(verdictKey(body, admitted)) {
		return nil
	}
	if !ctx.Verdicts.Spend(ctx.Height, ctx.Sender, earlyChecks) {
		return fmt.Errorf("%s has had %d deals verified at this height: wait for the next block", ctx.Sender, earlyChecks)
	}
	return verify(ctx, body, admitted)
}

// SentDeal is a deal with its sender.
type SentDeal struct {
	Sender string
	Deal   Deal
}

// VerifyTogether verifies the proofs of a block's deals at once, for much less
// than one by one, and remembers which hold. It changes nothing else: what is
// not remembered HandleDeal verifies on its own.
func VerifyTogether(ctx contract.Context, sent []SentDeal) {
	var keys [][32]byte
	var proofs []sealing.ClaimedProof
	counts := map[string]int{}
	for _, deal := range sent {
		if counts[deal.Sender]++; counts[deal.Sender] > DealsPerBlock {
			continue
		}
		ctx.Sender = deal.Sender
		admitted, err := admit(ctx, deal.Deal)
		if err != nil {
			continue
		}
		key := verdictKey(deal.Deal, admitted)
		if ctx.Verdicts.Proven(key) {
			continue
		}
		if proof, err := claimed(deal.Deal, admitted); err == nil {
			keys, proofs = append(keys, key), append(proofs, proof)
		}
	}
	for k, err := range sealing.CheckClaims(proofs) {
		if err == nil {
			ctx.Verdicts.Remember(keys[k])
		}
	}
}
