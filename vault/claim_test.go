package vault

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/vault/group"
)

// claimed is a claim with the dealer's openings.
type claimed struct {
	claim    *Claim
	openings []*Opening
}

func (c claimed) prove(t testing.TB) ClaimedProof {
	t.Helper()
	proof, err := c.claim.Prove(c.openings)
	if err != nil {
		t.Fatal(err)
	}
	return ClaimedProof{c.claim, proof}
}

// inputs claims of two deals in and out and of their difference, which follows,
// that they lie within their bounds.
func inputs(t testing.TB, w *world, in, out []uint64, mostIn, mostNet uint64) claimed {
	t.Helper()
	a, openA := w.deal(t, "park1", "in", in)
	b, openB := w.deal(t, "park1", "out", out)
	return claimed{&Claim{
		Deals: []*Deal{a, b},
		Series: []Bounded{
			{Name: "in", Terms: []Summand{{Deal: 0}}, Most: mostIn},
			{Name: "out", Terms: []Summand{{Deal: 1}}, Most: MaxValue},
			{Name: "net", Terms: []Summand{{Deal: 0}, {Deal: 1, Minus: true}}, Most: mostNet},
		},
	}, []*Opening{openA, openB}}
}

// apart claims of two deals that one of them is zero in each period.
func apart(t testing.TB, w *world, left, right []uint64) claimed {
	t.Helper()
	a, openA := w.deal(t, "park1", "left", left)
	b, openB := w.deal(t, "park1", "right", right)
	return claimed{&Claim{
		Deals: []*Deal{a, b}, Apart: []int{0, 1},
		Series: []Bounded{
			{Name: "left", Terms: []Summand{{Deal: 0}}, Most: 1000},
			{Name: "right", Terms: []Summand{{Deal: 1}}, Most: 2000},
		},
	}, []*Opening{openA, openB}}
}

func TestTrueClaimsAreProven(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	for name, c := range map[string]claimed{
		"forms in range": inputs(t, w, []uint64{5, 0, 700, 1000, 0, 0, 9, 9, 9, 9, 9, 9}, []uint64{5, 0, 0, 1000, 0, 0, 0, 0, 0, 0, 0, 9}, 1000, 700),
		"one of two":     apart(t, w, []uint64{0, 1000, 0}, []uint64{2000, 0, 0}),
	} {
		p := c.prove(t)
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(p.Proof) != c.claim.ProofSize() {
			t.Errorf("%s: %d bytes, ProofSize says %d", name, len(p.Proof), c.claim.ProofSize())
		}
	}
	if got := ClaimProofSize(5, 24, false); got != 3713 {
		t.Errorf("5 series of 24 periods take %d bytes, want 3713", got)
	}
	if got := ClaimProofSize(2, 24, true); got != 4129 {
		t.Errorf("2 series of 24 periods, one of them zero, take %d bytes, want 4129", got)
	}
}

func TestFalseClaimsAreRefusedByTheProverWithSeriesAndPeriod(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	for says, c := range map[string]claimed{
		"in, period 2: 1001":                       inputs(t, w, []uint64{0, 1001}, []uint64{0, 600}, 1000, 700),
		"net, period 1: -1":                        inputs(t, w, []uint64{4, 0}, []uint64{5, 0}, 1000, 700),
		"net, period 2: 701":                       inputs(t, w, []uint64{0, 701}, []uint64{0, 0}, 1000, 700),
		"left and right, period 2: 7 and 7":        apart(t, w, []uint64{0, 7}, []uint64{0, 7}),
		"left, period 1: 1001: claim is not prove": apart(t, w, []uint64{1001, 0}, []uint64{0, 7}),
	} {
		if _, err := c.claim.Prove(c.openings); !errors.Is(err, ErrClaim) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want ErrClaim with %q", err, says)
		}
	}
	c := inputs(t, w, []uint64{3}, []uint64{2}, 5, 5)
	for name, openings := range map[string][]*Opening{
		"none": nil, "one": c.openings[:1], "exchanged": {c.openings[1], c.openings[0]},
	} {
		if _, err := c.claim.Prove(openings); err == nil {
			t.Errorf("openings %s: proven", name)
		}
	}
}

