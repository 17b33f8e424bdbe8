package ledger_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault/group"
)

// Who has no key at all proves the bills from the ledger's records: each
// commitment is the settlement's public weights applied to the park's sealed
// readings, and all of them together open to what the settlement says that the
// parks pay.
func TestBillsAreProvenWithoutKeys(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	noisy(community, rand.New(rand.NewPCG(1, 2)), 20)
	community.RunTo(community.Settled(0))
	proveBills(t, community.State(), community.Day(0))
}

func proveBills(t *testing.T, state record.State, day uint32) {
	t.Helper()
	settlement, _ := record.Load[trade.Settlement](state, trade.SettlementKey(day))
	sum := group.Identity()
	for _, park := range settlement.Parks {
		bill, found := record.Load[trade.Bill](state, trade.BillKey(day, park))
		sealed, _ := record.Load[vault.Sealed](state, vault.SealedKey(vault.Reading, day, park))
		form, deals, err := trade.BillForm(settlement, sealed)
		if err != nil || !found {
			t.Fatalf("bill of %s: found %t, %v", park, found, err)
		}
		commitment, err := form.Value(deals)
		if err != nil {
			t.Fatal(err)
		}
		if encoded := commitment.Bytes(); string(encoded[:]) != string(bill.Commitment) {
			t.Errorf("bill of %s: commitment %x, the sealed readings give %x", park, bill.Commitment, encoded)
		}
		sum.Add(sum, commitment)
	}
	total, err := vault.DecodeValue(settlement.TotalBills)
	if err != nil {
		t.Fatal(err)
	}
	if want := group.Identity().Commit(group.NewScalarBig(total), billsBlinding(t, state, settlement)); !sum.Equal(want) {
		t.Errorf("the bills' commitments do not add up to %s", total)
	}
}

// billsBlinding is 2^40 x that of the opened baseline less rho x that of the
// opened usefulness.
func billsBlinding(t *testing.T, state record.State, settlement trade.Settlement) *group.Scalar {
	t.Helper()
	round, _ := record.Load[vault.Round](state, vault.RoundKey(settlement.Round))
	opened, _ := vault.OpenedOf(state, settlement.Round)
	blinding := &group.Scalar{}
	for k, purpose := range round.Purposes {
		weight := new(big.Int)
		switch purpose.Kind {
		case vault.PurposeBaseline:
			weight.Lsh(big.NewInt(1), 40)
		case vault.PurposeUsefulness:
			weight.Neg(new(big.Int).SetUint64(settlement.Rho))
		default:
			continue
		}
		part, err := group.DecodeScalar(opened.Purposes[k].Blinding)
		if err != nil {
			t.Fatal(err)
		}
		blinding.MulAdd(part, group.NewScalarBig(weight), blinding)
	}
	return blinding
}

// noisy makes readings differ from the forecast by up to so many percent.
func noisy(community *ledgertest.Community, random *rand.Rand, percent int64) {
	for _, park := range community.Parks {
		surplus, deficit := park.Forecast()
		for t := range surplus {
			factor := energy.Watt(100 - percent + random.Int64N(2*percent+1))
			surplus[t], deficit[t] = surplus[t]*factor/100, deficit[t]*factor/100
		}
		park.Readings = func(uint32) ([]energy.Watt, []energy.Watt) { return surplus, deficit }
	}
}

// However the day goes - readings off the forecast, a battery off its plan,
// members that lie or are mute, silent parks - no block fails, the books
// balance to the last unit, no park pays more than without storage, and the
// bills are proven.
func TestAnyDayBalances(t *testing.T) {
	shared := 0
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			c, document := fourParks(t)
			community := ledgertest.Gather(t, c, document, 2)
			noisy(community, random, 30)
			upset(community, random)
			community.RunTo(community.Settled(1))
			for number := range 2 {
				if balanced(t, community, community.Day(number)) {
					shared++
				}
			}
			checkEveryRecordIsReadable(t, community.State())
		})
	}
	if shared < 3 {
		t.Errorf("the saving of only %d of 12 days was shared: the test tries too little", shared)
	}
}

// upset draws who does not do what it should, on some days.
func upset(community *ledgertest.Community, random *rand.Rand) {
	for _, member := range community.Members {
		switch random.IntN(12) {
		case 0:
			member.Mute = true
		case 1:
			member.Lies = true
		case 2:
			member.Deaf = true
		}
	}
	for _, park := range community.Parks {
		park.Silent = random.IntN(10) == 0
	}
	community.Operator.Does = func(signal control.Signal) energy.Watt {
		if random.IntN(4) == 0 {
			return signal.Power * energy.Watt(random.IntN(100)) / 100
		}
		return signal.Power
	}
}

// balanced checks a day's settlement and says whether it shared a saving.
func balanced(t *testing.T, community *ledgertest.Community, day uint32) bool {
	t.Helper()
	settlement, found := record.Load[trade.Settlement](community.State(), trade.SettlementKey(day))
	if !found {
		t.Fatalf("day %d is not settled", day)
	}
	published, _ := tariff.Load(community.State(), day)
	if settlement.Kind == trade.SettledShared {
		if err := trade.CheckBooks(settlement, published); err != nil {
			t.Error(err)
		}
		proveBills(t, community.State(), day)
	}
	total := new(big.Int)
	for _, park := range community.Parks {
		owed := park.Bills[day]
		if owed == nil {
			continue
		}
		total.Add(total, owed.Value)
		if without := baselineOf(published, park); owed.Value.Cmp(without) > 0 {
			t.Errorf("%s pays %.2f on day %d, without storage %.2f", park.Name, currency(owed.Value), day, currency(without))
		}
		if bill, _ := record.Load[trade.Bill](community.State(), trade.BillKey(day, park.Name)); bill.State != trade.BillAccepted {
			t.Errorf("%s: bill of day %d is %s", park.Name, day, bill.State)
		}
	}
	if settlement.Kind != trade.SettledShared {
		return false
	}
	if says, _ := vault.DecodeValue(settlement.TotalBills); says == nil || says.Cmp(total) != 0 {
		t.Errorf("day %d: the parks' bills add up to %s, the settlement says %s", day, total, says)
	}
	return settlement.Rho > 0
}
