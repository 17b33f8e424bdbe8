package vault

import (
	"errors"
	"fmt"
	"math/big"
	"testing"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/shamir"
)

// senders names old members as dealers of hand-overs.
func senders(count int) (names []string) {
	for i := range count {
		names = append(names, fmt.Sprintf("member/%d", i+1))
	}
	return names
}

// openAll gives all members' shares of a deal.
func openAll(t testing.TB, w *world, deal *Deal) []*Share {
	t.Helper()
	var shares []*Share
	for _, keys := range w.member[deal.header.Dealer] {
		share, err := OpenShare(deal, keys)
		if err != nil {
			t.Fatal(err)
		}
		shares = append(shares, share)
	}
	return shares
}

// handOn hands a deal from the old members of the given indices to the next
// world, through encodings and all checks, and returns it with the new shares.
func handOn(t testing.TB, origin *Deal, shares []*Share, from []uint8, next *world) (*Deal, []*Share) {
	t.Helper()
	handovers := handoversOf(t, origin, shares, from, next)
	handed, err := HandOver(origin, handovers)
	if err != nil {
		t.Fatal(err)
	}
	var out []*Share
	for i := range next.private {
		var parts []*Share
		for _, handover := range handovers {
			part, err := OpenHandover(handover, next.member[handover.header.Dealer][i])
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, part)
		}
		share, err := CombineHandovers(origin, handed, handovers, parts)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, share)
	}
	return handed, out
}

