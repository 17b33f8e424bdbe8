package view

import (
	"context"

	"github.com/sesame-energy/sesame/ledger/contract/vault"
)

// Release is an opening of something of one park alone: a disclosure by vote,
// or a bill that was withheld.
type Release struct {
	ID        string             `json:"id"`
	Kind      string             `json:"kind"` // disclosure or bill
	Park      string             `json:"park"`
	Day       uint32             `json:"day"`
	Date      string             `json:"date"`
	Series    string             `json:"series"` // forecast or reading
	Parts     []string           `json:"parts"`
	Requester string             `json:"requester"`
	Reason    string             `json:"reason"`
	Proposal  uint64             `json:"proposal"` // 0 without a vote
	Requested int64              `json:"requested"`
	Phase     string             `json:"phase"`
	Granted   int64              `json:"granted"` // height, 0 before
	Closed    int64              `json:"closed"`  // height
	Members   []string           `json:"members"` // whose shares opened it
	Wrong     []string           `json:"wrong"`   // whose parts were wrong
	Outcome   string             `json:"outcome"`
	Opened    map[string][]int64 `json:"opened"`  // W by series, null where nothing is opened or it is a bill
	Shares    map[string][]Share `json:"shares"`  // of each opened series what each member holds; null where it is erased
	Subsets   int                `json:"subsets"` // sets of members that recover it, each by itself, as the monitor has tried
	Record    string             `json:"record"`
}

// Releases lists disclosures, then bills, the newest days first, at most limit
// of each.
func (v *Viewer) Releases(ctx context.Context, limit int) ([]Release, error) {
	names, err := v.memberNames(ctx)
	if err != nil {
		return nil, err
	}
	listed := []Release{}
	for _, kind := range []string{vault.Disclosure, vault.BillOpen} {
		found, err := listLast[vault.Release](ctx, v, vault.ReleasePrefix+kind+"/", limit)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			release, err := v.release(ctx, r, names)
			if err != nil {
				return nil, err
			}
			listed = append(listed, release)
		}
	}
	return listed, nil
}

func (v *Viewer) release(ctx context.Context, found entry[vault.Release], names map[uint8]string) (Release, error) {
	r := found.value
	shown := Release{
		ID: r.ID, Kind: r.Kind, Park: r.Park, Day: r.Day, Date: date(r.Day), Series: r.Series, Parts: r.Parts,
		Requester: r.Requester, Reason: r.Reason, Proposal: r.Proposal, Requested: r.Requested, Phase: r.Phase,
		Granted: r.Granted, Closed: r.Closed, Members: named(r.Partials, names), Wrong: named(r.Wrong, names),
		Outcome: r.Outcome, Record: found.key,
	}
	if r.Kind != vault.Disclosure {
		return shown, nil
	}
	opened, there, err := load[vault.Opened](ctx, v, vault.OpenedKey(r.ID))
	if err != nil || !there {
		return shown, err
	}
	disclosed, err := vault.Disclosed(r, opened)
	if err != nil {
		v.logger.Warn("monitor: a disclosure that cannot be read", "id", r.ID, "error", err)
		return shown, nil
	}
	shown.Opened = disclosed
	shown.Shares, shown.Subsets = v.sharesOf(ctx, r, names)
	return shown, nil
}

// named are the names of members by their indices.
func named(indices []uint8, names map[uint8]string) []string {
	listed := make([]string, len(indices))
	for i, index := range indices {
		listed[i] = names[index]
	}
	return listed
}