// absurd seals a value that no honest dealer can: any scalar.
func (w *world) absurd(t testing.TB, series string, value *group.Scalar) (*Deal, *Opening) {
	t.Helper()
	deal := &Deal{}
	deal.header = w.header("park1", series, 1)
	deal.expectDeal()
	blindings, err := deal.share([]group.Scalar{*value}, nil, w.dealer["park1"])
	if err != nil {
		t.Fatal(err)
	}
	deal.seal()
	return deal, &Opening{Deal: deal.id, Values: []uint64{0}, Blindings: blindings}
}

// A dealer can seal 2^32, 2^200 or minus one, and its members find their shares
// right. No proof comes with it: neither its own of a value that it pretends,
// nor one of another deal.
func TestAbsurdValuesAreNeverProven(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	honest, opening := w.deal(t, "park1", "load", []uint64{0})
	series := []Bounded{{Name: "load", Terms: []Summand{{}}, Most: MaxValue}}
	good := claimed{&Claim{Deals: []*Deal{honest}, Series: series}, []*Opening{opening}}.prove(t)
	for name, value := range map[string]*group.Scalar{
		"beyond the range": group.NewScalar(1 << 32), "negative": group.NewScalarInt64(-1), "anything": group.RandomScalar(),
	} {
		deal, pretended := w.absurd(t, "load", value)
		if _, err := OpenShare(deal, w.member["park1"][0]); err != nil {
			t.Fatalf("%s: the share should be right: %v", name, err)
		}
		claim := &Claim{Deals: []*Deal{deal}, Series: series}
		if _, err := claim.Prove([]*Opening{pretended}); err == nil {
			t.Errorf("%s: proven", name)
		}
		if err := (ClaimedProof{claim, good.Proof}).Check(); !errors.Is(err, ErrClaim) || !strings.Contains(err.Error(), "load, period 1") {
			t.Errorf("%s: %v, want ErrClaim that names the series", name, err)
		}
	}
}