func handoversOf(t testing.TB, origin *Deal, shares []*Share, from []uint8, next *world) (out []*Handover) {
	t.Helper()
	for _, index := range from {
		name := fmt.Sprintf("member/%d", index)
		made, err := NewHandover(origin, shares[index-1], &next.committee, name, firstDay+1, 1, next.dealer[name], testSecret)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := made.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		handover, err := UnmarshalHandover(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if err := handover.Check(origin, &next.committee); err != nil {
			t.Fatal(err)
		}
		out = append(out, handover)
	}
	return out
}

// openWith opens each period of a deal with the shares of some members.
func openWith(deal *Deal, shares []*Share, members ...uint8) ([]Sum, error) {
	posts := map[uint8][]Partial{}
	for _, index := range members {
		share := shares[index-1]
		for j := range share.Value {
			posts[index] = append(posts[index], Partial{Value: share.Value[j], Blinding: share.Blind[j]})
		}
	}
	return Open(deal.header.Threshold, deal.polynomials, posts)
}

// Twenty hand-overs in a row, to committees of changing size and threshold and
// from changing sets of old members, keep the commitments to the values, and
// any threshold of the last members opens them.
func TestTwentyHandOversKeepTheCommitments(t *testing.T) {
	shapes := [][2]int{{3, 5}, {4, 7}, {2, 3}, {3, 5}, {3, 3}}
	w := newWorld(t, 1, 3, 5, "park1")
	values := []uint64{0, 412_500, MaxValue}
	origin, opening := w.deal(t, "park1", "load", values)
	deal, shares := origin, openAll(t, w, origin)
	for round := range 20 {
		shape := shapes[(round+1)%len(shapes)]
		next := newWorld(t, uint32(round+2), shape[0], shape[1], senders(len(shares))...)
		var from []uint8
		for k := range deal.header.Threshold { // the last members hand over, then the first, in turn
			from = append(from, uint8(k+1+(round%2)*(len(shares)-deal.header.Threshold)))
		}
		deal, shares = handOn(t, deal, shares, from, next)
		for j := range values {
			if !deal.Polynomial(j)[0].Equal(origin.Polynomial(j)[0]) {
				t.Fatalf("round %d: period %d commits to another value", round, j)
			}
		}
	}
	var members []uint8
	for k := range deal.header.Threshold {
		members = append(members, uint8(len(shares)-k))
	}
	sums, err := openWith(deal, shares, members...)
	if err != nil {
		t.Fatal(err)
	}
	for j, sum := range sums {
		if sum.Value.Cmp(new(big.Int).SetUint64(values[j])) != 0 || !sum.Blinding.Equal(&opening.Blindings[j]) {
			t.Errorf("period %d opens to %v, want %d", j, sum.Value, values[j])
		}
	}
}

// A form over a handed-over deal and one dealt to the new committee opens.
func TestHandedOverDealsAddToNewOnes(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	origin, _ := w.deal(t, "park1", "load", []uint64{100})
	next := newWorld(t, 2, 3, 4, append(senders(3), "park2")...)
	handed, shares := handOn(t, origin, openAll(t, w, origin), []uint8{1, 3}, next)
	fresh, _ := next.deal(t, "park2", "load", []uint64{11})
	freshShares := openAll(t, next, fresh)

	form := Form{}
	form.Add(handed.ID(), 0, 2)
	form.Add(fresh.ID(), 0, 1)
	polynomial, err := form.Polynomial(map[DealID]*Deal{handed.ID(): handed, fresh.ID(): fresh})
	if err != nil {
		t.Fatal(err)
	}
	posts := map[uint8][]Partial{}
	for _, index := range []uint8{1, 2, 4} {
		partial, err := form.Partial(map[DealID]*Share{handed.ID(): shares[index-1], fresh.ID(): freshShares[index-1]})
		if err != nil {
			t.Fatal(err)
		}
		posts[index] = []Partial{partial}
	}
	sums, err := Open(3, []Polynomial{polynomial}, posts)
	if err != nil {
		t.Fatal(err)
	}
	if sums[0].Value.Int64() != 211 {
		t.Errorf("sum %v, want 211", sums[0].Value)
	}
}

// Shares from before and after a refresh lie on unrelated polynomials: an old
// share is named as wrong, and old and new ones together open nothing.
func TestOldSharesAreWorthlessAfterARefresh(t *testing.T) {
	w := newWorld(t, 1, 3, 5, "park1")
	origin, _ := w.deal(t, "park1", "load", []uint64{5})
	old := openAll(t, w, origin)
	next := newWorld(t, 2, 3, 5, senders(5)...)
	handed, fresh := handOn(t, origin, old, []uint8{2, 3, 5}, next)
	for i := range old {
		if old[i].Value[0].Equal(&fresh[i].Value[0]) || old[i].Blind[0].Equal(&fresh[i].Blind[0]) {
			t.Errorf("member %d has the same share as before", i+1)
		}
		partial := Partial{Value: old[i].Value[0], Blinding: old[i].Blind[0]}
		if wrong, err := CheckPartials(uint8(i+1), handed.polynomials, []Partial{partial}); err != nil || len(wrong) != 1 {
			t.Errorf("member %d's old share: wrong %v, error %v", i+1, wrong, err)
		}
	}
	mixed := []*Share{old[0], old[1], fresh[2]}
	for _, deal := range []*Deal{origin, handed} {
		if _, err := openWith(deal, mixed, 1, 2, 3); !errors.Is(err, ErrOpening) {
			t.Errorf("two old shares and a new one: %v, want ErrOpening", err)
		}
	}
}

// An old member that hands on another share than its own is found by anybody,
// one that cheats a new member by that member, with proof.
func TestCheatingOldMembersAreFound(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	origin, _ := w.deal(t, "park1", "load", []uint64{5, 6})
	shares := openAll(t, w, origin)
	next := newWorld(t, 2, 2, 3, senders(3)...)
	for name, change := range map[string]func(*Share){
		"value":          func(s *Share) { s.Value[0].Add(&s.Value[0], one()) },
		"blinding":       func(s *Share) { s.Blind[1].Add(&s.Blind[1], one()) },
		"another member": func(s *Share) { s.Member = 2 },
	} {
		lie := *shares[0]
		lie.Value, lie.Blind = append([]group.Scalar(nil), lie.Value...), append([]group.Scalar(nil), lie.Blind...)
		change(&lie)
		forged, err := NewHandover(origin, &lie, &next.committee, "member/1", firstDay, 1, next.dealer["member/1"], testSecret)
		if err != nil {
			t.Fatal(err)
		}
		if err := forged.Check(origin, &next.committee); !errors.Is(err, ErrHandover) {
			t.Errorf("%s: %v, want ErrHandover", name, err)
		}
	}
	honest := handoversOf(t, origin, shares, []uint8{1}, next)[0]
	cheating := *honest
	cheating.boxes = [][]byte{honest.boxes[0], append([]byte(nil), honest.boxes[1]...)}
	cheating.boxes[1][0] ^= 1
	cheating.seal()
	for i, keys := range next.member["member/1"] {
		_, err := OpenHandover(&cheating, keys)
		if cheated := i == 2; errors.Is(err, ErrWrongShare) != cheated {
			t.Errorf("member %d: %v", i+1, err)
		}
	}
	refusal, err := ProveHandoverRefusal(&cheating, next.member["member/1"][2])
	if err != nil {
		t.Fatal(err)
	}
	id, channel := next.member["member/1"][2].ID(), next.channels["member/1"][2]
	if upheld, err := JudgeHandoverRefusal(&cheating, id, channel, refusal); err != nil || !upheld {
		t.Errorf("refusal: upheld %v, error %v", upheld, err)
	}
	refusal.Deal = honest.id
	if upheld, err := JudgeHandoverRefusal(honest, id, channel, refusal); err != nil || upheld {
		t.Errorf("refusal of an honest hand-over: upheld %v, error %v", upheld, err)
	}
}

func TestHandOversThatDoNotBelongTogetherAreRefused(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	origin, _ := w.deal(t, "park1", "load", []uint64{5})
	other, _ := w.deal(t, "park1", "load", []uint64{5})
	shares, otherShares := openAll(t, w, origin), openAll(t, w, other)
	next, later := newWorld(t, 2, 2, 3, senders(3)...), newWorld(t, 3, 2, 3, senders(3)...)
	all := handoversOf(t, origin, shares, []uint8{1, 2, 3}, next)
	ofOther := handoversOf(t, other, otherShares, []uint8{2}, next)[0]
	ofLater := handoversOf(t, origin, shares, []uint8{2}, later)[0]
	for name, set := range map[string][]*Handover{
		"none": nil, "too few": all[:1], "too many": all, "one twice": {all[0], all[0]},
		"descending": {all[1], all[0]}, "of another deal": {all[0], ofOther}, "of another epoch": {all[0], ofLater},
	} {
		if _, err := HandOver(origin, set); err == nil {
			t.Errorf("%s: handed over", name)
		}
	}
	if _, err := HandOver(origin, all[:1]); !errors.Is(err, shamir.ErrTooFew) {
		t.Errorf("one of two: %v, want ErrTooFew", err)
	}
	if err := all[0].Check(origin, &later.committee); !errors.Is(err, ErrCommittee) {
		t.Errorf("to another committee: %v, want ErrCommittee", err)
	}
	if err := all[0].Check(other, &next.committee); err == nil {
		t.Error("a hand-over of another deal passed")
	}
	if _, err := NewHandover(origin, shares[0], &w.committee, "member/1", firstDay, 1, next.dealer["member/1"], testSecret); !errors.Is(err, ErrCommittee) {
		t.Errorf("back into the same epoch: %v, want ErrCommittee", err)
	}
	if _, err := NewHandover(other, shares[0], &next.committee, "member/1", firstDay, 1, next.dealer["member/1"], testSecret); err == nil {
		t.Error("the share of another deal was handed over")
	}
	handed, err := HandOver(origin, all[:2])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenShare(handed, w.member["park1"][0]); err == nil || errors.Is(err, ErrWrongShare) {
		t.Errorf("a handed-over deal has boxes: %v", err)
	}
	if _, err := handed.MarshalBinary(); err == nil {
		t.Error("a handed-over deal has an encoding")
	}
}

func FuzzUnmarshalHandover(f *testing.F) {
	w := newWorld(f, 1, 2, 2, "park1")
	origin, _ := w.deal(f, "park1", "load", []uint64{5})
	next := newWorld(f, 2, 2, 3, senders(2)...)
	fuzzDecoder(f, UnmarshalHandover, hexOf(f, handoversOf(f, origin, openAll(f, w, origin), []uint8{1}, next)[0]))
}

// A member's work for one deal of 24 periods, 3 of 5, handed to 3 of 5.
func BenchmarkHandOver24Periods(b *testing.B) {
	w := newWorld(b, 1, 3, 5, "park1")
	origin, _ := w.deal(b, "park1", "load", exampleValues(24))
	shares := openAll(b, w, origin)
	next := newWorld(b, 2, 3, 5, senders(5)...)
	b.Run("deal", func(b *testing.B) {
		for b.Loop() {
			if _, err := NewHandover(origin, shares[0], &next.committee, "member/1", firstDay, 1, next.dealer["member/1"], testSecret); err != nil {
				b.Fatal(err)
			}
		}
	})
	handovers := handoversOf(b, origin, shares, []uint8{1, 2, 3}, next)
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if err := handovers[0].Check(origin, &next.committee); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(handovers[0].encoded)), "bytes")
	})
	b.Run("join", func(b *testing.B) {
		for b.Loop() {
			if _, err := HandOver(origin, handovers); err != nil {
				b.Fatal(err)
			}
		}
	})
}
