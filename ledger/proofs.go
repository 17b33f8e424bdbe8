package ledger

import (
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/ledger/transaction"
)

const kindDeal = "vault/deal"

// verifyDeals verifies the proofs of a block's deals together before the block
// runs. It only saves time: what it cannot use each deal verifies for itself,
// so that a fault in here must not stop the block.
func verifyDeals(ctx contract.Context, transactions [][]byte) {
	if ctx.Verdicts == nil {
		return
	}
	defer func() { _ = recover() }()
	var sent []vault.SentDeal
	for _, encoded := range transactions {
		if envelope, err := transaction.Decode(encoded); err != nil || envelope.Kind != kindDeal {
			continue
		}
		envelope, _, err := admit(ctx.State, ctx.Chain, ctx.Height, encoded)
		if err != nil {
			continue
		}
		if deal, err := record.Decode[vault.Deal](envelope.Body); err == nil {
			sent = append(sent, vault.SentDeal{Sender: envelope.Sender, Deal: deal})
		}
	}
	vault.VerifyTogether(ctx, sent)
}
