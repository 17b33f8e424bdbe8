package vault

import (
	"fmt"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Refuse is the body of "vault/refuse", by a member: a series that has been
// sealed but whose gate has not come, and of which its share is wrong, with the
// proof. It is not the member's acknowledgement, which stays one for the whole
// round; it only lets the park deal again while there is time.
type Refuse struct {
	_       struct{} `cbor:",toarray"`
	Kind    string
	Day     uint32
	Version uint32 // of the series that is refused
	Refusal Refusal
}

// Void says that a sealed series was proven false before its gate and taken
// off the ledger. The park deals again, under a higher version.
type Void struct {
	_       struct{} `cbor:",toarray"`
	Park    string
	Day     uint32
	Kind    string
	Version uint32
	Channel uint32 // number of the channels that it was sealed under
	Member  string // whose share was wrong, and whose key of the day is public since
	Height  int64
}

// VoidPrefix is the prefix of the records of series that were proven false.
const VoidPrefix = "vault/void/"

// VoidKey is where the newest version of a park's series that was proven false
// before its gate stands.
func VoidKey(kind string, day uint32, park string) string {
	return fmt.Sprintf("%s%s/%06d/%s", VoidPrefix, kind, day, park)
}

func unfoundedKey(kind string, day uint32, member string) string {
	return fmt.Sprintf("vault/unfounded/%s/%06d/%s", kind, day, member)
}

// HandleRefuse takes a member's refusal of a series before its gate
// ("vault/refuse"). Upheld, the series is void at once and its park is told. One
// that does not stand names the member, whose further ones of the day and kind
// are not looked at.
func HandleRefuse(ctx contract.Context, body Refuse) error {
	park := body.Refusal.Park
	sealed, found := record.Load[Sealed](ctx.State, SealedKey(body.Kind, body.Day, park))
	if !found || sealed.Version != body.Version {
		return fmt.Errorf("version %d of %.64q's %.40q of day %d is not on the ledger", body.Version, park, body.Kind, body.Day)
	}
	member, err := senderSeat(ctx, sealed.DealtTo())
	if err != nil {
		return err
	}
	if _, begun := lastRound(ctx.State, body.Kind, body.Day); begun {
		return fmt.Errorf("%s of day %d after its gate: refusals belong into the acknowledgement of its round", body.Kind, body.Day)
	}
	named := unfoundedKey(body.Kind, body.Day, member.Name)
	if _, before := ctx.State.Get(named); before {
		return fmt.Errorf("a refusal of %s did not stand: no further ones of day %d's %s are looked at before its round", member.Name, body.Day, body.Kind)
	}
	if err := judgeSealed(ctx, sealed, member, body.Refusal); err != nil {
		record.Save(ctx.State, named, true)
		post(ctx, RuleUnfoundedRefusal, member.Name, fmt.Sprintf("day %d: its refusal of version %d of %s's %s does not stand: %.200s", body.Day, sealed.Version, park, body.Kind, err))
		return nil
	}
	ctx.State.Delete(SealedKey(body.Kind, body.Day, park))
	record.Save(ctx.State, VoidKey(body.Kind, body.Day, park), Void{
		Park: park, Day: body.Day, Kind: body.Kind, Version: sealed.Version, Channel: sealed.Channel, Member: member.Name, Height: ctx.Height,
	})
	day, _ := tariff.Load(ctx.State, body.Day)
	_, closed := DealingTerm(body.Kind, day, committee.LoadParameters(ctx.State))
	post(ctx, RuleFalseSeries, park, fmt.Sprintf(
		"day %d: the share of %s in version %d of its %s is false, proven by its day key; the series is void, a higher version is taken until its gate, in %d s",
		body.Day, member.Name, sealed.Version, body.Kind, closed-ctx.Now))
	return nil
}
