package vault

import (
	"errors"
	"testing"

	"github.com/sesame-energy/sesame/vault/group"
)

// forge reworks a deal as a cheating dealer would, with all keys at hand.
func forge(deal *Deal, change func(*Deal)) *Deal {
	forged := *deal
	forged.keyHashes = append([][32]byte(nil), deal.keyHashes...)
	forged.boxes = nil
	for _, box := range deal.boxes {
		forged.boxes = append(forged.boxes, append([]byte(nil), box...))
	}
	forged.polynomials = append([]Polynomial(nil), deal.polynomials...)
	change(&forged)
	forged.seal()
	return &forged
}

// reseal puts another share into a member's box, properly encrypted.
func reseal(t *testing.T, w *world, deal *Deal, member uint8, change func(*Share)) func(*Deal) {
	return func(forged *Deal) {
		keys := w.dealer[deal.header.Dealer][member-1]
		key, err := keys.key(deal.header.Day)
		if err != nil {
			t.Fatal(err)
		}
		source := newShareSource(deal.context, member, key)
		share, err := deal.takeShare(source)
		if err != nil {
			t.Fatal(err)
		}
		change(share)
		box, err := source.seal(share, int(member) > deal.header.Threshold)
		if err != nil {
			t.Fatal(err)
		}
		forged.boxes[int(member)-deal.header.Threshold] = box
	}
}

