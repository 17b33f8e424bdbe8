package vault_test

import (
	"fmt"
	"log"

	"github.com/sesame-energy/sesame/vault"
)

// A series is split among five, any three of whom open it. One of them hands
// in a wrong share, is named, and does no harm.
func ExampleSplit() {
	const threshold, members = 3, 5
	series := []uint64{350_000, 348_500, 0} // W
	commitments, parts, err := vault.Split(series, threshold, members)
	if err != nil {
		log.Fatal(err)
	}

	parts[1][0] = parts[1][2] // member 2 cheats in the first period
	posts := map[uint8][]vault.Partial{}
	for _, member := range []uint8{1, 2, 4, 5} {
		wrong, err := vault.CheckPartials(member, commitments, parts[member-1])
		if err != nil {
			log.Fatal(err)
		}
		if len(wrong) > 0 {
			fmt.Println("member", member, "is wrong in periods", wrong)
			continue
		}
		posts[member] = parts[member-1]
	}

	values, err := vault.Open(threshold, commitments, posts)
	if err != nil {
		log.Fatal(err)
	}
	for _, value := range values {
		fmt.Println(value.Value)
	}
	// Output:
	// member 2 is wrong in periods [0]
	// 350000
	// 348500
	// 0
}

// Two parks seal their series for a committee. It opens the sum of both, from
// two members' parts, and neither series alone.
func ExampleForm() {
	const day = 19_919 // days since 1970-01-01
	committee := &vault.Committee{Chain: "example", Threshold: 2}
	private := make([][]byte, 3)
	for i := range private {
		secret, public, err := vault.GenerateKey()
		if err != nil {
			log.Fatal(err)
		}
		private[i] = secret
		committee.Keepers = append(committee.Keepers, vault.Keeper{Index: uint8(i + 1), Key: public})
	}

	deals := map[vault.DealID]*vault.Deal{}
	shares := make([]map[vault.DealID]*vault.Share, len(private)) // what each member keeps
	for i := range shares {
		shares[i] = map[vault.DealID]*vault.Share{}
	}
	var sum vault.Form
	for park, surplus := range map[string][]uint64{"park1": {5_000, 0}, "park2": {7_000, 900}} {
		deal, parts := seal(committee, private, park, day, surplus)
		deals[deal.ID()] = deal
		for i, share := range parts {
			shares[i][deal.ID()] = share
		}
		sum.Add(deal.ID(), 0, 1) // of the first period, with weight 1
	}

	polynomial, err := sum.Polynomial(deals) // anybody can compute it
	if err != nil {
		log.Fatal(err)
	}
	posts := map[uint8][]vault.Partial{}
	for _, member := range []uint8{1, 3} {
		partial, err := sum.Partial(shares[member-1])
		if err != nil {
			log.Fatal(err)
		}
		posts[member] = []vault.Partial{partial}
	}
	opened, err := vault.Open(committee.Threshold, []vault.Polynomial{polynomial}, posts)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("surplus of both:", opened[0].Value, "W")
	// Output: surplus of both: 12000 W
}

// seal deals one series to a committee: the dealer agrees on day keys with each
// member and seals, each member takes its share out and checks it.
func seal(committee *vault.Committee, private [][]byte, dealer string, day uint32, values []uint64) (*vault.Deal, []*vault.Share) {
	var dealerKeys, memberKeys []*vault.DayKeys
	for i, keeper := range committee.Keepers {
		id := committee.ChannelID(dealer, keeper.Index, day, 1)
		channel, keys, err := vault.OfferChannel(id, keeper.Key)
		if err != nil {
			log.Fatal(err)
		}
		accepted, err := vault.AcceptChannel(id, channel, private[i])
		if err != nil {
			log.Fatal(err)
		}
		dealerKeys, memberKeys = append(dealerKeys, keys), append(memberKeys, accepted)
	}
	header := vault.Header{
		Chain: committee.Chain, Dealer: dealer, Series: "surplus", Version: 1, Day: day,
		Periods: len(values), Threshold: committee.Threshold, Members: len(committee.Keepers), Counter: 1,
	}
	secret := []byte("a secret of the dealer's machine, 32 bytes or more")
	deal, _, err := vault.NewDeal(header, values, dealerKeys, secret)
	if err != nil {
		log.Fatal(err)
	}
	shares := make([]*vault.Share, len(memberKeys))
	for i, keys := range memberKeys {
		if shares[i], err = vault.OpenShare(deal, keys); err != nil {
			log.Fatal(err)
		}
	}
	return deal, shares
}
