package ledgertest

import (
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	vaultcontract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/group"
)

// Member keeps shares: it accepts channels, checks and acknowledges what is
// dealt to it, and posts its part of what a round opens.
type Member struct {
	Party
	Index uint8

	Mute bool // posts no partial sums, though it acknowledges
	Deaf bool // acknowledges no rounds
	Lies bool // posts a wrong partial sum

	keys map[string]*vault.DayKeys // by the channel's key
	sent map[string]bool
}

// NewMember makes the member of that name and index.
func NewMember(name string, index uint8) *Member {
	return &Member{Party: NewParty(name), Index: index, keys: map[string]*vault.DayKeys{}, sent: map[string]bool{}}
}

// React implements Role.
func (m *Member) React(chain *Chain) {
	if chain.Touched(vaultcontract.ChannelsPrefix) {
		record.Each(chain.State(), vaultcontract.ChannelsPrefix, func(key string, channel vaultcontract.Channel) bool {
			m.accept(chain, key, channel)
			return true
		})
	}
	if chain.Touched(vaultcontract.RoundPrefix) {
		m.attend(chain)
	}
	if chain.Touched(vaultcontract.ReleasePrefix) {
		record.Each(chain.State(), vaultcontract.ReleasePrefix, func(_ string, release vaultcontract.Release) bool {
			if release.Phase == vaultcontract.PhaseOpening && !m.Mute && !m.sent[release.ID] {
				m.sent[release.ID] = true
				m.release(chain, release)
			}
			return true
		})
	}
}

// attend does its part in the rounds in flight.
func (m *Member) attend(chain *Chain) {
	record.Each(chain.State(), vaultcontract.RoundPrefix, func(_ string, round vaultcontract.Round) bool {
		switch {
		case round.Phase == vaultcontract.PhaseAcknowledging && !m.Deaf:
			m.acknowledge(chain, round)
		case round.Frozen != 0 && round.Phase != vaultcontract.PhaseFailed && !m.Mute && slices.Contains(round.Quorum, m.Index):
			m.post(chain, round)
		}
		return true
	})
}

func (m *Member) accept(chain *Chain, key string, channel vaultcontract.Channel) {
	if m.keys[key] != nil {
		return
	}
	keepers, _ := committee.LoadKeepers(chain.State(), channel.Epoch)
	index := keepers.IndexOf(m.Name)
	if index == 0 {
		return
	}
	decoded, err := vault.DecodeChannel(channel.Channels[index-1])
	if err != nil {
		chain.T.Fatal(err)
	}
	receiving := keepers.Vault(chain.Document.ChainID)
	id := receiving.ChannelID(channel.Dealer, index, channel.FirstDay, int(channel.Days))
	if m.keys[key], err = vault.AcceptChannel(id, decoded, m.Sealing); err != nil {
		chain.T.Fatal(err)
	}
	chain.Submit(m.Party, "vault/channel-acknowledge", vaultcontract.AcknowledgeChannel{Dealer: channel.Dealer, Number: channel.Number})
}

// acknowledge checks every share of a round and refuses what is wrong with the proof.
func (m *Member) acknowledge(chain *Chain, round vaultcontract.Round) {
	if m.sent["acknowledge/"+round.ID] {
		return
	}
	m.sent["acknowledge/"+round.ID] = true
	body := vaultcontract.Acknowledge{Round: round.ID}
	for _, candidate := range round.Candidates {
		for part, deal := range chain.deals(round, candidate.Park) {
			keys := m.keysFor(chain, round, candidate.Park)
			if _, err := vault.OpenShare(deal, keys); err == nil {
				continue
			}
			proof, err := vault.ProveRefusal(deal, keys)
			if err != nil {
				chain.T.Fatal(err)
			}
			encoded, err := proof.MarshalBinary()
			if err != nil {
				chain.T.Fatal(err)
			}
			body.Refusals = append(body.Refusals, vaultcontract.Refusal{Park: candidate.Park, Part: uint8(part), Proof: encoded})
		}
	}
	chain.Submit(m.Party, "vault/acknowledge", body)
}

// post adds up its shares for every purpose of a round.
func (m *Member) post(chain *Chain, round vaultcontract.Round) {
	if m.sent["partials/"+round.ID] {
		return
	}
	m.sent["partials/"+round.ID] = true
	shares := map[vault.DealID]*vault.Share{}
	var series []vaultcontract.Sealed
	for _, participant := range round.Parks {
		series = append(series, chain.sealed(round, participant.Park))
		for _, deal := range chain.deals(round, participant.Park) {
			share, err := vault.OpenShare(deal, m.keysFor(chain, round, participant.Park))
			if err != nil {
				chain.T.Fatal(err)
			}
			shares[deal.ID()] = share
		}
	}
	forms, _, err := vaultcontract.Forms(round, series)
	if err != nil {
		chain.T.Fatal(err)
	}
	m.submit(chain, round.ID, forms, shares)
}

// release adds up its shares for every purpose of a release.
func (m *Member) release(chain *Chain, release vaultcontract.Release) {
	sealed, _ := record.Load[vaultcontract.Sealed](chain.State(), vaultcontract.ReleasedKey(release.ID))
	forms, deals, err := vaultcontract.ReleaseForms(release, sealed)
	if err != nil {
		chain.T.Fatal(err)
	}
	shares := map[vault.DealID]*vault.Share{}
	for id, deal := range deals {
		if shares[id], err = vault.OpenShare(deal, m.keys[vaultcontract.ChannelKey(release.Park, sealed.Channel)]); err != nil {
			chain.T.Fatal(err)
		}
	}
	m.submit(chain, release.ID, forms, shares)
}

// submit sends a partial sum per form, the first wrong where the member lies.
func (m *Member) submit(chain *Chain, id string, forms []vault.Form, shares map[vault.DealID]*vault.Share) {
	body := vaultcontract.Partials{Round: id}
	for k, form := range forms {
		partial, err := form.Partial(shares)
		if err != nil {
			chain.T.Fatal(err)
		}
		if m.Lies && k == 0 {
			partial.Value.Add(&partial.Value, group.NewScalar(1))
		}
		encoded, err := partial.MarshalBinary()
		if err != nil {
			chain.T.Fatal(err)
		}
		body.Sums = append(body.Sums, encoded)
	}
	chain.Submit(m.Party, "vault/partials", body)
}

func (m *Member) keysFor(chain *Chain, round vaultcontract.Round, park string) *vault.DayKeys {
	return m.keys[vaultcontract.ChannelKey(park, chain.sealed(round, park).Channel)]
}

// sealed is a park's series as it is on the ledger.
func (c *Chain) sealed(round vaultcontract.Round, park string) vaultcontract.Sealed {
	sealed, found := record.Load[vaultcontract.Sealed](c.State(), vaultcontract.SealedKey(round.Kind, round.Day, park))
	if !found {
		c.T.Fatalf("%s: no series of %s", round.ID, park)
	}
	return sealed
}

// deals decodes the parts of a park's series, in their order.
func (c *Chain) deals(round vaultcontract.Round, park string) []*vault.Deal {
	var deals []*vault.Deal
	for _, encoded := range c.sealed(round, park).Parts {
		deal, err := vault.UnmarshalDeal(encoded)
		if err != nil {
			c.T.Fatal(err)
		}
		deals = append(deals, deal)
	}
	return deals
}
