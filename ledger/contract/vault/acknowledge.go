package vault

import (
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// Rules of the alerts that this contract raises beside those of package alerts.
const (
	RuleFalseSeries      = "false-series"      // a park's share for a member is not the right one
	RuleUnfoundedRefusal = "unfounded-refusal" // a member has refused a right series
	RuleChannelMissing   = "channel-missing"   // a park's channels do not reach enough members
	RuleSeriesLeftOut    = "series-left-out"   // a park's series are not handed over: too few members share channels with it
)

// HandleAcknowledge takes a member's acknowledgement of a round
// ("vault/acknowledge"): one per member, for all its series or with the proof
// for each that it refuses.
func HandleAcknowledge(ctx contract.Context, body Acknowledge) error {
	round, found := record.Load[Round](ctx.State, RoundKey(body.Round))
	if !found || round.Phase != PhaseAcknowledging {
		return fmt.Errorf("%q does not wait for acknowledgements", body.Round)
	}
	member, err := senderSeat(ctx, round.Epoch)
	if err != nil {
		return err
	}
	if slices.Contains(round.Acknowledged, member.Index) {
		return fmt.Errorf("%s has acknowledged %s already", member.Name, round.ID)
	}
	if len(body.Refusals) > len(round.Candidates)*len(SeriesOf(round.Kind)) {
		return fmt.Errorf("%d refusals: %s has %d parks", len(body.Refusals), round.ID, len(round.Candidates))
	}
	if err := requireChannels(ctx.State, round, member); err != nil {
		return err
	}
	round.Acknowledged = insertIndex(round.Acknowledged, member.Index)
	for _, refusal := range body.Refusals {
		if !judge(ctx, &round, member, refusal) {
			break // a member that cheats makes nobody work through the rest of its list
		}
	}
	record.Save(ctx.State, RoundKey(round.ID), round)
	return nil
}

// requireChannels asks that a member shares channels with all parks of a
// round, or has taken over what they sealed to the epoch before: else it cannot
// have checked its share.
func requireChannels(state record.State, round Round, member committee.Member) error {
	for _, candidate := range round.Candidates {
		sealed, _ := record.Load[Sealed](state, SealedKey(round.Kind, round.Day, candidate.Park))
		keepers, _ := committee.LoadKeepers(state, round.Epoch)
		if !slices.Contains(holders(state, sealed, keepers), member.Index) {
			return fmt.Errorf("%s has not acknowledged its channel from %s, or what was handed over of it", member.Name, candidate.Park)
		}
	}
	return nil
}

// judge decides a refusal and reports whether it is upheld: with a valid proof
// the park's series is void, else the member is named and its acknowledgement
// does not count.
func judge(ctx contract.Context, round *Round, member committee.Member, refusal Refusal) bool {
	err := judgeProof(ctx, *round, member, refusal)
	if err == nil {
		if !slices.Contains(round.Refused, refusal.Park) {
			round.Refused = append(round.Refused, refusal.Park)
			post(ctx, RuleFalseSeries, refusal.Park, fmt.Sprintf("%s: the share of %s is false, proven by its day key; the series is void", round.ID, member.Name))
		}
		return true
	}
	if !slices.Contains(round.Unfounded, member.Index) {
		round.Unfounded = insertIndex(round.Unfounded, member.Index)
		post(ctx, RuleUnfoundedRefusal, member.Name, fmt.Sprintf("%s: its refusal of %.64q does not stand: %.200s", round.ID, refusal.Park, err))
	}
	return false
}

// judgeProof returns nil where the proof shows that a park of the round cheated.
func judgeProof(ctx contract.Context, round Round, member committee.Member, refusal Refusal) error {
	if !hasPark(round.Candidates, refusal.Park) {
		return fmt.Errorf("the park is not of this round")
	}
	sealed, _ := record.Load[Sealed](ctx.State, SealedKey(round.Kind, round.Day, refusal.Park))
	return judgeSealed(ctx, sealed, member, refusal)
}

// judgeSealed returns nil where the proof shows that the dealer of a sealed
// series cheated the member.
func judgeSealed(ctx contract.Context, sealed Sealed, member committee.Member, refusal Refusal) error {
	if int(refusal.Part) >= len(sealed.Parts) {
		return fmt.Errorf("part %d: the series has %d", refusal.Part, len(sealed.Parts))
	}
	deal, err := sealing.UnmarshalDeal(sealed.Parts[refusal.Part])
	if err != nil {
		return err
	}
	proof, err := sealing.DecodeRefusal(refusal.Proof)
	if err != nil {
		return err
	}
	entry, _ := record.Load[Channel](ctx.State, ChannelKey(refusal.Park, sealed.Channel))
	keepers, _ := committee.LoadKeepers(ctx.State, entry.Epoch)
	if member.Index = keepers.IndexOf(member.Name); member.Index == 0 || deal.Header().Epoch != entry.Epoch {
		return fmt.Errorf("the series was not dealt to this member")
	}
	if int(member.Index) > len(entry.Channels) {
		return fmt.Errorf("the park has no channel to this member")
	}
	channel, err := sealing.DecodeChannel(entry.Channels[member.Index-1])
	if err != nil {
		return err
	}
	dealt := keepers.Vault(ctx.Chain)
	id := dealt.ChannelID(refusal.Park, member.Index, entry.FirstDay, int(entry.Days))
	upheld, err := sealing.JudgeRefusal(deal, id, channel, proof)
	if err != nil {
		return err
	}
	if !upheld {
		return fmt.Errorf("the share is right")
	}
	return nil
}

const raisedBy = "contract/vault"

func post(ctx contract.Context, rule, subject, detail string) {
	alerts.Post(ctx, raisedBy, rule, subject, detail)
}
