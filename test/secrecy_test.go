package test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/network"
	"github.com/sesame-energy/sesame/park"
	"github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/shamir"
)

// coalition is members who put their keys together and read the ledger.
type coalition struct {
	ledger  *witness
	secrets [][]byte                    // sealing keys
	keys    map[string][]*vault.DayKeys // by park, those of all channels that a secret opens
}

// coalitionOf takes the members' keys from their folders; indices from 1.
func coalitionOf(t *testing.T, seen *lived, indices ...uint8) *coalition {
	t.Helper()
	c := &coalition{ledger: seen.observer, keys: map[string][]*vault.DayKeys{}}
	for _, index := range indices {
		who, err := identity.Load(filepath.Join(seen.dir, seen.observer.document.Members[index-1].Name))
		if err != nil {
			t.Fatal(err)
		}
		c.secrets = append(c.secrets, who.SealingKey)
	}
	return c
}

// open tries each secret on each of the channels under which a series is sealed.
func (c *coalition) open(t *testing.T, sealed contract.Sealed) []*vault.DayKeys {
	t.Helper()
	if keys, done := c.keys[sealed.Park]; done {
		return keys
	}
	opened := must[contract.Channel](c.ledger, contract.ChannelKey(sealed.Park, sealed.Channel))
	parameters := must[committee.Parameters](c.ledger, committee.ParametersKey)
	for index := range opened.Channels {
		offered, err := vault.DecodeChannel(opened.Channels[index])
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range c.secrets {
			keys, err := vault.AcceptChannel(vault.ChannelID{
				Chain: parameters.Chain, Epoch: parameters.Epoch, Dealer: sealed.Park, Member: uint8(index + 1),
				First: opened.FirstDay, Days: uint16(opened.Days),
			}, offered, secret)
			if err == nil {
				c.keys[sealed.Park] = append(c.keys[sealed.Park], keys)
			}
		}
	}
	return c.keys[sealed.Park]
}

// shares are all shares of a sealed series that the coalition can take out.
func (c *coalition) shares(t *testing.T, sealed contract.Sealed, deal *vault.Deal) map[uint8]*vault.Share {
	t.Helper()
	shares := map[uint8]*vault.Share{}
	for _, keys := range c.open(t, sealed) {
		share, err := vault.OpenShare(deal, keys)
		if err != nil {
			t.Fatalf("share %d of %s: %v", keys.ID().Member, sealed.Park, err)
		}
		shares[share.Member] = share
	}
	return shares
}

// rebuild puts the coalition's shares of a deal together.
func (c *coalition) rebuild(t *testing.T, sealed contract.Sealed, deal *vault.Deal) ([]energy.Watt, error) {
	t.Helper()
	var polynomials []vault.Polynomial
	for period := range deal.Header().Periods {
		polynomials = append(polynomials, deal.Polynomial(period))
	}
	posts := map[uint8][]vault.Partial{}
	var plain []shamir.Share
	for index, share := range c.shares(t, sealed, deal) {
		for period := range share.Value {
			posts[index] = append(posts[index], vault.Partial{Value: share.Value[period], Blinding: share.Blind[period]})
		}
		plain = append(plain, shamir.Share{Index: index, Values: share.Value})
	}
	sums, err := vault.Open(deal.Header().Threshold, polynomials, posts)
	secrets, unverified := shamir.Combine(deal.Header().Threshold, plain)
	if err != nil || unverified != nil {
		return nil, errors.Join(err, unverified)
	}
	var series []energy.Watt
	for period, sum := range sums {
		if secrets[period].Signed().Cmp(sum.Value) != 0 {
			t.Errorf("period %d: %v with commitments, %v without", period+1, sum.Value, secrets[period].Signed())
		}
		series = append(series, energy.Watt(sum.Value.Int64()))
	}
	return series, nil
}

// eachSeries visits all that the parks have sealed for the first day.
func eachSeries(t *testing.T, seen *lived, visit func(sealed contract.Sealed, series string, deal *vault.Deal)) {
	t.Helper()
	for _, kind := range []string{contract.Forecast, contract.Reading} {
		for _, registered := range seen.observer.document.Parks {
			sealed := must[contract.Sealed](seen.observer, contract.SealedKey(kind, firstDay, registered.Name))
			deals, err := contract.Decoded(sealed)
			if err != nil {
				t.Fatal(err)
			}
			for _, series := range contract.SeriesOf(kind) {
				visit(sealed, series, deals[series])
			}
		}
	}
}

