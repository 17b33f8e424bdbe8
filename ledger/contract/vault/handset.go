package vault

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
)

// offers are the channels from old members to new ones, of whoever may hand on.
type offers struct {
	of        []offer
	acting    []uint8 // new members that may act
	threshold int     // of the old members
	receivers int     // how many new members take over at least
}

// offer is one old member's.
type offer struct {
	member       uint8
	acknowledged []uint8 // by new members that may act
}

// offersTo gathers the offers in the order in which members are chosen: those
// that were slow come last, then those with the most acknowledged channels come
// first, then the index decides.
func offersTo(state record.State, h Handover, old, next committee.Keepers) offers {
	acting := committee.ActiveSeats(state, next)
	all := offers{acting: acting, threshold: old.Threshold, receivers: receiversNeeded(next, len(acting))}
	slow := func(o offer) int { return 1 + slices.Index(h.Slow, o.member) }
	for _, index := range committee.ActiveSeats(state, old) {
		channel := channelTo(state, old.Seats[index-1].Name, next.Epoch)
		if channel != nil && !slices.Contains(h.Excluded, index) {
			all.of = append(all.of, offer{index, intersect(acting, channel.Acknowledged)})
		}
	}
	slices.SortStableFunc(all.of, func(a, b offer) int {
		return cmp.Or(min(slow(a), 1)-min(slow(b), 1), len(b.acknowledged)-len(a.acknowledged))
	})
	return all
}

// members are the indices of all of them, ascending.
func (o offers) members() []uint8 {
	indices := []uint8{}
	for _, offer := range o.of {
		indices = insertIndex(indices, offer.member)
	}
	return indices
}

// completed completes a set out of those that hold the shares, as long as
// enough new members share channels with all of them: one that cheats with its
// channels shuts out itself.
func (o offers) completed(set, holding []uint8) []uint8 {
	common := o.acting
	for _, offer := range o.of {
		if slices.Contains(set, offer.member) {
			common = intersect(common, offer.acknowledged)
		}
	}
	for _, offer := range o.of {
		if len(set) == o.threshold {
			break
		}
		if slices.Contains(set, offer.member) || !slices.Contains(holding, offer.member) {
			continue
		}
		if left := intersect(common, offer.acknowledged); len(left) >= o.receivers {
			set, common = insertIndex(set, offer.member), left
		}
	}
	return set
}

// possible says whether a set can be found among those that hold the shares.
func (o offers) possible(holding []uint8) bool {
	return len(o.completed([]uint8{}, holding)) == o.threshold
}

// liveItem is a series that may still be opened, with the old members that can
// hold shares of it.
type liveItem struct {
	HandoverItem
	holders []uint8
}

// choose finds what is handed over together: each of a set hands on everything,
// but a series is sealed under the channels of a quorum only. Series with the
// same holders go together, those of the most parks first; what would leave too
// few who hold all of it is left out. So no park keeps others' series from being
// handed over, and no member of a set lacks what it is to hand on.
func (o offers) choose(live []liveItem) (items []HandoverItem, holding []uint8, left []HandoverItem) {
	holding = o.members()
	taken := map[string]bool{}
	for _, group := range o.groups(live) {
		common := intersect(holding, group.holders)
		if len(common) == len(holding) || o.possible(common) {
			holding, taken[string(group.holders)] = common, true
		}
	}
	items = []HandoverItem{}
	for _, item := range live {
		if taken[string(intersect(o.members(), item.holders))] {
			items = append(items, item.HandoverItem)
		} else {
			left = append(left, item.HandoverItem)
		}
	}
	return items, holding, left
}

// holderGroup is who holds the same series, and of which parks these are.
type holderGroup struct {
	holders []uint8
	parks   map[string]bool
}

// groups gathers the series by those who offer to hand on and hold them.
func (o offers) groups(live []liveItem) []*holderGroup {
	var list []*holderGroup
	known, members := map[string]*holderGroup{}, o.members()
	for _, item := range live {
		holders := intersect(members, item.holders)
		group := known[string(holders)]
		if group == nil {
			group = &holderGroup{holders, map[string]bool{}}
			known[string(holders)], list = group, append(list, group)
		}
		group.parks[item.Park] = true
	}
	slices.SortFunc(list, func(a, b *holderGroup) int {
		return cmp.Or(len(b.parks)-len(a.parks), len(b.holders)-len(a.holders), bytes.Compare(a.holders, b.holders))
	})
	return list
}

// liveItems lists the series that may still be opened and that the old keepers
// hold, in the order of their keys. It decodes no points.
func liveItems(ctx contract.Context, old committee.Keepers) []liveItem {
	contest := committee.LoadParameters(ctx.State).Contest
	var items []liveItem
	for _, kind := range []string{Forecast, Reading} {
		record.Each(ctx.State, "vault/sealed/"+kind+"/", func(_ string, sealed Sealed) bool {
			if HeldAt(sealed, old.Epoch) && ctx.Now <= dayEnd(ctx.State, sealed.Day)+contest {
				item := HandoverItem{Kind: kind, Day: sealed.Day, Park: sealed.Park, Version: sealed.Version}
				items = append(items, liveItem{item, holders(ctx.State, sealed, old)})
			}
			return true
		})
	}
	return items
}

const leftOutNamed = 8 // series that an alert names

// postLeftOut names the parks whose series are not handed over, each once.
func postLeftOut(ctx contract.Context, h Handover, left []HandoverItem) {
	var parks []string
	series := map[string][]string{}
	for _, item := range left {
		if series[item.Park] == nil {
			parks = append(parks, item.Park)
		}
		series[item.Park] = append(series[item.Park], fmt.Sprintf("%s of day %d", item.Kind, item.Day))
	}
	for _, park := range parks {
		named := series[park][:min(len(series[park]), leftOutNamed)]
		alerts.Clear(ctx, raisedBy, RuleSeriesLeftOut, park) // of an earlier hand-over
		post(ctx, RuleSeriesLeftOut, park, fmt.Sprintf("%d of its series (%s) are not handed over to epoch %d: too few members share channels with it and with the others; once that epoch is in force nobody can open them, the park itself can still show its bill",
			len(series[park]), strings.Join(named, ", "), h.Epoch))
	}
}

// everybodyReady says whether all old members have opened channels and all new
// ones have acknowledged theirs.
func everybodyReady(state record.State, old, next committee.Keepers) bool {
	members := len(committee.ActiveSeats(state, next))
	for _, index := range committee.ActiveSeats(state, old) {
		channel := channelTo(state, old.Seats[index-1].Name, next.Epoch)
		if channel == nil || len(channel.Acknowledged) < members {
			return false
		}
	}
	return true
}

// receivers are the new members that share channels with all of the set.
func receivers(state record.State, h Handover, next committee.Keepers) []uint8 {
	old, _ := committee.LoadKeepers(state, h.Origin)
	common := committee.ActiveSeats(state, next)
	for _, index := range h.From {
		channel := channelTo(state, old.Seats[index-1].Name, next.Epoch)
		if channel == nil {
			return nil
		}
		common = intersect(common, channel.Acknowledged)
	}
	return common
}
