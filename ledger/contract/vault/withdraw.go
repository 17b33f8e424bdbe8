package vault

import (
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
)

// EndWithdrawn ends the hand-overs of epochs that a vote has withdrawn or
// superseded in this block. It comes before AdvanceHandover, which begins the
// next one. Commitments that were recorded for such an epoch already open
// nothing, since it never comes into force.
func EndWithdrawn(ctx contract.Context) {
	committee.TakeWithdrawn(ctx.State, func(epoch uint32, why string) {
		handover, found := LoadHandover(ctx.State, epoch)
		if found {
			forget(ctx.State, handover)
			handover.Phase, handover.Reason, handover.Closed = HandoverFailed, why, ctx.Height
			record.Save(ctx.State, HandoverKey(epoch), handover)
		}
		dropChannels(ctx.State, func(channel Channel) bool { return channel.Epoch == epoch })
	})
}
