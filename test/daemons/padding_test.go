package daemons

import (
	"math/big"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	vaultcontract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Three parks that do not consent to what sums tell pad their forecasts by up
// to 10 kW each: no opened sum is the parks' own, and none is further off than
// that. Readings are not padded: the bills without storage are exact, and the
// saving is a little less, since the plan rests on what was padded.
func TestPaddedForecastsHideTheSumsAndLeaveTheBillsExact(t *testing.T) {
	c := ledgertest.ReferenceCase(t)
	document := ledgertest.Document(t, c)
	document.Consent, document.Padding = false, 10
	town := foundFieldTown(t, document)
	town.startAll(0)
	town.toPlan()
	checkPaddedSums(t, town, c, document.PaddingPower())
	town.ledger.To(town.first + 16*3600)
	town.ledger.Until("the next day's forecasts sealed", allSealed(vaultcontract.Forecast, town.day()+1))
	town.ledger.To(town.first + 24*3600)
	town.toBills()
	town.ledger.Until("settlement", func(state record.State) bool {
		settled, found := record.Load[trade.Settlement](state, trade.SettlementKey(town.day()))
		if !found {
			return false
		}
		without, saving := exact(t, settled.TotalBaseline, 0), exact(t, settled.Saving, 40)
		if without < 4721.06 || without > 4721.08 {
			t.Errorf("without storage %.2f, expected 4721.07", without)
		}
		t.Logf("saving %.2f, without padding 1773.50", saving)
		if saving < 0.95*1773.50 || saving > 1773.51 {
			t.Errorf("saving %.2f: expected a little less than 1773.50", saving)
		}
		return true
	})
}

func checkPaddedSums(t *testing.T, town *fieldTown, c *energy.Case, padding energy.Watt) {
	t.Helper()
	town.ledger.Until("sums opened", func(state record.State) bool {
		id := vaultcontract.RoundID(vaultcontract.Forecast, town.day(), 1)
		opened, found := vaultcontract.OpenedOf(state, id)
		if !found {
			return false
		}
		round, _ := record.Load[vaultcontract.Round](state, vaultcontract.RoundKey(id))
		hidden := 0
		for k, purpose := range round.Purposes {
			value, err := vaultcontract.DecodeValue(opened.Purposes[k].Value)
			if err != nil {
				t.Fatal(err)
			}
			var own energy.Watt
			for i := range c.Parks {
				if purpose.Kind == vaultcontract.PurposeSurplus {
					own += c.Parks[i].Surplus(purpose.Period)
				} else {
					own += c.Parks[i].Deficit(purpose.Period)
				}
			}
			raised := energy.Watt(value.Int64()) - own
			if raised < 0 || raised > 3*padding {
				t.Errorf("%s of period %d is raised by %d W, expected 0 to %d", purpose.Kind, purpose.Period+1, raised, 3*padding)
			}
			if raised > 0 {
				hidden++
			}
		}
		if 10*hidden < 9*len(round.Purposes) {
			t.Errorf("%d of %d sums are hidden", hidden, len(round.Purposes))
		}
		return true
	})
}

// exact is an encoded value in 2^-bits of a cost unit, in currency for periods
// of an hour.
func exact(t *testing.T, encoded []byte, bits uint) float64 {
	t.Helper()
	value, err := vaultcontract.DecodeValue(encoded)
	if err != nil {
		t.Fatal(err)
	}
	ratio, _ := new(big.Rat).SetFrac(value, new(big.Int).Lsh(big.NewInt(1_000_000_000), bits)).Float64()
	return ratio
}
