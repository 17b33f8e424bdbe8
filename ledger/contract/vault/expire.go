package vault

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
)

// expire deletes what nobody can contest any more: sealed series, partial sums
// and channels of days whose contest term has ended. The blocks keep them; the
// state does not grow. Channels to keepers that are announced stay: refusals of
// what is handed on to them are judged by them. It runs when a round begins, a
// few times a day.
func expire(ctx contract.Context) {
	contest := committee.LoadParameters(ctx.State).Contest
	over := func(day uint32) bool { return ctx.Now > dayEnd(ctx.State, day)+contest }

	var keys []string
	for _, kind := range []string{Forecast, Reading} {
		for _, prefix := range []string{"vault/sealed/" + kind + "/", "vault/partial/" + kind + "/", VoidPrefix + kind + "/", "vault/unfounded/" + kind + "/"} {
			keys = append(keys, keysOfDays(ctx.State, prefix, over)...)
		}
	}
	for _, kind := range []string{Disclosure, BillOpen} {
		keys = append(keys, keysOfDays(ctx.State, "vault/partial/"+kind+"/", over)...)
	}
	next, _ := committee.NextKeepers(ctx.State)
	record.Each(ctx.State, ChannelsPrefix, func(key string, channel Channel) bool {
		if channel.Epoch != next.Epoch && over(channel.FirstDay+uint32(channel.Days)-1) {
			keys = append(keys, key)
		}
		return true
	})
	for _, key := range keys {
		ctx.State.Delete(key)
	}
}

// keysOfDays lists the keys with the prefix whose next path element is a day
// that is over.
func keysOfDays(state record.State, prefix string, over func(day uint32) bool) []string {
	var keys []string
	state.Iterate(prefix, func(key string, _ []byte) bool {
		keys = append(keys, key)
		return true
	})
	return slices.DeleteFunc(keys, func(key string) bool {
		digits, _, _ := strings.Cut(key[len(prefix):], "/")
		day, err := strconv.ParseUint(digits, 10, 32)
		return err != nil || !over(uint32(day))
	})
}

// dayEnd is the end of a day in Unix seconds; without a tariff of the day, of
// its UTC date and twelve hours more, which no zone exceeds.
func dayEnd(state record.State, day uint32) int64 {
	if known, found := tariff.Load(state, day); found {
		return known.End
	}
	return (int64(day)+1)*secondsPerDay + secondsPerDay/2
}
