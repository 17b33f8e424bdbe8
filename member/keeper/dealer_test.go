package keeper_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault"
)

// cheated is a community of which park3 deals member 4 shares under another key
// than that of its channel.
func cheated(t *testing.T) (*ledgertest.Community, []*member) {
	t.Helper()
	community, members := gather(t)
	for i, role := range community.Roles {
		if park, plays := role.(*ledgertest.Park); plays && park.Name == "park3" {
			community.Roles[i] = &cheat{Party: ledgertest.NewParty("park3"), victim: 4}
		}
	}
	return community, members
}

// A park that cheats a member is refused before the gate, with a proof that the
// contract upholds; it deals again, rightly, and takes part.
func TestFalseDealerIsRefusedBeforeTheGateAndDealsAgain(t *testing.T) {
	community, _ := cheated(t)
	community.RunTo(community.Gate(0) + 3600)
	round := forecastRound(t, community)
	if len(round.Refused) != 0 || !slices.Contains(round.Parks, contract.Participant{Park: "park3", Version: 2}) {
		t.Errorf("refused %q, parks %v; the ledger refused %q", round.Refused, round.Parks, community.Refused)
	}
	void, found := record.Load[contract.Void](community.State(), contract.VoidKey(contract.Forecast, community.Day(0), "park3"))
	if !found || void.Version != 1 || void.Member != "member4" {
		t.Errorf("void %+v, found %t", void, found)
	}
}

// A member that was away when the park dealt refuses in the round.
func TestFalseDealerIsRefusedInTheRound(t *testing.T) {
	community, members := cheated(t)
	for _, member := range members {
		member.away = true
	}
	community.RunTo(community.Gate(0) + 3600)
	round := forecastRound(t, community)
	if !slices.Equal(round.Refused, []string{"park3"}) || len(round.Unfounded) != 0 {
		t.Errorf("refused %q, unfounded %v; the ledger refused %q", round.Refused, round.Unfounded, community.Refused)
	}
}

// cheat is a park that opens channels and then deals the victim's share under
// a key that the victim does not have.
type cheat struct {
	ledgertest.Party
	victim uint8
	keys   []*vault.DayKeys // with another in the place of the victim's
	right  *vault.DayKeys   // the victim's
	dealt  uint32           // versions
}

// React implements ledgertest.Role.
func (c *cheat) React(chain *ledgertest.Chain) {
	day := ledgertest.DayOf(chain.Document.Clock.Start) + 1
	if c.keys == nil {
		c.open(chain, day)
		return
	}
	channel, _ := contract.ChannelFor(chain.State(), c.Name, day)
	_, published := tariff.Load(chain.State(), day)
	void, told := record.Load[contract.Void](chain.State(), contract.VoidKey(contract.Forecast, day, c.Name))
	switch {
	case len(channel.Acknowledged) < 5 || !published:
	case c.dealt == 0:
		c.deal(chain, day, 1)
	case told && void.Version == c.dealt:
		c.keys[c.victim-1] = c.right
		c.deal(chain, day, c.dealt+1)
	}
}

func (c *cheat) deal(chain *ledgertest.Chain, day, version uint32) {
	c.dealt = version
	body := contract.Deal{Day: day, Kind: contract.Forecast, Version: version}
	var deals []*vault.Deal
	var openings []*vault.Opening
	for part, series := range contract.ForecastSeries {
		deal, opening, err := vault.NewDeal(vault.Header{
			Chain: chain.Document.ChainID, Epoch: 1, Dealer: c.Name, Series: contract.SeriesName(contract.Forecast, series),
			Version: version, Day: day, Periods: 24, Threshold: 3, Members: 5, Counter: uint64(version)*10 + uint64(part),
		}, make([]uint64, 24), c.keys, bytes.Repeat([]byte{1}, 32))
		if err != nil {
			chain.T.Fatal(err)
		}
		encoded, err := deal.MarshalBinary()
		if err != nil {
			chain.T.Fatal(err)
		}
		body.Parts, deals, openings = append(body.Parts, encoded), append(deals, deal), append(openings, opening)
	}
	registered, _ := record.Load[committee.Park](chain.State(), committee.ParkKey(c.Name))
	var err error
	if body.Proof, err = contract.ClaimOf(contract.Forecast, deals, registered).Prove(openings); err != nil {
		chain.T.Fatal(err)
	}
	chain.Submit(c.Party, "vault/deal", body)
}

func (c *cheat) open(chain *ledgertest.Chain, day uint32) {
	body := contract.OpenChannel{Number: 1, Epoch: 1, FirstDay: day - 1, Days: 5}
	for _, founder := range chain.Document.Members {
		id := vault.ChannelID{Chain: chain.Document.ChainID, Epoch: 1, Dealer: c.Name, Member: founder.Index, First: day - 1, Days: 5}
		channel, keys, err := vault.OfferChannel(id, founder.SealingKey)
		if err != nil {
			chain.T.Fatal(err)
		}
		encoded, err := channel.MarshalBinary()
		if err != nil {
			chain.T.Fatal(err)
		}
		if founder.Index == c.victim {
			c.right = keys
			if _, keys, err = vault.OfferChannel(id, founder.SealingKey); err != nil {
				chain.T.Fatal(err)
			}
		}
		body.Channels = append(body.Channels, encoded)
		c.keys = append(c.keys, keys)
	}
	chain.Submit(c.Party, "vault/channel", body)
}