func twoMembersRebuildNothing(t *testing.T, seen *lived) {
	truth := clearSeries(t, seen)
	tried := 0
	for first := uint8(1); first <= 5; first++ {
		for second := first + 1; second <= 5; second++ {
			two := coalitionOf(t, seen, first, second)
			eachSeries(t, seen, func(sealed contract.Sealed, series string, deal *vault.Deal) {
				tried++
				shares := two.shares(t, sealed, deal)
				if len(shares) != 2 || shares[first] == nil || shares[second] == nil {
					t.Fatalf("members %d and %d open %d shares: expected their own two", first, second, len(shares))
				}
				if rebuilt, err := two.rebuild(t, sealed, deal); !errors.Is(err, shamir.ErrTooFew) {
					t.Errorf("members %d and %d, %s of %s: %v, %v: expected too few shares", first, second, series, sealed.Park, rebuilt, err)
				}
				guessInVain(t, deal, shares[first], shares[second], truth[sealed.Kind+sealed.Park+series])
			})
		}
	}
	if tried != 10*3*(4+2) {
		t.Errorf("%d series tried, expected 180", tried)
	}
}

// guessInVain does what two members can: they draw the straight line through
// their shares, and they guess. Every guess fits their shares, and even for the
// right one they find no blinding that shows that it is right.
func guessInVain(t *testing.T, deal *vault.Deal, first, second *vault.Share, truth []energy.Watt) {
	t.Helper()
	pair := []uint8{first.Member, second.Member}
	line, err := shamir.Lagrange(0, pair)
	if err != nil {
		t.Fatal(err)
	}
	third := uint8(1) // any other member
	for third == first.Member || third == second.Member {
		third++
	}
	through, err := shamir.Lagrange(third, pair)
	if err != nil {
		t.Fatal(err)
	}
	for period, right := range truth {
		at := func(factors []group.Scalar, values [2]group.Scalar) group.Scalar {
			var sum group.Scalar
			sum.Mul(&factors[0], &values[0])
			sum.MulAdd(&factors[1], &values[1], &sum)
			return sum
		}
		values := [2]group.Scalar{first.Value[period], second.Value[period]}
		blinds := [2]group.Scalar{first.Blind[period], second.Blind[period]}
		value, blinding := at(line, values), at(line, blinds)
		if value.Equal(group.NewScalar(uint64(right))) {
			t.Errorf("period %d: the straight line through two shares is the secret %d W", period+1, right)
		}
		for _, tried := range []group.Scalar{blinding, {}, blinds[0], blinds[1], at(through, blinds)} {
			sum := vault.Sum{Value: group.NewScalar(uint64(right)).Signed(), Blinding: tried}
			if vault.CheckOpening(deal.Polynomial(period)[0], sum) == nil {
				t.Errorf("period %d: two members can tell that %d W is right", period+1, right)
			}
		}
		fitsAnyGuess(t, pair, values, third, right)
	}
}

// fitsAnyGuess completes two shares by a third for the right value and for
// wrong ones, and sees that all three lie on a polynomial of the right degree.
func fitsAnyGuess(t *testing.T, pair []uint8, values [2]group.Scalar, third uint8, right energy.Watt) {
	t.Helper()
	for _, guess := range []uint64{uint64(right), uint64(right) + 1, 0, vault.MaxValue} {
		factors, err := shamir.Lagrange(0, []uint8{pair[0], pair[1], third})
		if err != nil {
			t.Fatal(err)
		}
		rest, part := group.NewScalar(guess), new(group.Scalar)
		for i := range 2 {
			rest.Sub(rest, part.Mul(&factors[i], &values[i]))
		}
		completed := new(group.Scalar).Mul(rest, new(group.Scalar).Invert(&factors[2]))
		secret, err := shamir.Combine(3, []shamir.Share{
			{Index: pair[0], Values: values[:1]}, {Index: pair[1], Values: values[1:]}, {Index: third, Values: []group.Scalar{*completed}},
		})
		if err != nil || !secret[0].Equal(group.NewScalar(guess)) {
			t.Errorf("guess %d does not fit the shares of members %v: %v", guess, pair, err)
		}
	}
}

func threeMembersRebuildEverything(t *testing.T, seen *lived) {
	truth := clearSeries(t, seen)
	for first := uint8(1); first <= 5; first++ {
		for second := first + 1; second <= 5; second++ {
			for third := second + 1; third <= 5; third++ {
				three := coalitionOf(t, seen, third, first, second)
				eachSeries(t, seen, func(sealed contract.Sealed, series string, deal *vault.Deal) {
					rebuilt, err := three.rebuild(t, sealed, deal)
					if want := truth[sealed.Kind+sealed.Park+series]; err != nil || !slices.Equal(rebuilt, want) {
						t.Errorf("members %d, %d, %d, %s %s of %s: %v, %v: expected %v", first, second, third, sealed.Kind, series, sealed.Park, rebuilt, err, want)
					}
				})
			}
		}
	}
}

