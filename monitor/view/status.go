package view

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
)

// Status is the ledger at a glance.
type Status struct {
	Chain      string   `json:"chain"`
	Currency   string   `json:"currency"`
	Timezone   string   `json:"timezone"`
	Minutes    int      `json:"minutes"` // length of a period
	Height     int64    `json:"height"`
	LedgerTime int64    `json:"ledger_time"`
	BlockTime  int64    `json:"block_time"` // Unix milliseconds
	AppHash    string   `json:"app_hash"`
	Factor     int64    `json:"factor"`      // ledger seconds per second
	CapSeconds float64  `json:"cap_seconds"` // 0: no cap
	Threshold  int      `json:"threshold"`
	Epoch      uint32   `json:"epoch"`
	Minimum    int      `json:"minimum_parks"`
	Consent    bool     `json:"consent"`
	Grid       string   `json:"grid"`
	Operator   string   `json:"operator"`
	DailyLead  int64    `json:"daily_lead"` // the daily gate is this many seconds before the day
	Members    []Member `json:"members"`
	Parks      []Park   `json:"parks"`
	Storage    *Storage `json:"storage"`
	Days       []DayRef `json:"days"`
	Today      uint32   `json:"today"` // the day that ledger time is in, or the nearest known
	OpenAlerts int      `json:"open_alerts"`
	AlertCount int      `json:"alert_count"`
	Record     string   `json:"record"`

	LeftOff StatusLeftOff `json:"left_off"`
}

// StatusLeftOff is how many parks the list leaves off, being full, and how many
// of the oldest alerts were not looked at for OpenAlerts.
type StatusLeftOff struct {
	Parks  int `json:"parks"`
	Alerts int `json:"alerts"`
}

// Member is a committee member with its health.
type Member struct {
	Name         string `json:"name"`
	Owner        string `json:"owner"`
	Park         string `json:"park"`
	Index        uint8  `json:"index"`
	Address      string `json:"address"` // consensus address
	Missed       int64  `json:"missed"`  // blocks in a row
	Absent       bool   `json:"absent"`
	Removed      bool   `json:"removed"`
	Proposes     bool   `json:"proposes"` // proposed the newest block
	LastProposed int64  `json:"last_proposed"`
	Record       string `json:"record"`
}

// Park is a registered park.
type Park struct {
	Name            string `json:"name"`
	SurplusCapacity int64  `json:"surplus_capacity"`
	DeficitCapacity int64  `json:"deficit_capacity"`
	Record          string `json:"record"`
}

// Storage is the shared battery.
type Storage struct {
	Power               int64  `json:"power"`
	Capacity            int64  `json:"capacity"`
	Minimum             int64  `json:"minimum"`
	Maximum             int64  `json:"maximum"`
	Start               int64  `json:"start"`
	End                 int64  `json:"end"`
	ChargeEfficiency    int64  `json:"charge_efficiency"`    // 1e-4
	DischargeEfficiency int64  `json:"discharge_efficiency"` // 1e-4
	Fee                 int64  `json:"fee"`
	GridTrade           bool   `json:"grid_trade"`
	Record              string `json:"record"`
}

// DayRef names a day that has a tariff.
type DayRef struct {
	Day     uint32 `json:"day"`
	Date    string `json:"date"`
	Start   int64  `json:"start"`
	End     int64  `json:"end"`
	Planned bool   `json:"planned"` // there is a plan in force
}

// maxDays is how many days back the page can go.
const maxDays = 62

// recentBlocks is how far back the last proposal of a member is looked for.
const recentBlocks = 200

// Status is the ledger at a glance.
func (v *Viewer) Status(ctx context.Context) (Status, error) {
	document := v.genesis
	status := Status{
		Chain: document.ChainID, Currency: document.Currency, Timezone: document.Timezone, Minutes: document.Minutes,
		Factor: document.Clock.Factor, CapSeconds: document.Clock.Cap().Seconds(), LedgerTime: document.Clock.Start,
		Threshold: document.Threshold, Minimum: document.Minimum, Consent: document.Consent, Record: committee.ParametersKey,
	}
	blocks, err := v.index.Blocks(ctx, 0, recentBlocks)
	if err != nil {
		return status, err
	}
	proposed := map[string]int64{}
	for _, block := range slices.Backward(blocks) {
		proposed[hex.EncodeToString(block.Proposer)] = block.Height
	}
	if len(blocks) > 0 {
		newest := blocks[0]
		status.Height, status.LedgerTime, status.BlockTime = newest.Height, newest.LedgerTime, newest.BlockTime.UnixMilli()
		status.AppHash = hex.EncodeToString(newest.AppHash)
	}
	if err := v.parties(ctx, &status, proposed); err != nil {
		return status, err
	}
	if err := v.days(ctx, &status); err != nil {
		return status, err
	}
	return status, v.countAlerts(ctx, &status)
}

