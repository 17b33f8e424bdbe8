// Package contracttest is a small ledger for the tests of the contracts: a
// state in memory with a committee of five, parks and a battery, and members
// and parks that deal, check and open with real keys. It calls the contracts
// directly, without the machine, so that a test says exactly what happens in
// which block.
package contracttest

import (
	"fmt"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// What every test ledger shares.
const (
	Chain     = "sesame-contract-test"
	Threshold = 3
	Members   = 5
	FirstDay  = 19_919 // 2024-07-15
	Hour      = 3_600

	DailyLead  = 2 * Hour
	ReadingLag = 1 * Hour
	Contest    = 7 * 24 * Hour
)

// Storage is the paper's battery.
var Storage = committee.Storage{
	Power: 400_000, Capacity: 1_000_000, Minimum: 0, Maximum: 1_000_000, Start: 500_000, End: 500_000,
	ChargeEfficiency: 9_600, DischargeEfficiency: 9_600, Fee: 13_000, GridTrade: true,
}

// Ledger is a state with those who take part.
type Ledger struct {
	T       testing.TB
	State   record.State
	Height  int64
	Now     int64 // ledger time
	Members []*Member
	Parks   map[string]*Park

	everybody map[string]*Member // that ever was a member, by name
	channels  map[string]uint32  // opened, by dealer
}

// New begins a ledger an evening before FirstDay with the given parks, at
// least minimum of which make a community sum.
func New(t testing.TB, minimum int, parks ...string) *Ledger {
	t.Helper()
	l := &Ledger{T: t, State: record.Memory{}, Height: 1, Now: FirstDay*24*Hour - 6*Hour, Parks: map[string]*Park{}, everybody: map[string]*Member{}, channels: map[string]uint32{}}
	record.Save(l.State, committee.ParametersKey, committee.Parameters{
		Chain: Chain, Epoch: 1, Threshold: Threshold, Minimum: minimum, Consent: true, Minutes: 60,
		TariffLead: 4 * Hour, DailyLead: DailyLead, ReadingLag: ReadingLag, BillTerm: 24 * Hour, Contest: Contest,
		Grid: "grid", Operator: "operator",
	})
	keepers := committee.Keepers{Epoch: 1, Threshold: Threshold, State: committee.KeepersInForce, From: 1}
	record.Save(l.State, committee.StorageKey, Storage)
	record.Save(l.State, committee.SharingKey(0), committee.Sharing{Reference: 654_000})
	for index := uint8(1); index <= Members; index++ {
		private, public, err := sealing.GenerateKey()
		must(t, err)
		name := fmt.Sprintf("member%d", index)
		record.Save(l.State, committee.AccountKey(name), committee.Account{Name: name, Role: committee.RoleMember, SealingKey: public})
		record.Save(l.State, committee.MemberKey(name), committee.Member{Name: name, Owner: name, Index: index})
		keepers.Seats = append(keepers.Seats, committee.Seat{Name: name, Key: public})
		l.member(name).private[string(public)] = private
		l.Members = append(l.Members, l.member(name))
	}
	record.Save(l.State, committee.KeepersKey(1), keepers)
	for _, name := range parks {
		record.Save(l.State, committee.ParkKey(name), committee.Park{Name: name, SurplusCapacity: 1 << 30, DeficitCapacity: 1 << 30})
		l.Parks[name] = &Park{ledger: l, Name: name, keys: map[uint32][]*sealing.DayKeys{}, openings: map[sealing.DealID]*sealing.Opening{}}
	}
	return l
}

// Context is the context of a call in the next block.
func (l *Ledger) Context(sender string) contract.Context {
	return contract.Context{State: l.State, Chain: Chain, Height: l.Height, Now: l.Now, Sender: sender}
}

// Publish puts a tariff of so many hours on the ledger.
func (l *Ledger) Publish(day uint32, kind string, buy, sell []energy.Price) tariff.Tariff {
	start := int64(day) * 24 * Hour
	if before, found := tariff.Load(l.State, day-1); found {
		start = before.End
	}
	t := tariff.Tariff{Day: day, Date: tariff.Date(day), Kind: kind, Buy: buy, Sell: sell, End: start + int64(len(buy))*Hour}
	for period := range buy {
		t.Starts = append(t.Starts, start+int64(period)*Hour)
	}
	record.Save(l.State, tariff.Key(day), t)
	return t
}

// Prices are a buying price that rises in the day's middle and a flat selling price.
func Prices(periods int) (buy, sell []energy.Price) {
	for t := range periods {
		price := energy.Price(300_000)
		if t >= periods/3 && t < periods-periods/4 {
			price = 1_200_000
		}
		buy, sell = append(buy, price), append(sell, 290_000)
	}
	return buy, sell
}

// Alerts lists rule and subject of all alerts in their order.
func (l *Ledger) Alerts() []string {
	var list []string
	record.Each(l.State, alerts.Prefix, func(_ string, alert alerts.Alert) bool {
		list = append(list, alert.Rule+" "+alert.Subject)
		return true
	})
	return list
}

// Must fails the test where a call failed.
func (l *Ledger) Must(err error) {
	l.T.Helper()
	must(l.T, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