func TestAProofHoldsForItsClaimOnly(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	c := apart(t, w, []uint64{3, 0}, []uint64{0, 4})
	other := apart(t, w, []uint64{3, 0}, []uint64{0, 4})
	p := c.prove(t)
	for name, change := range map[string]func(*Claim){
		"another deal":     func(c *Claim) { c.Deals = []*Deal{c.Deals[0], other.claim.Deals[1]} },
		"lower bound":      func(c *Claim) { c.Series[0].Most-- },
		"higher bound":     func(c *Claim) { c.Series[1].Most++ },
		"another series":   func(c *Claim) { c.Series[0].Terms = []Summand{{Deal: 1}} },
		"taken away":       func(c *Claim) { c.Series[1].Terms = []Summand{{Deal: 1, Minus: true}} },
		"sides exchanged":  func(c *Claim) { c.Apart = []int{1, 0} },
		"not apart":        func(c *Claim) { c.Apart = nil },
		"order of series":  func(c *Claim) { c.Series[0], c.Series[1] = c.Series[1], c.Series[0] },
		"order of deals":   func(c *Claim) { c.Deals = []*Deal{c.Deals[1], c.Deals[0]} },
		"one series fewer": func(c *Claim) { c.Series, c.Apart = c.Series[:1], nil },
	} {
		changed := *c.claim
		changed.Series = append([]Bounded(nil), c.claim.Series...)
		change(&changed)
		if err := (ClaimedProof{&changed, p.Proof}).Check(); !errors.Is(err, ErrClaim) {
			t.Errorf("%s: %v, want ErrClaim", name, err)
		}
	}
	if err := p.Check(); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

func TestClaimsThatMakeNoSenseAreRefused(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	short, _ := w.deal(t, "park1", "short", []uint64{1})
	for name, change := range map[string]func(*Claim){
		"no deals":         func(c *Claim) { c.Deals = nil },
		"no series":        func(c *Claim) { c.Series = nil },
		"other periods":    func(c *Claim) { c.Deals = []*Deal{c.Deals[0], short} },
		"bound":            func(c *Claim) { c.Series[0].Most = MaxValue + 1 },
		"no terms":         func(c *Claim) { c.Series[0].Terms = nil },
		"unknown deal":     func(c *Claim) { c.Series[0].Terms = []Summand{{Deal: 2}} },
		"negative deal":    func(c *Claim) { c.Series[0].Terms = []Summand{{Deal: -1}} },
		"apart of one":     func(c *Claim) { c.Apart = []int{0} },
		"apart of unknown": func(c *Claim) { c.Apart = []int{0, 2} },
	} {
		c := apart(t, w, []uint64{3, 0}, []uint64{0, 4})
		p := c.prove(t)
		change(c.claim)
		if _, err := c.claim.Prove(c.openings); err == nil {
			t.Errorf("%s: proven", name)
		}
		if err := p.Check(); err == nil {
			t.Errorf("%s: the proof holds", name)
		}
	}
}

func TestEveryFlippedBitOfAClaimsProofIsFound(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	p := apart(t, w, []uint64{3}, []uint64{0}).prove(t)
	for position := range p.Proof {
		flipped := append([]byte(nil), p.Proof...)
		flipped[position] ^= 1 << (position % 8)
		if err := (ClaimedProof{p.Claim, flipped}).Check(); !errors.Is(err, ErrClaim) {
			t.Errorf("byte %d: %v, want ErrClaim", position, err)
		}
	}
	for _, proof := range [][]byte{nil, {}, p.Proof[:len(p.Proof)-1], append(p.Proof[:len(p.Proof):len(p.Proof)], 0)} {
		if err := (ClaimedProof{p.Claim, proof}).Check(); !errors.Is(err, ErrClaim) {
			t.Errorf("%d of %d bytes: %v, want ErrClaim", len(proof), len(p.Proof), err)
		}
	}
}

// Whatever proofs come together, each gets the verdict that it gets alone.
func TestVerdictsDoNotDependOnTheCompany(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	var right, wrong []ClaimedProof
	for range 4 {
		p := apart(t, w, []uint64{3}, []uint64{0}).prove(t)
		right = append(right, p)
	}
	for k := range right {
		wrong = append(wrong, ClaimedProof{right[k].Claim, right[(k+1)%len(right)].Proof})
	}
	halves := inputs(t, w, []uint64{3}, []uint64{2}, 5, 5).prove(t) // false in its range proof alone
	halves.Claim.Series[0].Most = 6
	wrong = append(wrong, halves)
	rapid.Check(t, func(t *rapid.T) {
		var proofs []ClaimedProof
		var want []bool
		for range rapid.IntRange(0, 6).Draw(t, "proofs") {
			holds := rapid.Bool().Draw(t, "holds")
			if holds {
				proofs = append(proofs, rapid.SampledFrom(right).Draw(t, "right"))
			} else {
				proofs = append(proofs, rapid.SampledFrom(wrong).Draw(t, "wrong"))
			}
			want = append(want, holds)
		}
		for k, err := range CheckClaims(proofs) {
			if (err == nil) != want[k] || err != nil && !errors.Is(err, ErrClaim) {
				t.Fatalf("proof %d of %v: %v", k, want, err)
			}
		}
	})
}

// What PeekDeal says before any point is decoded is what the deal says.
func TestPeekAgreesWithTheWholeDecoder(t *testing.T) {
	w := newWorld(t, 1, 3, 5, "park1")
	deal, _ := w.deal(t, "park1", "load", exampleValues(3))
	encoded := encodeDeal(t, deal)
	header, err := PeekDeal(encoded)
	if err != nil || header != deal.Header() {
		t.Errorf("header %+v, %v, want %+v", header, err, deal.Header())
	}
	for length := range encoded {
		if _, err := PeekDeal(encoded[:length]); !errors.Is(err, ErrFormat) {
			t.Fatalf("%d of %d bytes: %v, want ErrFormat", length, len(encoded), err)
		}
	}
	if _, err := PeekDeal(append(encoded[:len(encoded):len(encoded)], 0)); !errors.Is(err, ErrFormat) {
		t.Errorf("one byte more: %v, want ErrFormat", err)
	}
}
