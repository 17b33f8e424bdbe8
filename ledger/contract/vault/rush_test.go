package vault_test

import (
	"fmt"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
)

// What a node spends on a forecast of 24 periods, 3 of 5 members, in the rush
// before a gate: when it comes in, in a block that brings what the node has
// verified already, and in a block of which it has seen nothing.
func BenchmarkDealsBeforeTheGate(b *testing.B) {
	const parks = 20
	var names []string
	for i := range parks {
		names = append(names, fmt.Sprintf("park%02d", i+1))
	}
	l := contracttest.New(b, 3, names...)
	buy, sell := contracttest.Prices(24)
	l.Publish(day, tariff.Workday, buy, sell)
	l.OpenAllChannels()
	zero, one := contracttest.Constant(24, 0), contracttest.Constant(24, 1)
	var sent []vault.SentDeal
	bytes := 0
	for _, name := range names {
		deal := l.Parks[name].Deal(vault.Forecast, day, 1, one, zero, zero, zero)
		sent = append(sent, vault.SentDeal{Sender: name, Deal: deal})
		bytes = len(deal.Proof)
		for _, part := range deal.Parts {
			bytes += len(part)
		}
	}
	perDeal := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*parks), "us/deal")
		b.ReportMetric(float64(bytes), "bytes/deal")
	}
	run := func(b *testing.B, verdicts func() *contract.Verdicts, handle func(contract.Context)) {
		for b.Loop() {
			b.StopTimer()
			ctx := l.Copy().Context("")
			ctx.Verdicts = verdicts()
			b.StartTimer()
			handle(ctx)
		}
		perDeal(b)
	}
	each := func(ctx contract.Context, handle func(contract.Context, vault.Deal) error) {
		for _, deal := range sent {
			ctx.Sender = deal.Sender
			l.Must(handle(ctx, deal.Deal))
		}
	}
	b.Run("coming in", func(b *testing.B) {
		run(b, contract.NewVerdicts, func(ctx contract.Context) { each(ctx, vault.CheckDeal) })
	})
	seen := contract.NewVerdicts()
	ctx := l.Context("")
	ctx.Verdicts = seen
	each(ctx, vault.CheckDeal)
	b.Run("in a block, seen before", func(b *testing.B) {
		run(b, func() *contract.Verdicts { return seen }, func(ctx contract.Context) {
			vault.VerifyTogether(ctx, sent)
			each(ctx, vault.HandleDeal)
		})
	})
	b.Run("in a block, never seen", func(b *testing.B) {
		run(b, contract.NewVerdicts, func(ctx contract.Context) {
			vault.VerifyTogether(ctx, sent)
			each(ctx, vault.HandleDeal)
		})
	})
}
