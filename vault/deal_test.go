package vault

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/sesame-energy/sesame/vault/group"
)

func encodeDeal(t testing.TB, deal *Deal) []byte {
	t.Helper()
	encoded, err := deal.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestDealComesBackFromItsEncoding(t *testing.T) {
	w := newWorld(t, 1, 3, 5, "park1")
	deal, _ := w.deal(t, "park1", "load", exampleValues(24))
	encoded := encodeDeal(t, deal)
	again, err := UnmarshalDeal(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if again.Header() != deal.Header() || again.ID() != deal.ID() {
		t.Errorf("header %+v of deal %v, want %+v of %v", again.Header(), again.ID(), deal.Header(), deal.ID())
	}
	if !bytes.Equal(encodeDeal(t, again), encoded) {
		t.Error("another encoding comes out")
	}
	for j := range 24 {
		for c, point := range again.Polynomial(j) {
			if !point.Equal(deal.Polynomial(j)[c]) {
				t.Errorf("period %d: coefficient %d is another", j, c)
			}
		}
	}
	if err := again.Check(&w.committee); err != nil {
		t.Error(err)
	}
	if again.Polynomial(24) != nil || again.Polynomial(-1) != nil {
		t.Error("a period outside the series has a commitment")
	}
	t.Logf("24 periods, 3 of 5: %d bytes", len(encoded))
	if len(encoded) > 6600 {
		t.Errorf("%d bytes, want at most 6600", len(encoded))
	}
}

// Whatever bit of a deal is flipped, it no longer decodes, is not for the
// committee, or is refused by a member, and the member's refusal is upheld by
// anybody who judges it.
func TestEveryFlippedBitOfADealIsRefused(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	deal, _ := w.deal(t, "park1", "pv", []uint64{123456, 0})
	encoded := encodeDeal(t, deal)
	outcome := map[string]int{}
	for position := range encoded {
		for bit := range 8 {
			flipped := append([]byte(nil), encoded...)
			flipped[position] ^= 1 << bit
			how := refusedHow(t, w, flipped)
			if how == "" {
				t.Errorf("byte %d, bit %d of %d bytes: everybody accepts it", position, bit, len(encoded))
			}
			outcome[how]++
		}
	}
	t.Logf("%d bits: %v", 8*len(encoded), outcome)
}

func refusedHow(t *testing.T, w *world, encoded []byte) string {
	deal, err := UnmarshalDeal(encoded)
	if err != nil {
		if !errors.Is(err, ErrFormat) {
			t.Errorf("%v, want ErrFormat", err)
		}
		return "does not decode"
	}
	if err := deal.Check(&w.committee); err != nil {
		return "not for this committee"
	}
	for i, keys := range w.member["park1"] {
		_, err := OpenShare(deal, keys)
		switch {
		case errors.Is(err, ErrOtherChannel), errors.Is(err, ErrNoDayKey):
			return "no channel for it"
		case errors.Is(err, ErrWrongShare):
			refusal, err := ProveRefusal(deal, keys)
			if err != nil {
				t.Fatal(err)
			}
			upheld, err := JudgeRefusal(deal, keys.ID(), w.channels["park1"][i], refusal)
			if err != nil || !upheld {
				t.Errorf("member %d's refusal: upheld %v, error %v", i+1, upheld, err)
			}
			return "a member's share is wrong"
		}
	}
	return ""
}

func TestDealsOfOtherLengthsDoNotDecode(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	deal, _ := w.deal(t, "park1", "pv", []uint64{1})
	encoded := encodeDeal(t, deal)
	for length := range encoded {
		if _, err := UnmarshalDeal(encoded[:length]); !errors.Is(err, ErrFormat) {
			t.Fatalf("%d of %d bytes: %v, want ErrFormat", length, len(encoded), err)
		}
	}
	if _, err := UnmarshalDeal(append(encoded[:len(encoded):len(encoded)], 0)); !errors.Is(err, ErrFormat) {
		t.Errorf("one byte more: %v, want ErrFormat", err)
	}
}

// A dealer that commits to more coefficients than the threshold would make the
// sum need more members than it says; one that commits to fewer would let
// fewer read. Either way the bytes are not a deal.
func TestWrongCommitmentCountIsRefused(t *testing.T) {
	w := newWorld(t, 1, 3, 5, "park1")
	deal, _ := w.deal(t, "park1", "pv", []uint64{1, 2})
	for name, change := range map[string]func(Polynomial) Polynomial{
		"one more": func(p Polynomial) Polynomial { return append(p[:3:3], group.Base()) },
		"one less": func(p Polynomial) Polynomial { return p[:2] },
	} {
		forged := *deal
		forged.polynomials = []Polynomial{deal.polynomials[0], change(deal.polynomials[1])}
		forged.seal()
		if _, err := UnmarshalDeal(forged.encoded); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v, want ErrFormat", name, err)
		}
	}
	identity := *deal
	identity.polynomials = []Polynomial{deal.polynomials[0], {deal.polynomials[1][0], deal.polynomials[1][1], group.Identity()}}
	identity.seal()
	if _, err := UnmarshalDeal(identity.encoded); !errors.Is(err, ErrFormat) {
		t.Errorf("neutral element: %v, want ErrFormat", err)
	}
}

func TestReplayedEpochAndOtherCommitteesAreRefused(t *testing.T) {
	w, next := newWorld(t, 1, 2, 3, "park1"), newWorld(t, 2, 2, 3, "park1")
	deal, _ := w.deal(t, "park1", "load", []uint64{1})
	if err := deal.Check(&next.committee); !errors.Is(err, ErrCommittee) {
		t.Errorf("deal of epoch 1 in epoch 2: %v, want ErrCommittee", err)
	}
	if _, err := OpenShare(deal, next.member["park1"][0]); !errors.Is(err, ErrOtherChannel) {
		t.Errorf("keys of epoch 2: %v, want ErrOtherChannel", err)
	}
	for name, change := range map[string]func(*Committee){
		"chain":     func(c *Committee) { c.Chain = "another" },
		"threshold": func(c *Committee) { c.Threshold = 3 },
		"members":   func(c *Committee) { c.Keepers = c.Keepers[:2] },
	} {
		other := w.committee
		change(&other)
		if err := deal.Check(&other); !errors.Is(err, ErrCommittee) {
			t.Errorf("other %s: %v, want ErrCommittee", name, err)
		}
	}
}

func TestBadDealsAreNotMade(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1", "park2")
	good, keys := w.header("park1", "load", 2), w.dealer["park1"]
	values := []uint64{1, 2}
	header := func(change func(*Header)) Header {
		changed := good
		change(&changed)
		return changed
	}
	erased := decodeKeys(t, keys[1])
	erased.EraseThrough(good.Day)
	for name, test := range map[string]struct {
		header Header
		values []uint64
		keys   []*DayKeys
		secret []byte
	}{
		"value too large":     {good, []uint64{1, MaxValue + 1}, keys, testSecret},
		"values missing":      {good, values[:1], keys, testSecret},
		"no periods":          {header(func(h *Header) { h.Periods = 0 }), nil, keys, testSecret},
		"too many periods":    {header(func(h *Header) { h.Periods = MaxPeriods + 1 }), make([]uint64, MaxPeriods+1), keys, testSecret},
		"keys missing":        {good, values, keys[:2], testSecret},
		"nil keys":            {good, values, []*DayKeys{keys[0], nil, keys[2]}, testSecret},
		"keys exchanged":      {good, values, []*DayKeys{keys[1], keys[0], keys[2]}, testSecret},
		"another's keys":      {good, values, w.dealer["park2"], testSecret},
		"other epoch":         {header(func(h *Header) { h.Epoch = 2 }), values, keys, testSecret},
		"day before channel":  {header(func(h *Header) { h.Day = firstDay - 1 }), values, keys, testSecret},
		"day after channel":   {header(func(h *Header) { h.Day = firstDay + 31 }), values, keys, testSecret},
		"erased day":          {good, values, []*DayKeys{keys[0], erased, keys[2]}, testSecret},
		"short secret":        {good, values, keys, testSecret[:31]},
		"no secret":           {good, values, keys, nil},
		"threshold of one":    {header(func(h *Header) { h.Threshold = 1 }), values, keys, testSecret},
		"nameless series":     {header(func(h *Header) { h.Series = "" }), values, keys, testSecret},
		"overlong dealer":     {header(func(h *Header) { h.Dealer = string(make([]byte, 65)) }), values, keys, testSecret},
		"threshold over all":  {header(func(h *Header) { h.Threshold = 4 }), values, keys, testSecret},
		"members over a byte": {header(func(h *Header) { h.Members = 256 }), values, keys, testSecret},
	} {
		if deal, opening, err := NewDeal(test.header, test.values, test.keys, test.secret); err == nil || deal != nil || opening != nil {
			t.Errorf("%s: a deal came out", name)
		}
	}
}

func decodeKeys(t testing.TB, keys *DayKeys) *DayKeys {
	t.Helper()
	encoded, err := keys.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodeDayKeys(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// A machine restored from a copy draws the same random number again. With other
// values, or for another counter or series, the nonce is another all the same.
func TestRestoredMachineDoesNotRepeatANonce(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	header, keys := w.header("park1", "load", 2), w.dealer["park1"]
	seen := map[[16]byte]string{}
	deal := func(name string, header Header, values []uint64, secret []byte) {
		made, _, err := newDeal(header, values, keys, secret, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		nonce := made.Header().Nonce
		if before, ok := seen[nonce]; ok {
			t.Errorf("%s has the nonce of %s", name, before)
		}
		seen[nonce] = name
	}
	deal("first", header, []uint64{1, 2}, testSecret)
	deal("other values", header, []uint64{1, 3}, testSecret)
	deal("values exchanged", header, []uint64{2, 1}, testSecret)
	deal("other secret", header, []uint64{1, 2}, bytes.Repeat([]byte{1}, 32))
	counted := header
	counted.Counter++
	deal("other counter", counted, []uint64{1, 2}, testSecret)
	other := header
	other.Series = "pv"
	deal("other series", other, []uint64{1, 2}, testSecret)

	fresh1, _ := w.deal(t, "park1", "load", []uint64{1, 2})
	fresh2, _ := w.deal(t, "park1", "load", []uint64{1, 2})
	if fresh1.Header().Nonce == fresh2.Header().Nonce {
		t.Error("the same series dealt twice has the same nonce")
	}
}

// Equal values leave no trace: no two points, key hashes or boxes of two deals
// of the same series agree.
func TestEqualSeriesLookDifferent(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	seen := map[string]string{}
	for k := range 2 {
		deal, _ := w.deal(t, "park1", "load", []uint64{7, 7, 7})
		note := func(what string, value []byte) {
			if before, ok := seen[string(value)]; ok {
				t.Errorf("%s equals %s", what, before)
			}
			seen[string(value)] = what
		}
		for j := range 3 {
			for c, point := range deal.Polynomial(j) {
				encoded := point.Bytes()
				note(fmt.Sprintf("deal %d: commitment %d of period %d", k, c, j), encoded[:])
			}
		}
		for i, hash := range deal.keyHashes {
			note(fmt.Sprintf("deal %d: key hash %d", k, i), hash[:])
		}
		for i, box := range deal.boxes {
			note(fmt.Sprintf("deal %d: box %d", k, i), box)
		}
	}
}

// Each share lies on the committed polynomials whether it was derived or
// boxed, for every shape of committee.
func TestDerivedAndBoxedSharesLieOnTheCommittedPolynomials(t *testing.T) {
	for _, shape := range [][2]int{{2, 2}, {2, 3}, {3, 3}, {3, 5}, {4, 7}, {7, 7}} {
		w := newWorld(t, 1, shape[0], shape[1], "park1")
		values := exampleValues(3)
		deal, opening := w.deal(t, "park1", "wind", values)
		_, posts := postsFor(t, w, deal) // opens and checks all shares
		if len(posts) != shape[1] {
			t.Fatalf("%d shares of %d", len(posts), shape[1])
		}
		for j, value := range values {
			sum := opening.Blindings[j]
			point := new(group.Point).Commit(group.NewScalar(value), &sum)
			if !point.Equal(deal.Polynomial(j)[0]) {
				t.Errorf("%d of %d: the opening of period %d does not fit", shape[0], shape[1], j)
			}
		}
	}
}