// parties fills in who takes part and the agreed parameters.
func (v *Viewer) parties(ctx context.Context, status *Status, proposed map[string]int64) error {
	parameters, there, err := load[committee.Parameters](ctx, v, committee.ParametersKey)
	if err != nil {
		return err
	}
	if there {
		status.Threshold, status.Epoch, status.Minimum = parameters.Threshold, parameters.Epoch, parameters.Minimum
		status.Consent, status.DailyLead = parameters.Consent, parameters.DailyLead
		status.Grid, status.Operator = parameters.Grid, parameters.Operator
	}
	if status.Members, err = v.members(ctx, proposed, status.Height); err != nil {
		return err
	}
	parks, err := list[committee.Park](ctx, v, committee.ParkPrefix)
	if err != nil {
		return err
	}
	status.Parks = make([]Park, len(parks))
	for i, p := range parks {
		status.Parks[i] = Park{p.value.Name, int64(p.value.SurplusCapacity), int64(p.value.DeficitCapacity), p.key}
	}
	if status.LeftOff.Parks, err = v.leftOff(ctx, committee.ParkPrefix, len(parks)); err != nil {
		return err
	}
	s, there, err := load[committee.Storage](ctx, v, committee.StorageKey)
	if there {
		status.Storage = &Storage{
			int64(s.Power), int64(s.Capacity), int64(s.Minimum), int64(s.Maximum), int64(s.Start), int64(s.End),
			int64(s.ChargeEfficiency), int64(s.DischargeEfficiency), int64(s.Fee), s.GridTrade, committee.StorageKey,
		}
	}
	return err
}

func (v *Viewer) members(ctx context.Context, proposed map[string]int64, height int64) ([]Member, error) {
	found, err := list[committee.Member](ctx, v, committee.MemberPrefix)
	if err != nil {
		return nil, err
	}
	members := make([]Member, len(found))
	for i, m := range found {
		hash := sha256.Sum256(m.value.ConsensusKey)
		address := hex.EncodeToString(hash[:20])
		members[i] = Member{
			Name: m.value.Name, Owner: m.value.Owner, Park: m.value.Park, Index: m.value.Index, Address: address,
			Missed: m.value.Missed, Absent: m.value.Absent, Removed: m.value.Removed,
			LastProposed: proposed[address], Proposes: height > 0 && proposed[address] == height, Record: m.key,
		}
	}
	slices.SortFunc(members, func(a, b Member) int { return int(a.Index) - int(b.Index) })
	return members, nil
}

// days fills in the days that have a tariff and which of them is today.
func (v *Viewer) days(ctx context.Context, status *Status) error {
	found, err := listLast[tariff.Tariff](ctx, v, tariff.Prefix, maxDays)
	if err != nil {
		return err
	}
	inForce, err := listLast[scheduling.InForce](ctx, v, scheduling.InForceKey(0)[:len("plan-in-force/")], maxDays)
	if err != nil {
		return err
	}
	planned := map[string]bool{}
	for _, p := range inForce {
		planned[p.key] = true
	}
	status.Days = []DayRef{}
	for _, t := range slices.Backward(found) {
		if len(t.value.Starts) == 0 {
			continue
		}
		ref := DayRef{t.value.Day, date(t.value.Day), t.value.Starts[0], t.value.End, planned[scheduling.InForceKey(t.value.Day)]}
		status.Days = append(status.Days, ref)
		if status.Today == 0 || ref.Start <= status.LedgerTime {
			status.Today = ref.Day
		}
	}
	return nil
}

func (v *Viewer) countAlerts(ctx context.Context, status *Status) error {
	count, err := v.index.Count(ctx, alerts.Prefix)
	if err != nil {
		return err
	}
	status.AlertCount = count
	found, err := listLast[alerts.Alert](ctx, v, alerts.Prefix, maxList)
	for _, a := range found {
		if a.value.AcknowledgedBy == "" {
			status.OpenAlerts++
		}
	}
	if len(found) == maxList {
		status.LeftOff.Alerts = count - len(found)
	}
	return err
}
