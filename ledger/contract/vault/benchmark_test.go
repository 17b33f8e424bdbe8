package vault_test

import (
	"fmt"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
)

// What one node spends on a round of a day of 24 periods, 3 of 5 members.
func BenchmarkRound(b *testing.B) {
	for _, parks := range []int{3, 30} {
		var names []string
		for i := range parks {
			names = append(names, fmt.Sprintf("park%02d", i+1))
		}
		l := contracttest.New(b, 3, names...)
		buy, sell := contracttest.Prices(24)
		l.Publish(day, tariff.Workday, buy, sell)
		l.OpenAllChannels()
		zero, one := contracttest.Constant(24, 0), contracttest.Constant(24, 1)
		var deal vault.Deal
		for _, name := range names {
			deal = l.Parks[name].Deal(vault.Forecast, day, 1, one, zero, zero, zero)
			l.Must(vault.HandleDeal(l.Context(name), deal))
		}
		b.Run(fmt.Sprintf("deal of one of %d parks", parks), func(b *testing.B) {
			for b.Loop() {
				copied := l.Copy()
				copied.State.Delete("vault/counter/" + names[parks-1])
				copied.State.Delete(vault.SealedKey(vault.Forecast, day, names[parks-1]))
				copied.Must(vault.HandleDeal(copied.Context(names[parks-1]), deal))
			}
		})
		l.ToGate(vault.Forecast, day)
		var purposes []vault.Purpose
		for t := range 24 {
			purposes = append(purposes, vault.SurplusOf(t), vault.DeficitOf(t))
		}
		round, err := vault.StartRound(l.Context(""), vault.Forecast, day, purposes)
		l.Must(err)
		for _, member := range l.Members {
			l.Must(member.Acknowledge(round.ID))
		}
		b.Run(fmt.Sprintf("freeze of %d parks", parks), func(b *testing.B) {
			for b.Loop() {
				l.Copy().EndBlock()
			}
		})
		l.EndBlock()
		posts := make([]vault.Partials, 3)
		for i := range posts {
			posts[i] = l.Members[i].Partials(round.ID)
		}
		b.Run(fmt.Sprintf("one member's partial sums over %d parks", parks), func(b *testing.B) {
			for b.Loop() {
				copied := l.Copy()
				copied.Must(vault.HandlePartials(copied.Context("member1"), posts[0]))
			}
		})
		for i := range posts {
			l.Must(vault.HandlePartials(l.Context(l.Members[i].Name), posts[i]))
		}
		b.Run(fmt.Sprintf("opening of %d parks", parks), func(b *testing.B) {
			for b.Loop() {
				l.Copy().EndBlock()
			}
		})
	}
}
