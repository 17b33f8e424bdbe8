package committee

import (
	"fmt"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Withdrawal is the payload of ActionWithdraw. It names the announced epoch, so
// that a vote that comes late does not hit the next one.
type Withdrawal struct {
	_     struct{} `cbor:",toarray"`
	Epoch uint32
}

const withdrawnPrefix = "committee/epoch-withdrawn/"

// withdrawnEpoch is an epoch that was withdrawn in this block.
type withdrawnEpoch struct {
	_     struct{} `cbor:",toarray"`
	Epoch uint32
	Why   string
}

// withdraw gives the announced keepers up, where there are any, and has the
// vault end their hand-over. A member whose rotation it was may rotate again at
// once.
func withdraw(ctx contract.Context, why string) {
	next, found := NextKeepers(ctx.State)
	if !found {
		return
	}
	if member := rotatedBy(CurrentKeepers(ctx.State), next); member != "" {
		ctx.State.Delete(rotatedKey(member))
	}
	GiveUp(ctx, why)
	record.Save(ctx.State, fmt.Sprintf("%s%06d", withdrawnPrefix, next.Epoch), withdrawnEpoch{Epoch: next.Epoch, Why: why})
}

// TakeWithdrawn gives each epoch that was withdrawn since it was last called,
// and why, to the contract that ends its hand-over.
func TakeWithdrawn(state record.State, end func(epoch uint32, why string)) {
	var taken []withdrawnEpoch
	record.Each(state, withdrawnPrefix, func(_ string, withdrawn withdrawnEpoch) bool {
		taken = append(taken, withdrawn)
		return true
	})
	for _, withdrawn := range taken {
		state.Delete(fmt.Sprintf("%s%06d", withdrawnPrefix, withdrawn.Epoch))
		end(withdrawn.Epoch, withdrawn.Why)
	}
}

// withdrawal checks the withdrawal of the announced keepers and gives what
// carries it out.
func withdrawal(ctx contract.Context, subject string, payload []byte) (func() error, error) {
	if subject != "" {
		return nil, fmt.Errorf("%s takes no subject: it has %.60q", ActionWithdraw, subject)
	}
	body, err := record.Decode[Withdrawal](payload)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if next, found := NextKeepers(ctx.State); !found || next.Epoch != body.Epoch {
		return nil, fmt.Errorf("epoch %d: it is not announced", body.Epoch)
	}
	return func() error {
		withdraw(ctx, "withdrawn by a vote")
		return nil
	}, nil
}
