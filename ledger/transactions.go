package ledger

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/ledger/transaction"
)

// codeRefused is the code of every refused transaction; the reason is in words.
const codeRefused = 1

// errInternal is what the sender learns of a fault in our own code.
var errInternal = errors.New("internal error")

// replayPrefix is the prefix of the accepted transactions that could still be
// sent again, by the height at which they cannot any more.
const replayPrefix = "replay/"

func replayKey(validUntil int64, encoded []byte) string {
	return fmt.Sprintf("%s%012d/%x", replayPrefix, validUntil, transaction.Hash(encoded))
}

// deliver carries out a transaction in a block. What it writes stays only if
// nothing refuses it. fault tells of a fault in our own code, "" where there
// was none.
func deliver(ctx contract.Context, encoded []byte) (result TransactionResult, fault string) {
	overlay := record.NewOverlay(ctx.State)
	ctx.State = overlay
	fault, err := carryOut(ctx, encoded)
	if err != nil {
		return TransactionResult{Code: codeRefused, Log: err.Error()}, fault
	}
	overlay.Apply()
	return TransactionResult{}, ""
}

func carryOut(ctx contract.Context, encoded []byte) (fault string, err error) {
	defer func() {
		if value := recover(); value != nil {
			fault = fmt.Sprintf("block %d, transaction %x: %v\n%s", ctx.Height, transaction.Hash(encoded), value, debug.Stack())
			err = errInternal
		}
	}()
	envelope, row, err := admit(ctx.State, ctx.Chain, ctx.Height, encoded)
	if err != nil {
		return "", err
	}
	ctx.Sender = envelope.Sender
	if err := row.run(ctx, envelope.Body); err != nil {
		return "", err
	}
	record.Save(ctx.State, replayKey(envelope.ValidUntil, encoded), true)
	return "", nil
}

// admit checks a transaction as far as its contract is not concerned, cheap
// checks first.
func admit(state record.State, chain string, height int64, encoded []byte) (transaction.Envelope, route, error) {
	refuse := func(err error) (transaction.Envelope, route, error) { return transaction.Envelope{}, route{}, err }
	envelope, err := transaction.Decode(encoded)
	if err != nil {
		return refuse(err)
	}
	switch {
	case envelope.Chain != chain:
		return refuse(fmt.Errorf("chain %.60q: expected %q", envelope.Chain, chain))
	case envelope.ValidUntil < height:
		return refuse(fmt.Errorf("valid until height %d: this is %d", envelope.ValidUntil, height))
	case envelope.ValidUntil > height+transaction.MaxLifetime:
		return refuse(fmt.Errorf("valid until height %d: at most %d ahead of %d", envelope.ValidUntil, transaction.MaxLifetime, height))
	}
	account, found := committee.LoadAccount(state, envelope.Sender)
	if !found {
		return refuse(fmt.Errorf("sender %.60q: no account that may act", envelope.Sender))
	}
	row, err := routeOf(envelope.Kind, account.Role)
	if err != nil {
		return refuse(err)
	}
	if _, replayed := state.Get(replayKey(envelope.ValidUntil, encoded)); replayed {
		return refuse(errors.New("the ledger has this transaction already"))
	}
	if err := envelope.Verify(account.Key); err != nil {
		return refuse(err)
	}
	return envelope, row, nil
}

// forgetReplays drops what cannot be sent again at this height.
func forgetReplays(state record.State, height int64) {
	for {
		key, found := firstKey(state, replayPrefix)
		if !found || key >= fmt.Sprintf("%s%012d/", replayPrefix, height) {
			return
		}
		state.Delete(key)
	}
}