// clearSeries is what the parks have sealed for the first day, by kind, park
// and series: the case's forecasts, and the readings on the parks' own pages.
func clearSeries(t *testing.T, seen *lived) map[string][]energy.Watt {
	t.Helper()
	layout, err := network.Open(seen.dir)
	if err != nil {
		t.Fatal(err)
	}
	truth := map[string][]energy.Watt{}
	for i, registered := range loadCase(t, referenceCase).Parks {
		settings, err := config.Load[park.Config](layout.Parks[i])
		if err != nil {
			t.Fatal(err)
		}
		metered := ownDay(t, settings.Listen, "2024-07-15").Readings
		forecast := contract.Forecast + registered.Name
		truth[forecast+"load"], truth[forecast+"pv"], truth[forecast+"wind"] = registered.Load, filled(registered.PV), filled(registered.Wind)
		truth[forecast+"surplus"], _ = balance(registered.Load, filled(registered.PV), filled(registered.Wind))
		reading := contract.Reading + registered.Name
		truth[reading+"surplus"], truth[reading+"deficit"] = balance(metered.Load, filled(metered.PV), filled(metered.Wind))
		if slices.Equal(truth[reading+"surplus"], truth[forecast+"surplus"]) {
			t.Errorf("%s: the readings are the forecast, in spite of 2%% noise", registered.Name)
		}
	}
	return truth
}

// filled is a series of 24 periods, zeros where there is none.
func filled(series []energy.Watt) []energy.Watt {
	if len(series) == 0 {
		return make([]energy.Watt, 24)
	}
	return series
}

func balance(load, pv, wind []energy.Watt) (surplus, deficit []energy.Watt) {
	for t := range load {
		net := pv[t] + wind[t] - load[t]
		surplus, deficit = append(surplus, max(net, 0)), append(deficit, max(-net, 0))
	}
	return surplus, deficit
}

// ownDay asks a park's own page for a day.
func ownDay(t *testing.T, listen, date string) park.Day {
	t.Helper()
	response, err := http.Get("http://" + listen + "/v1/day/" + date)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var day park.Day
	if err := json.NewDecoder(response.Body).Decode(&day); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("page of %s: %s, %v", listen, response.Status, err)
	}
	return day
}

// nothingInClear looks for three periods in a row of any park's series in all
// records, as bytes of the usual encodings and as text.
func nothingInClear(t *testing.T, seen *lived) {
	listed, err := seen.observer.ledger.List(seen.observer.ctx, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	public := publicSums(seen)
	if len(holders(listed, public[0][:3])) == 0 {
		t.Fatalf("the search does not even find the community's sums among %d records", len(listed))
	}
	for name, series := range clearSeries(t, seen) {
		for at := 0; at+3 <= len(series); at++ {
			three := series[at : at+3]
			if slices.Min(three) == 0 || contains(public, three) {
				continue // zeros are everywhere, and sums may be a single park's values
			}
			if keys := holders(listed, three); len(keys) > 0 {
				t.Errorf("%v: three periods of %s from %d on stand there in clear", keys, name, at+1)
			}
		}
	}
}

// holders are the keys of the records in which the watts stand one after the other.
func holders(records []feed.Record, watts []energy.Watt) []string {
	var keys []string
	for _, pattern := range encodings(watts) {
		for _, entry := range records {
			if bytes.Contains(entry.Value, pattern) {
				keys = append(keys, entry.Key)
			}
		}
	}
	return keys
}

// encodings are a few watts as they would stand in a record, a message or a text.
func encodings(watts []energy.Watt) [][]byte {
	var big, little, wide, text []byte
	for i, watt := range watts {
		big = binary.BigEndian.AppendUint32(big, uint32(watt))
		little = binary.LittleEndian.AppendUint32(little, uint32(watt))
		wide = binary.BigEndian.AppendUint64(wide, uint64(watt))
		if i > 0 {
			text = append(text, ',')
		}
		text = fmt.Append(text, watt)
	}
	return [][]byte{record.Encode(watts)[1:], big, little, wide, text}
}

// contains says whether the watts are community sums that the rounds have
// opened: where one park alone has a surplus or deficit, the sum is its value,
// which the parks of a small community have consented to.
func contains(public [][]energy.Watt, watts []energy.Watt) bool {
	for _, sums := range public {
		for at := 0; at+len(watts) <= len(sums); at++ {
			if slices.Equal(sums[at:at+len(watts)], watts) {
				return true
			}
		}
	}
	return false
}
