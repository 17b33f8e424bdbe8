package ledgertest

import (
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	vaultcontract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault"
)

// Park seals its forecast and its readings, sends its contract's lines and
// its bill. Days repeat its series.
type Park struct {
	Party
	Series   energy.Park                                       // what it forecasts
	Readings func(day uint32) (surplus, deficit []energy.Watt) // what its meters say
	Silent   bool                                              // seals nothing
	Keeps    bool                                              // keeps its bills to itself
	Openings map[string][]*vault.Opening                       // its own, by "kind/day"
	Bills    map[uint32]*vault.Sum                             // what it found that it owes

	keys     map[uint32][]*vault.DayKeys // by the keepers' epoch
	channels uint32                      // that it has opened
	counter  uint64
	sent     map[string]bool
}

// NewPark makes a park of a case; its readings are its forecast.
func NewPark(series energy.Park) *Park {
	park := &Park{
		Party: NewParty(series.Name), Series: series,
		Openings: map[string][]*vault.Opening{}, Bills: map[uint32]*vault.Sum{}, sent: map[string]bool{}, keys: map[uint32][]*vault.DayKeys{},
	}
	park.Readings = func(uint32) (surplus, deficit []energy.Watt) { return park.Forecast() }
	return park
}

// Forecast is its surplus and its deficit as forecast.
func (p *Park) Forecast() (surplus, deficit []energy.Watt) {
	for t := range p.Series.Load {
		surplus, deficit = append(surplus, p.Series.Surplus(t)), append(deficit, p.Series.Deficit(t))
	}
	return surplus, deficit
}

// React implements Role.
func (p *Park) React(chain *Chain) {
	if p.once("channel") {
		p.openChannels(chain, committee.CurrentKeepers(chain.State()))
	}
	if next, announced := committee.NextKeepers(chain.State()); announced && p.once(committee.KeepersKey(next.Epoch)) {
		p.openChannels(chain, next)
	}
	for _, day := range tariff.Unfinished(chain.State(), chain.Now-2*secondsOfDay) {
		p.seal(chain, day)
		if chain.Touched("trade/") {
			p.trade(chain, day)
			p.bill(chain, day)
		}
	}
}

func (p *Park) once(what string) bool {
	first := !p.sent[what]
	p.sent[what] = true
	return first
}

func (p *Park) openChannels(chain *Chain, to committee.Keepers) {
	keepers := to.Vault(chain.Document.ChainID)
	p.channels++
	body := vaultcontract.OpenChannel{Number: p.channels, Epoch: to.Epoch, FirstDay: DayOf(chain.Now), Days: vault.MaxChannelDays}
	for _, keeper := range keepers.Keepers {
		id := keepers.ChannelID(p.Name, keeper.Index, body.FirstDay, int(body.Days))
		channel, keys, err := vault.OfferChannel(id, keeper.Key)
		if err != nil {
			chain.T.Fatal(err)
		}
		encoded, err := channel.MarshalBinary()
		if err != nil {
			chain.T.Fatal(err)
		}
		body.Channels = append(body.Channels, encoded)
		p.keys[to.Epoch] = append(p.keys[to.Epoch], keys)
	}
	chain.Submit(p.Party, "vault/channel", body)
}

// seal deals the day's forecast before its gate and its readings after its end.
func (p *Park) seal(chain *Chain, day tariff.Tariff) {
	channel, open := vaultcontract.ChannelFor(chain.State(), p.Name, day.Day)
	if p.Silent || !open || len(channel.Acknowledged) < committee.Quorum(chain.State()) {
		return
	}
	gate := day.Starts[0] - chain.Document.Gates.DailyLead
	if chain.Now < gate && p.once("forecast/"+day.Date) {
		surplus, _ := p.Forecast()
		p.Deal(chain, vaultcontract.Forecast, day.Day, 1, p.Series.Load, p.Series.PV, p.Series.Wind, surplus)
	}
	if chain.Now >= day.End && p.once("reading/"+day.Date) {
		surplus, deficit := p.Readings(day.Day)
		p.Deal(chain, vaultcontract.Reading, day.Day, 1, surplus, deficit)
	}
}

// Deal seals series of a kind, in the order of the kind's parts, and sends them.
func (p *Park) Deal(chain *Chain, kind string, day, version uint32, series ...[]energy.Watt) {
	chain.Submit(p.Party, "vault/deal", p.Sealed(chain, kind, day, version, series...))
}

