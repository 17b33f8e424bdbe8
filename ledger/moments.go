package ledger

import (
	"fmt"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/record"
)

// runMoments runs all moments that have come, in the order of their time and
// kind. One block may cross many, and a moment may bring others.
func runMoments(ctx contract.Context) {
	for {
		key, found := firstKey(ctx.State, contract.MomentPrefix)
		if !found {
			return
		}
		moment, _ := record.Load[contract.Moment](ctx.State, key)
		if moment.Time > ctx.Now {
			return
		}
		ctx.State.Delete(key)
		runMoment(ctx, moment)
	}
}

// runMoment is the table of what happens when.
func runMoment(ctx contract.Context, moment contract.Moment) {
	switch moment.Kind {
	case contract.MomentPeriod:
		control.StartPeriod(ctx, moment.Day, moment.Period)
	case contract.MomentDayEnd:
		control.DayEnd(ctx, moment.Day)
	case contract.MomentReadings:
		control.CheckBalance(ctx, moment.Day)
		trade.ReadingGate(ctx, moment.Day)
	case contract.MomentTariffDue:
		tariff.Due(ctx, moment.Day)
	case contract.MomentGate:
		scheduling.Gate(ctx, moment.Day)
	case contract.MomentBillTerm:
		trade.BillTerm(ctx, moment.Day)
	case contract.MomentProposalTerm:
		expire(ctx, uint64(moment.Day))
	default:
		panic(fmt.Sprintf("moment of unknown kind %q", moment.Kind)) // a contract's programming error: halt
	}
}

func firstKey(state record.State, prefix string) (first string, found bool) {
	state.Iterate(prefix, func(key string, _ []byte) bool {
		first, found = key, true
		return false
	})
	return first, found
}
