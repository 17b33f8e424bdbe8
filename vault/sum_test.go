package vault

import (
	"errors"
	"fmt"
	"math/big"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/shamir"
)

func TestAnyThreeOfFiveOpenASumOverParks(t *testing.T) {
	w := newWorld(t, 1, 3, 5, "park1", "park2", "park3")
	deals := map[DealID]*Deal{}
	form := Form{}
	want := uint64(0)
	for k, dealer := range []string{"park1", "park2", "park3"} {
		values := []uint64{uint64(1000 * k), uint64(7 + k)}
		deal, _ := w.deal(t, dealer, "surplus", values)
		deals[deal.ID()] = deal
		form.Add(deal.ID(), 1, 1)
		want += values[1]
	}
	for a := uint8(1); a <= 5; a++ {
		for b := a + 1; b <= 5; b++ {
			for c := b + 1; c <= 5; c++ {
				sum, err := w.open(&form, deals, c, a, b)
				if err != nil {
					t.Fatalf("members %d %d %d: %v", a, b, c, err)
				}
				if sum.Value.Cmp(new(big.Int).SetUint64(want)) != 0 {
					t.Errorf("members %d %d %d open %v, want %d", a, b, c, sum.Value, want)
				}
				value, err := form.Value(deals)
				if err != nil {
					t.Fatal(err)
				}
				if err := CheckOpening(value, sum); err != nil {
					t.Errorf("members %d %d %d: %v", a, b, c, err)
				}
			}
		}
	}
	if _, err := w.open(&form, deals, 2, 4); !errors.Is(err, shamir.ErrTooFew) {
		t.Errorf("two members: %v, want ErrTooFew", err)
	}
}