// However a dealer cheats one member, that member and nobody else refuses, and
// anybody upholds it.
func TestCheatingDealersAreConvicted(t *testing.T) {
	w := newWorld(t, 1, 3, 5, "park1")
	deal, _ := w.deal(t, "park1", "load", []uint64{10, 20, 30})
	for name, test := range map[string]struct {
		cheated []int
		change  func(*Deal)
	}{
		"key hash of a deriving member": {[]int{1}, func(d *Deal) { d.keyHashes[0][5] ^= 1 }},
		"key hash of a boxed member":    {[]int{5}, func(d *Deal) { d.keyHashes[4][5] ^= 1 }},
		"garbage in a box":              {[]int{4}, func(d *Deal) { clear(d.boxes[1]) }},
		"value off by one": {[]int{4}, reseal(t, w, deal, 4, func(s *Share) {
			s.Value[1].Add(&s.Value[1], one())
		})},
		"blinding off by one": {[]int{5}, reseal(t, w, deal, 5, func(s *Share) {
			s.Blind[2].Add(&s.Blind[2], one())
		})},
		"two values off, cancelling": {[]int{3}, reseal(t, w, deal, 3, func(s *Share) {
			s.Value[0].Add(&s.Value[0], one())
			s.Value[1].Sub(&s.Value[1], one())
		})},
		"another commitment": {[]int{1, 2, 3, 4, 5}, func(d *Deal) {
			changed := append(Polynomial(nil), d.polynomials[1]...)
			changed[0] = new(group.Point).Add(changed[0], group.Base())
			d.polynomials[1] = changed
		}},
		"periods exchanged": {[]int{1, 2, 3, 4, 5}, func(d *Deal) {
			d.polynomials[0], d.polynomials[1] = d.polynomials[1], d.polynomials[0]
		}},
	} {
		forged := forge(deal, test.change)
		decoded, err := UnmarshalDeal(forged.encoded)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		cheated := map[int]bool{}
		for _, member := range test.cheated {
			cheated[member] = true
		}
		for i, keys := range w.member["park1"] {
			_, err := OpenShare(decoded, keys)
			if cheated[i+1] != errors.Is(err, ErrWrongShare) || (!cheated[i+1] && err != nil) {
				t.Errorf("%s: member %d: %v", name, i+1, err)
			}
			refusal, err := ProveRefusal(decoded, keys)
			if !cheated[i+1] {
				if err == nil {
					t.Errorf("%s: member %d refuses a share that is right", name, i+1)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			upheld, err := JudgeRefusal(decoded, keys.ID(), w.channels["park1"][i], refusal)
			if err != nil || !upheld {
				t.Errorf("%s: member %d's refusal: upheld %v, error %v", name, i+1, upheld, err)
			}
		}
	}
}

// A member that blames an honest dealer convicts itself, whatever it presents.
func TestUnfoundedRefusalsAreNotUpheld(t *testing.T) {
	w := newWorld(t, 1, 3, 5, "park1", "park2")
	deal, _ := w.deal(t, "park1", "load", []uint64{10, 20, 30})
	other, _ := w.deal(t, "park1", "pv", []uint64{10, 20, 30})
	keys := w.member["park1"][3]
	reveal := func(keys *DayKeys, day uint32) RevealedKey {
		revealed, err := keys.Reveal(day)
		if err != nil {
			t.Fatal(err)
		}
		return revealed
	}
	honest := Refusal{Deal: deal.ID(), Member: 4, Revealed: reveal(keys, deal.header.Day)}
	upheld, err := JudgeRefusal(deal, keys.ID(), w.channels["park1"][3], &honest)
	if upheld || err != nil {
		t.Errorf("honest share: upheld %v, error %v, want neither", upheld, err)
	}
	flipped := honest
	flipped.Revealed.Key[9] ^= 1
	movedDay := honest
	movedDay.Revealed = reveal(keys, deal.header.Day+1)
	pretended := movedDay
	pretended.Revealed.Day = deal.header.Day
	foreign := honest
	foreign.Revealed = reveal(w.member["park1"][0], deal.header.Day)
	noPath := honest
	noPath.Revealed.Path = nil
	otherDeal := honest
	otherDeal.Deal = other.ID()
	otherMember := honest
	otherMember.Member = 1
	ghost := Refusal{Deal: deal.ID(), Member: 6, Revealed: honest.Revealed}
	ghostID := with(keys.ID(), func(id *ChannelID) { id.Member = 6 })
	zero := Refusal{Deal: deal.ID(), Member: 0, Revealed: honest.Revealed}
	for name, test := range map[string]struct {
		id      ChannelID
		channel Channel
		refusal Refusal
	}{
		"another key":              {keys.ID(), w.channels["park1"][3], flipped},
		"another day's key":        {keys.ID(), w.channels["park1"][3], movedDay},
		"another day's, pretended": {keys.ID(), w.channels["park1"][3], pretended},
		"another member's key":     {keys.ID(), w.channels["park1"][3], foreign},
		"no path":                  {keys.ID(), w.channels["park1"][3], noPath},
		"another deal":             {keys.ID(), w.channels["park1"][3], otherDeal},
		"another member":           {keys.ID(), w.channels["park1"][3], otherMember},
		"another dealer's channel": {
			w.member["park2"][3].ID(), w.channels["park2"][3],
			Refusal{Deal: deal.ID(), Member: 4, Revealed: reveal(w.member["park2"][3], deal.header.Day)},
		},
		"no such member":        {ghostID, w.channels["park1"][3], ghost},
		"member 0":              {with(keys.ID(), func(id *ChannelID) { id.Member = 0 }), w.channels["park1"][3], zero},
		"another channel's key": {keys.ID(), w.channels["park2"][3], honest},
	} {
		upheld, err := JudgeRefusal(deal, test.id, test.channel, &test.refusal)
		if upheld || !errors.Is(err, ErrUnprovenRefusal) {
			t.Errorf("%s: upheld %v, error %v, want ErrUnprovenRefusal", name, upheld, err)
		}
	}
}

func TestSharesNeedTheKeysOfTheirMemberAndDay(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1", "park2")
	deal, _ := w.deal(t, "park1", "load", []uint64{1})
	if _, err := OpenShare(deal, w.member["park2"][0]); !errors.Is(err, ErrOtherChannel) {
		t.Errorf("another dealer's keys: %v, want ErrOtherChannel", err)
	}
	keys := w.member["park1"][0]
	keys.EraseThrough(deal.header.Day)
	if _, err := OpenShare(deal, keys); !errors.Is(err, ErrNoDayKey) {
		t.Errorf("erased keys: %v, want ErrNoDayKey", err)
	}
	if _, err := ProveRefusal(deal, keys); !errors.Is(err, ErrNoDayKey) {
		t.Errorf("refusing with erased keys: %v, want ErrNoDayKey", err)
	}
}