// Sealed is what Deal sends.
func (p *Park) Sealed(chain *Chain, kind string, day, version uint32, series ...[]energy.Watt) vaultcontract.Deal {
	body := vaultcontract.Deal{Day: day, Kind: kind, Version: version}
	var deals []*vault.Deal
	var openings []*vault.Opening
	keepers := committee.CurrentKeepers(chain.State())
	for part, name := range vaultcontract.SeriesOf(kind) {
		p.counter++
		header := vault.Header{
			Chain: chain.Document.ChainID, Epoch: keepers.Epoch, Dealer: p.Name, Series: vaultcontract.SeriesName(kind, name),
			Version: version, Day: day, Periods: len(series[part]),
			Threshold: keepers.Threshold, Members: len(keepers.Seats), Counter: p.counter,
		}
		values := make([]uint64, len(series[part]))
		for t, value := range series[part] {
			values[t] = uint64(value)
		}
		deal, opening, err := vault.NewDeal(header, values, p.keys[keepers.Epoch], seed("dealer", p.Name))
		if err != nil {
			chain.T.Fatal(err)
		}
		encoded, err := deal.MarshalBinary()
		if err != nil {
			chain.T.Fatal(err)
		}
		body.Parts, deals = append(body.Parts, encoded), append(deals, deal)
		openings = append(openings, opening)
	}
	registered, _ := record.Load[committee.Park](chain.State(), committee.ParkKey(p.Name))
	var err error
	if body.Proof, err = vaultcontract.ClaimOf(kind, deals, registered).Prove(openings); err != nil {
		chain.T.Fatal(err)
	}
	p.Openings[kind+"/"+tariff.Date(day)] = openings
	return body
}

// trade sends the lines of its contract under the plan in force and confirms it.
func (p *Park) trade(chain *Chain, day tariff.Tariff) {
	plan, found := scheduling.InForcePlan(chain.State(), day.Day)
	if !found {
		return
	}
	id := trade.ContractID(day.Day, plan.Version, p.Name)
	contract, _ := record.Load[trade.Contract](chain.State(), trade.ContractKey(id))
	switch {
	case contract.State == trade.Drafted && p.once("lines/"+id):
		surplus, deficit := p.Forecast()
		lines := record.Encode(trade.ParkLines(p.Name, surplus, deficit, plan, day))
		sealed, err := vault.SealTo(chain.Document.Grid.SealingKey, []byte(id), lines)
		if err != nil {
			chain.T.Fatal(err)
		}
		chain.Submit(p.Party, "trade/lines", trade.PostLines{Contract: id, Sealed: sealed})
	case contract.State == trade.Notified && p.once("confirm/"+id):
		chain.Submit(p.Party, "trade/confirm", trade.Confirm{Contract: id})
	}
}

// bill computes what it owes from its own openings and sends it, sealed.
func (p *Park) bill(chain *Chain, day tariff.Tariff) {
	due, found := record.Load[trade.Bill](chain.State(), trade.BillKey(day.Day, p.Name))
	if !found || due.State != trade.BillDue || !p.once("bill/"+day.Date) {
		return
	}
	settlement, _ := record.Load[trade.Settlement](chain.State(), trade.SettlementKey(day.Day))
	sealed, _ := record.Load[vaultcontract.Sealed](chain.State(), vaultcontract.SealedKey(vaultcontract.Reading, day.Day, p.Name))
	form, _, err := trade.BillForm(settlement, sealed)
	if err != nil {
		chain.T.Fatal(err)
	}
	openings := map[vault.DealID]*vault.Opening{}
	for _, opening := range p.Openings[vaultcontract.Reading+"/"+day.Date] {
		openings[opening.Deal] = opening
	}
	sum, err := form.Sum(openings)
	if err != nil {
		chain.T.Fatal(err)
	}
	p.Bills[day.Day] = &sum
	if p.Keeps {
		return
	}
	blinding := sum.Blinding.Bytes()
	opening := record.Encode(trade.BillOpening{Amount: vaultcontract.EncodeValue(sum.Value), Blinding: blinding[:]})
	body := trade.SubmitBill{Day: day.Day}
	info := []byte("bill/" + day.Date + "/" + p.Name)
	if body.ToGrid, err = vault.SealTo(chain.Document.Grid.SealingKey, info, opening); err != nil {
		chain.T.Fatal(err)
	}
	if body.ToOperator, err = vault.SealTo(chain.Document.Operator.SealingKey, info, opening); err != nil {
		chain.T.Fatal(err)
	}
	chain.Submit(p.Party, "trade/bill", body)
}