// The deficit is never sealed: it is a form in the four series that are, and
// comes out negative where it is.
func TestDeficitIsAFormInSealedSeries(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	deals, openings := map[DealID]*Deal{}, map[DealID]*Opening{}
	form := Form{}
	for _, series := range []struct {
		name   string
		value  uint64
		weight int64
	}{{"load", 500, 1}, {"pv", 620, -1}, {"wind", 30, -1}, {"surplus", 100, 1}} {
		deal, opening := w.deal(t, "park1", series.name, []uint64{series.value})
		deals[deal.ID()], openings[deal.ID()] = deal, opening
		form.Add(deal.ID(), 0, series.weight)
	}
	sum, err := w.open(&form, deals, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Value.Int64() != 500-620-30+100 {
		t.Errorf("deficit %v, want %d", sum.Value, 500-620-30+100)
	}
	own, err := form.Sum(openings)
	if err != nil {
		t.Fatal(err)
	}
	if own.Value.Cmp(sum.Value) != 0 || !own.Blinding.Equal(&sum.Blinding) {
		t.Errorf("the dealer opens %v, the committee %v", own, sum)
	}
}

// What the committee opens, what the dealer opens and what plain integers say
// agree for all weights, big and negative ones included.
func TestFormsAgreeWithIntegers(t *testing.T) {
	w := newWorld(t, 1, 3, 5, "park1", "park2")
	const periods = 4
	var all []*Deal
	deals, openings := map[DealID]*Deal{}, map[DealID]*Opening{}
	for _, dealer := range []string{"park1", "park2"} {
		deal, opening := w.deal(t, dealer, "load", exampleValues(periods))
		all = append(all, deal)
		deals[deal.ID()], openings[deal.ID()] = deal, opening
	}
	rapid.Check(t, func(t *rapid.T) {
		form, want := Form{}, new(big.Int)
		for range rapid.IntRange(1, 6).Draw(t, "terms") {
			deal := rapid.SampledFrom(all).Draw(t, "deal")
			period := rapid.IntRange(0, periods-1).Draw(t, "period")
			weight := big.NewInt(rapid.Int64().Draw(t, "weight"))
			if rapid.Bool().Draw(t, "big") {
				weight.Mul(weight, big.NewInt(1<<40))
				form.AddBig(deal.ID(), period, weight)
			} else {
				form.Add(deal.ID(), period, weight.Int64())
			}
			value := new(big.Int).SetUint64(openings[deal.ID()].Values[period])
			want.Add(want, value.Mul(value, weight))
		}
		own, err := form.Sum(openings)
		if err != nil {
			t.Fatal(err)
		}
		members := rapid.Permutation([]uint8{1, 2, 3, 4, 5}).Draw(t, "members")[:rapid.IntRange(3, 5).Draw(t, "count")]
		sum, err := w.open(&form, deals, members...)
		if err != nil {
			t.Fatal(err)
		}
		if sum.Value.Cmp(want) != 0 || own.Value.Cmp(want) != 0 {
			t.Fatalf("committee %v, dealer %v, want %v", sum.Value, own.Value, want)
		}
	})
}

func TestFormsOverMissingOrForeignDealsAreRefused(t *testing.T) {
	w, later := newWorld(t, 1, 2, 3, "park1"), newWorld(t, 2, 2, 3, "park1")
	deal, _ := w.deal(t, "park1", "load", []uint64{1, 2})
	replayed, _ := later.deal(t, "park1", "load", []uint64{1, 2})
	deals := map[DealID]*Deal{deal.ID(): deal, replayed.ID(): replayed}
	for name, build := range map[string]func(*Form){
		"empty":           func(*Form) {},
		"unknown deal":    func(f *Form) { f.Add(DealID{1}, 0, 1) },
		"period too late": func(f *Form) { f.Add(deal.ID(), 2, 1) },
		"period below":    func(f *Form) { f.Add(deal.ID(), -1, 1) },
	} {
		form := Form{}
		build(&form)
		if _, err := form.Polynomial(deals); err == nil {
			t.Errorf("%s: a commitment came out", name)
		}
		if _, err := form.Value(deals); err == nil {
			t.Errorf("%s: a value came out", name)
		}
		if _, err := form.Partial(nil); err == nil && name != "empty" {
			t.Errorf("%s: a partial came out", name)
		}
	}
	mixed := Form{}
	mixed.Add(deal.ID(), 0, 1)
	mixed.Add(replayed.ID(), 0, 1)
	if _, err := mixed.Polynomial(deals); !errors.Is(err, ErrCommittee) {
		t.Errorf("two epochs in one form: %v, want ErrCommittee", err)
	}
}

// postsFor gives each member's true partials for a form per period of a deal.
func postsFor(t testing.TB, w *world, deal *Deal) ([]Polynomial, map[uint8][]Partial) {
	t.Helper()
	var polynomials []Polynomial
	for j := range deal.Header().Periods {
		polynomials = append(polynomials, deal.Polynomial(j))
	}
	posts := map[uint8][]Partial{}
	for i, keys := range w.member[deal.header.Dealer] {
		share, err := OpenShare(deal, keys)
		if err != nil {
			t.Fatal(err)
		}
		for j := range polynomials {
			posts[uint8(i+1)] = append(posts[uint8(i+1)], Partial{Value: share.Value[j], Blinding: share.Blind[j]})
		}
	}
	return polynomials, posts
}

// Up to n-t members lie, each about other periods and in another way; each lie
// is found where it is, and the truth comes out of the rest.
func TestLiarsAreNamedAndTheRestOpen(t *testing.T) {
	w := newWorld(t, 1, 3, 6, "park1")
	values := exampleValues(5)
	deal, _ := w.deal(t, "park1", "load", values)
	polynomials, honest := postsFor(t, w, deal)
	rapid.Check(t, func(t *rapid.T) {
		posts := map[uint8][]Partial{}
		for index, partials := range honest {
			posts[index] = append([]Partial(nil), partials...)
		}
		order := rapid.Permutation([]uint8{1, 2, 3, 4, 5, 6}).Draw(t, "order")
		liars := order[:rapid.IntRange(0, 3).Draw(t, "liars")]
		for _, liar := range liars {
			lied := map[int]bool{}
			for range rapid.IntRange(1, 3).Draw(t, "lies") {
				lied[rapid.IntRange(0, 4).Draw(t, "period")] = true
			}
			for period := range lied {
				partial := &posts[liar][period]
				switch rapid.IntRange(0, 2).Draw(t, "kind") {
				case 0:
					partial.Value.Add(&partial.Value, one())
				case 1:
					partial.Blinding.Sub(&partial.Blinding, group.RandomScalar())
				case 2:
					partial.Value, partial.Blinding = *group.RandomScalar(), *group.RandomScalar()
				}
			}
			wrong, err := CheckPartials(liar, polynomials, posts[liar])
			if err != nil || len(wrong) != len(lied) {
				t.Fatalf("member %d: wrong %v, error %v, want %v", liar, wrong, err, lied)
			}
			for _, period := range wrong {
				if !lied[period] {
					t.Fatalf("member %d is accused of period %d, want %v", liar, period, lied)
				}
			}
			if _, err := Open(3, polynomials, posts); len(liars) == 1 && liar <= 3 && !errors.Is(err, ErrOpening) {
				t.Fatalf("unchecked lie of member %d: %v, want ErrOpening", liar, err)
			}
		}
		for _, liar := range liars {
			delete(posts, liar)
		}
		sums, err := Open(3, polynomials, posts)
		if err != nil {
			t.Fatal(err)
		}
		for j, sum := range sums {
			if sum.Value.Cmp(new(big.Int).SetUint64(values[j])) != 0 {
				t.Fatalf("period %d opens to %v, want %d", j, sum.Value, values[j])
			}
		}
	})
}

// Errors that add up to nothing, the way to slip through a check with fixed
// weights, are found.
func TestErrorsThatCancelAreFound(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	deal, _ := w.deal(t, "park1", "load", exampleValues(3))
	polynomials, posts := postsFor(t, w, deal)
	partials := posts[2]
	partials[0].Value.Add(&partials[0].Value, one())
	partials[1].Value.Sub(&partials[1].Value, one())
	wrong, err := CheckPartials(2, polynomials, partials)
	if err != nil || len(wrong) != 2 || wrong[0] != 0 || wrong[1] != 1 {
		t.Errorf("wrong %v, error %v, want periods 0 and 1", wrong, err)
	}
}

// A hundred thousand random partials, in posts of a thousand with a right one
// somewhere among them: each is named, and the right ones are not.
func TestRandomPartialsAreAllWrong(t *testing.T) {
	const posts, wrongs = 100, 1000
	w := newWorld(t, 1, 2, 3, "park1")
	deal, _ := w.deal(t, "park1", "load", []uint64{5})
	form, honest := postsFor(t, w, deal)
	check := func(right int) error {
		polynomials, partials := make([]Polynomial, wrongs+1), make([]Partial, wrongs+1)
		for k := range partials {
			polynomials[k] = form[0]
			partials[k] = Partial{Value: *group.RandomScalar(), Blinding: *group.RandomScalar()}
		}
		partials[right] = honest[3][0]
		wrong, err := CheckPartials(3, polynomials, partials)
		if err != nil || len(wrong) != wrongs || slices.Contains(wrong, right) {
			return fmt.Errorf("right partial at %d: %d are wrong, error %v, want all but it", right, len(wrong), err)
		}
		return nil
	}
	var checking errgroup.Group
	checking.SetLimit(runtime.GOMAXPROCS(0))
	for post := range posts {
		if testing.Short() && post > 0 {
			break
		}
		checking.Go(func() error { return check(post * wrongs / (posts - 1)) })
	}
	if err := checking.Wait(); err != nil {
		t.Error(err)
	}
}

func TestPartialsOfAnotherMemberOrFormAreWrong(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	deal, _ := w.deal(t, "park1", "load", exampleValues(2))
	polynomials, posts := postsFor(t, w, deal)
	for name, test := range map[string]struct {
		index    uint8
		partials []Partial
		wrong    int
	}{
		"another member's":  {1, posts[2], 2},
		"periods exchanged": {1, []Partial{posts[1][1], posts[1][0]}, 2},
		"one period twice":  {1, []Partial{posts[1][0], posts[1][0]}, 1},
		"zeros":             {1, make([]Partial, 2), 2},
	} {
		wrong, err := CheckPartials(test.index, polynomials, test.partials)
		if err != nil || len(wrong) != test.wrong {
			t.Errorf("%s: wrong %v, error %v, want %d wrong", name, wrong, err, test.wrong)
		}
	}
	if _, err := CheckPartials(0, polynomials, posts[1]); !errors.Is(err, shamir.ErrIndexZero) {
		t.Errorf("member 0: %v, want ErrIndexZero", err)
	}
	if _, err := CheckPartials(1, polynomials, posts[1][:1]); err == nil {
		t.Error("one partial for two forms passed")
	}
	if _, err := CheckPartials(1, []Polynomial{{}, {}}, posts[1]); err == nil {
		t.Error("forms without commitments passed")
	}
}

func TestBadPostsDoNotOpen(t *testing.T) {
	w := newWorld(t, 1, 3, 5, "park1")
	deal, _ := w.deal(t, "park1", "load", exampleValues(2))
	polynomials, posts := postsFor(t, w, deal)
	with := func(change func(map[uint8][]Partial)) map[uint8][]Partial {
		changed := map[uint8][]Partial{}
		for _, index := range []uint8{1, 2, 3} {
			changed[index] = posts[index]
		}
		change(changed)
		return changed
	}
	for name, test := range map[string]struct {
		threshold int
		posts     map[uint8][]Partial
		want      error
	}{
		"member 0":          {3, with(func(p map[uint8][]Partial) { p[0] = posts[1]; delete(p, 1) }), shamir.ErrIndexZero},
		"too few":           {3, with(func(p map[uint8][]Partial) { delete(p, 2) }), shamir.ErrTooFew},
		"two as one":        {3, with(func(p map[uint8][]Partial) { p[2] = posts[1] }), ErrOpening},
		"lower threshold":   {2, with(func(map[uint8][]Partial) {}), nil},
		"higher threshold":  {4, with(func(map[uint8][]Partial) {}), nil},
		"short post":        {3, with(func(p map[uint8][]Partial) { p[2] = p[2][:1] }), nil},
		"threshold of zero": {0, with(func(map[uint8][]Partial) {}), shamir.ErrThreshold},
	} {
		sums, err := Open(test.threshold, polynomials, test.posts)
		if err == nil || sums != nil || (test.want != nil && !errors.Is(err, test.want)) {
			t.Errorf("%s: %v, error %v, want %v", name, sums, err, test.want)
		}
	}
}

func TestOpeningsOfOtherValuesAreRefused(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	deal, opening := w.deal(t, "park1", "load", []uint64{5, 6})
	truth := Sum{Value: big.NewInt(5), Blinding: opening.Blindings[0]}
	if err := CheckOpening(deal.Polynomial(0)[0], truth); err != nil {
		t.Fatal(err)
	}
	for name, lie := range map[string]Sum{
		"another value":    {Value: big.NewInt(6), Blinding: opening.Blindings[0]},
		"another blinding": {Value: big.NewInt(5), Blinding: opening.Blindings[1]},
		"the negative":     {Value: big.NewInt(-5), Blinding: opening.Blindings[0]},
	} {
		if err := CheckOpening(deal.Polynomial(0)[0], lie); !errors.Is(err, ErrOpening) {
			t.Errorf("%s: %v, want ErrOpening", name, err)
		}
	}
}
