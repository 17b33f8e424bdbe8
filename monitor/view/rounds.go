package view

import (
	"context"
	"encoding/hex"
	"math/big"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
)

// Round is a round with what each member did in it.
type Round struct {
	ID         string        `json:"id"`
	Kind       string        `json:"kind"`
	Day        uint32        `json:"day"`
	Date       string        `json:"date"`
	Number     uint32        `json:"number"`
	Phase      string        `json:"phase"`
	Started    int64         `json:"started"`
	Frozen     int64         `json:"frozen"`
	Closed     int64         `json:"closed"`
	Candidates []string      `json:"candidates"`
	Parks      []string      `json:"parks"`
	Refused    []string      `json:"refused"` // parks whose series was proven false
	Members    []MemberShare `json:"members"`
	Openings   int           `json:"openings"` // sums opened or to be opened
	Reason     string        `json:"reason"`
	Record     string        `json:"record"`
}

// MemberShare is what a member did in a round.
type MemberShare struct {
	Name         string `json:"name"`
	Index        uint8  `json:"index"`
	Acknowledged bool   `json:"acknowledged"`
	Unfounded    bool   `json:"unfounded"` // refused a right series
	Quorum       bool   `json:"quorum"`
	Partial      string `json:"partial"` // right, wrong or "" for none
}

// Opening is one sum that the committee opened, or has begun to open.
type Opening struct {
	Round   string   `json:"round"`
	Kind    string   `json:"kind"` // of the purpose
	Series  string   `json:"series"`
	Day     uint32   `json:"day"`
	Date    string   `json:"date"`
	Period  int      `json:"period"` // -1 for totals
	ID      string   `json:"id"`
	Parks   []string `json:"parks"`
	Members []string `json:"members"` // whose partials opened it
	Value   *int64   `json:"value"`   // W, or 1e-6 currency for totals; null where not opened
	Height  int64    `json:"height"`
	Record  string   `json:"record"`
}

// Rounds lists the newest rounds first, at most limit.
func (v *Viewer) Rounds(ctx context.Context, limit int) ([]Round, error) {
	found, err := v.newestRounds(ctx, limit)
	if err != nil {
		return nil, err
	}
	members, err := list[committee.Member](ctx, v, committee.MemberPrefix)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(members, func(a, b entry[committee.Member]) int { return int(a.value.Index) - int(b.value.Index) })
	rounds := make([]Round, len(found))
	for i, r := range found {
		round := r.value
		rounds[i] = Round{
			ID: round.ID, Kind: round.Kind, Day: round.Day, Date: date(round.Day), Number: round.Number, Phase: round.Phase,
			Started: round.Started, Frozen: round.Frozen, Closed: round.Closed, Candidates: parksOf(round.Candidates),
			Parks: parksOf(round.Parks), Refused: round.Refused, Openings: len(round.Purposes), Reason: round.Reason, Record: r.key,
		}
		for _, m := range members {
			share := MemberShare{
				Name: m.value.Name, Index: m.value.Index, Unfounded: slices.Contains(round.Unfounded, m.value.Index),
				Acknowledged: slices.Contains(round.Acknowledged, m.value.Index), Quorum: slices.Contains(round.Quorum, m.value.Index),
			}
			switch {
			case slices.Contains(round.Wrong, m.value.Index):
				share.Partial = "wrong"
			case slices.Contains(round.Partials, m.value.Index):
				share.Partial = "right"
			}
			rounds[i].Members = append(rounds[i].Members, share)
		}
	}
	return rounds, nil
}

// newestRounds lists rounds of both kinds, those started last first.
func (v *Viewer) newestRounds(ctx context.Context, limit int) ([]entry[vault.Round], error) {
	var rounds []entry[vault.Round]
	for _, kind := range []string{vault.Forecast, vault.Reading} {
		found, err := listLast[vault.Round](ctx, v, vault.RoundPrefix+kind+"/", limit)
		if err != nil {
			return nil, err
		}
		rounds = append(rounds, found...)
	}
	slices.SortStableFunc(rounds, func(a, b entry[vault.Round]) int { return int(b.value.Started - a.value.Started) })
	return rounds[:min(limit, len(rounds))], nil
}

// Openings lists what the newest rounds opened, the newest round first.
func (v *Viewer) Openings(ctx context.Context, rounds int) ([]Opening, error) {
	found, err := v.newestRounds(ctx, rounds)
	if err != nil {
		return nil, err
	}
	names, err := v.memberNames(ctx)
	if err != nil {
		return nil, err
	}
	openings := []Opening{}
	for _, r := range found {
		opened, there, err := load[vault.Opened](ctx, v, vault.OpenedKey(r.value.ID))
		if err != nil {
			return nil, err
		}
		there = there && len(opened.Purposes) == len(r.value.Purposes)
		members := named(r.value.Partials, names)
		for i, purpose := range r.value.Purposes {
			opening := Opening{
				Round: r.value.ID, Kind: purpose.Kind, Series: r.value.Kind, Day: r.value.Day, Date: date(r.value.Day),
				Period: purpose.Period, ID: hex.EncodeToString(purpose.ID), Parks: parksOf(r.value.Parks),
				Members: members, Height: r.value.Closed, Record: r.key,
			}
			if there {
				value := v.openedValue(purpose, signed(opened.Purposes[i].Value))
				opening.Value, opening.Record = &value, vault.OpenedKey(r.value.ID)
			}
			openings = append(openings, opening)
		}
	}
	return openings, nil
}

// openedValue is W for the sums of a period and 1e-6 currency for totals.
func (v *Viewer) openedValue(purpose vault.Purpose, value *big.Int) int64 {
	if purpose.Period < 0 {
		return v.exactMoney(value, 0)
	}
	return value.Int64()
}

func (v *Viewer) memberNames(ctx context.Context) (map[uint8]string, error) {
	members, err := list[committee.Member](ctx, v, committee.MemberPrefix)
	names := map[uint8]string{}
	for _, m := range members {
		names[m.value.Index] = m.value.Name
	}
	return names, err
}

func parksOf(participants []vault.Participant) []string {
	parks := make([]string, len(participants))
	for i, participant := range participants {
		parks[i] = participant.Park
	}
	return parks
}
