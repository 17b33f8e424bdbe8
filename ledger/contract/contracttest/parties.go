package contracttest

import (
	"errors"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// Member is a committee member with its key and day keys.
type Member struct {
	Name string

	ledger  *Ledger
	private map[string][]byte                 // by public key
	keys    map[string]*sealing.DayKeys       // by dealer and epoch
	offered map[uint32][]*sealing.DayKeys     // to the new members, by epoch
	handed  map[sealing.DealID]*sealing.Share // what was handed over to it
}

// Park is a park with its day keys and openings.
type Park struct {
	Name string

	ledger   *Ledger
	keys     map[uint32][]*sealing.DayKeys // by epoch
	counter  uint64
	openings map[sealing.DealID]*sealing.Opening
}

// OpenChannels opens channels from FirstDay on to the epoch in force, which the
// members of the given indices accept and acknowledge; all members without any.
func (p *Park) OpenChannels(accepting ...uint8) {
	l := p.ledger
	l.T.Helper()
	epoch := committee.LoadParameters(l.State).Epoch
	p.keys[epoch] = l.openChannels(p.Name, epoch, FirstDay, 20, func(index uint8, _ string) bool {
		return len(accepting) == 0 || slices.Contains(accepting, index)
	})
}

// OpenAllChannels opens the channels of all parks.
func (l *Ledger) OpenAllChannels() {
	l.T.Helper()
	for _, name := range l.ParkNames() {
		l.Parks[name].OpenChannels()
	}
}

// ParkNames lists the parks in order.
func (l *Ledger) ParkNames() []string {
	var names []string
	for _, park := range committee.Parks(l.State) {
		names = append(names, park.Name)
	}
	return names
}

// Deal makes the body of a deal: one list of values per series of the kind.
func (p *Park) Deal(kind string, day, version uint32, values ...[]uint64) vault.Deal {
	p.ledger.T.Helper()
	body := p.Unproven(kind, day, version, values...)
	p.Prove(&body)
	return body
}

// Unproven is Deal without the proof: what a dealer could send that has none.
func (p *Park) Unproven(kind string, day, version uint32, values ...[]uint64) vault.Deal {
	p.ledger.T.Helper()
	body := vault.Deal{Day: day, Kind: kind, Version: version}
	keepers := committee.CurrentKeepers(p.ledger.State)
	for i, series := range vault.SeriesOf(kind) {
		p.counter++
		deal, opening, err := sealing.NewDeal(sealing.Header{
			Chain: Chain, Epoch: keepers.Epoch, Dealer: p.Name, Series: vault.SeriesName(kind, series),
			Version: version, Day: day, Periods: len(values[i]), Threshold: keepers.Threshold, Members: len(keepers.Seats), Counter: p.counter,
		}, values[i], p.keys[keepers.Epoch], []byte("a secret of a park in a test, 32+"))
		p.ledger.Must(err)
		encoded, err := deal.MarshalBinary()
		p.ledger.Must(err)
		body.Parts = append(body.Parts, encoded)
		p.openings[deal.ID()] = opening
	}
	return body
}

// Prove makes the proof of a deal, of spoiled parts, too: a dealer that cheats
// a member of its share can prove what it has committed to.
func (p *Park) Prove(body *vault.Deal) {
	p.ledger.T.Helper()
	var deals []*sealing.Deal
	var openings []*sealing.Opening
	for _, encoded := range body.Parts {
		deal, err := sealing.UnmarshalDeal(encoded)
		p.ledger.Must(err)
		deals, openings = append(deals, deal), append(openings, p.openings[deal.ID()])
	}
	registered, _ := record.Load[committee.Park](p.ledger.State, committee.ParkKey(p.Name))
	var err error
	body.Proof, err = vault.ClaimOf(body.Kind, deals, registered).Prove(openings)
	p.ledger.Must(err)
}

// Put puts a deal onto the ledger past the contract's checks.
func (p *Park) Put(body vault.Deal) {
	record.Save(p.ledger.State, vault.SealedKey(body.Kind, body.Day, p.Name), vault.Sealed{
		Park: p.Name, Day: body.Day, Kind: body.Kind, Version: body.Version, Channel: 1, Parts: body.Parts, Handed: []vault.Handed{},
	})
}

// Seal seals and sends a deal that the ledger must take.
func (p *Park) Seal(kind string, day, version uint32, values ...[]uint64) {
	p.ledger.T.Helper()
	p.ledger.Must(vault.HandleDeal(p.ledger.Context(p.Name), p.Deal(kind, day, version, values...)))
}

// Sum opens a form over the park's own series.
func (p *Park) Sum(form *sealing.Form) sealing.Sum {
	p.ledger.T.Helper()
	sum, err := form.Sum(p.openings)
	p.ledger.Must(err)
	return sum
}

// SealedOf loads what a park has sealed.
func (l *Ledger) SealedOf(kind string, day uint32, park string) vault.Sealed {
	sealed, _ := record.Load[vault.Sealed](l.State, vault.SealedKey(kind, day, park))
	return sealed
}

// Round loads a round.
func (l *Ledger) Round(id string) vault.Round {
	l.T.Helper()
	round, found := record.Load[vault.Round](l.State, vault.RoundKey(id))
	if !found {
		l.T.Fatalf("no round %s", id)
	}
	return round
}

// Acknowledge sends a member's acknowledgement, with a refusal for each share
// that is wrong.
func (m *Member) Acknowledge(id string) error {
	l := m.ledger
	l.T.Helper()
	round := l.Round(id)
	body := vault.Acknowledge{Round: id}
	for _, candidate := range round.Candidates {
		sealed := l.SealedOf(round.Kind, round.Day, candidate.Park)
		if sealed.DealtTo() != round.Epoch {
			continue // checked when it was handed over
		}
		for part, encoded := range sealed.Parts {
			deal, err := sealing.UnmarshalDeal(encoded)
			l.Must(err)
			if _, err := sealing.OpenShare(deal, m.DayKeys(candidate.Park)); err == nil {
				continue
			}
			refusal, err := sealing.ProveRefusal(deal, m.DayKeys(candidate.Park))
			l.Must(err)
			proof, err := refusal.MarshalBinary()
			l.Must(err)
			body.Refusals = append(body.Refusals, vault.Refusal{Park: candidate.Park, Part: uint8(part), Proof: proof})
		}
	}
	return vault.HandleAcknowledge(l.Context(m.Name), body)
}

// Partials computes a member's partial sums of a round that has been frozen.
func (m *Member) Partials(id string) vault.Partials {
	l := m.ledger
	l.T.Helper()
	round := l.Round(id)
	var series []vault.Sealed
	for _, park := range round.Parks {
		series = append(series, l.SealedOf(round.Kind, round.Day, park.Park))
	}
	forms, deals, err := vault.Forms(round, series)
	l.Must(err)
	shares := map[sealing.DealID]*sealing.Share{}
	for id, deal := range deals {
		shares[id] = m.share(deal)
	}
	body := vault.Partials{Round: id}
	for k := range forms {
		partial, err := forms[k].Partial(shares)
		l.Must(err)
		encoded, err := partial.MarshalBinary()
		l.Must(err)
		body.Sums = append(body.Sums, encoded)
	}
	return body
}

// Post sends a member's partial sums.
func (m *Member) Post(id string) error {
	m.ledger.T.Helper()
	return vault.HandlePartials(m.ledger.Context(m.Name), m.Partials(id))
}

// EndBlock ends the block and gives the rounds that closed in it.
func (l *Ledger) EndBlock() []vault.Round {
	closed := vault.EndBlock(l.Context(""))
	vault.EndWithdrawn(l.Context(""))
	vault.AdvanceHandover(l.Context(""))
	committee.EndBlock(l.Context(""))
	l.Height++
	return closed
}

// RunRound lets all members acknowledge and open a round, and gives it closed.
func (l *Ledger) RunRound(id string) vault.Round {
	l.T.Helper()
	for _, member := range l.Members {
		l.Must(member.Acknowledge(id))
	}
	if closed := l.EndBlock(); len(closed) > 0 {
		return closed[0]
	}
	for _, member := range l.Members {
		l.Must(member.Post(id))
	}
	closed := l.EndBlock()
	if len(closed) != 1 {
		l.T.Fatalf("%d rounds closed: expected %s", len(closed), id)
	}
	return closed[0]
}

// ToGate moves ledger time to the gate of a kind and day.
func (l *Ledger) ToGate(kind string, day uint32) {
	t, found := tariff.Load(l.State, day)
	if !found {
		l.T.Fatalf("day %d has no tariff", day)
	}
	_, l.Now = vault.DealingTerm(kind, t, committee.LoadParameters(l.State))
}

// Constant is a series of one value.
func Constant(periods int, value uint64) []uint64 {
	series := make([]uint64, periods)
	for t := range series {
		series[t] = value
	}
	return series
}

// DayKeys are the member's keys of the channel from a dealer to the epoch in
// force.
func (m *Member) DayKeys(dealer string) *sealing.DayKeys {
	return m.DayKeysTo(dealer, committee.LoadParameters(m.ledger.State).Epoch)
}

// DayKeysTo are the member's keys of the channel from a dealer to an epoch.
func (m *Member) DayKeysTo(dealer string, epoch uint32) *sealing.DayKeys {
	return m.keys[channelName(dealer, epoch)]
}

// Spoil changes one byte of an encoded deal, the last that makes this member's
// share wrong and leaves a deal: what a dealer that cheats this member would
// send.
func (m *Member) Spoil(dealer string, part []byte) {
	m.ledger.T.Helper()
	openings := m.ledger.Parks[dealer].openings
	whole, err := sealing.UnmarshalDeal(part)
	m.ledger.Must(err)
	for i := len(part) - 1; i >= 0; i-- {
		part[i] ^= 1
		if deal, err := sealing.UnmarshalDeal(part); err == nil {
			if _, err := sealing.OpenShare(deal, m.DayKeys(dealer)); errors.Is(err, sealing.ErrWrongShare) {
				opening := *openings[whole.ID()]
				opening.Deal = deal.ID()
				openings[deal.ID()] = &opening
				return
			}
		}
		part[i] ^= 1
	}
	m.ledger.T.Fatalf("no byte of the deal of %s makes the share of %s wrong", dealer, m.Name)
}

// Copy is the ledger with a state of its own; its members and parks are copied
// with it.
func (l *Ledger) Copy() *Ledger {
	copied := *l
	state := record.Memory{}
	l.State.Iterate("", func(key string, value []byte) bool { state[key] = value; return true })
	copied.State, copied.Members, copied.Parks, copied.everybody = state, nil, map[string]*Park{}, map[string]*Member{}
	for _, member := range l.Members {
		own := *member
		own.ledger = &copied
		copied.Members = append(copied.Members, &own)
		copied.everybody[member.Name] = &own
	}
	for name, park := range l.Parks {
		own := *park
		own.ledger = &copied
		copied.Parks[name] = &own
	}
	return &copied
}
