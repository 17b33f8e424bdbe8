package certificate

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/schedule/model"
)

// byVertices checks the inequality of one side by trying every crossing of two
// of the lines E = breakpoint, x = vertex, E + x = breakpoint, in rationals.
func byVertices(side *model.Side, earlier, later []point) bool {
	holds := func(e, x int64) bool {
		if x < side.X[0] || x > side.X[side.N-1] || e < earlier[0].e || e > earlier[len(earlier)-1].e ||
			e+x < later[0].e || e+x > later[len(later)-1].e {
			return true
		}
		points := make([]point, side.N)
		for j := range side.N {
			points[j] = point{side.X[j], side.C[j]}
		}
		right := new(big.Rat).Add(valueAt(points, x), valueAt(later, e+x))
		return valueAt(earlier, e).Cmp(right) <= 0
	}
	for _, u := range earlier {
		for j := range side.N {
			if !holds(u.e, side.X[j]) {
				return false
			}
		}
		for _, v := range later {
			if !holds(u.e, v.e-u.e) {
				return false
			}
		}
	}
	for _, v := range later {
		for j := range side.N {
			if !holds(v.e-side.X[j], side.X[j]) {
				return false
			}
		}
	}
	return true
}

func valueAt(f []point, e int64) *big.Rat {
	for i := range f {
		if f[i].e == e {
			return big.NewRat(f[i].v, 1)
		}
		if f[i].e > e {
			a, b := f[i-1], f[i]
			share := big.NewRat(e-a.e, b.e-a.e)
			return share.Mul(share, big.NewRat(b.v-a.v, 1)).Add(share, big.NewRat(a.v, 1))
		}
	}
	return nil
}

func randomFunction(r *rand.Rand, span, height int64) []point {
	f := []point{{r.Int64N(span) - span/2, r.Int64N(height)}}
	for range r.IntN(6) {
		last := f[len(f)-1]
		f = append(f, point{last.e + 1 + r.Int64N(span/4), r.Int64N(height)})
	}
	return f
}

func randomSide(r *rand.Rand, span int64) model.Side {
	side := model.Side{N: 1, X: []int64{r.Int64N(span) - span/2}, C: []int64{r.Int64N(50)}}
	slope := r.Int64N(10) - 5
	for range r.IntN(4) {
		step := 1 + r.Int64N(span/4)
		side.X, side.C = append(side.X, side.X[side.N-1]+step), append(side.C, side.C[side.N-1]+slope*step)
		side.N++
		slope += r.Int64N(5)
	}
	return side
}

// Law: the linear check and the check by vertices agree on any functions.
func TestLinearCheckAgreesWithVertices(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	var c checker
	held := 0
	for i := range 60_000 {
		span := int64(12 + r.IntN(60))
		side := randomSide(r, span)
		earlier, later := randomFunction(r, span, 80), randomFunction(r, span, 80)
		lift := r.Int64N(200)
		for k := range later {
			later[k].v += lift
		}
		want := byVertices(&side, earlier, later)
		if got := c.side(&side, earlier, later); got != want {
			t.Fatalf("try %d: linear %v, vertices %v\n%+v\n%v\n%v", i, got, want, side, earlier, later)
		}
		if want {
			held++
		}
	}
	if held < 1000 || held > 59_000 {
		t.Errorf("the inequality held in %d of 60,000 tries: the test does not tell", held)
	}
}

func TestCertificatesHaveOneEncoding(t *testing.T) {
	e := NewEncoder(1)
	e.Begin(2)
	e.Vertex(5, -3)
	e.Vertex(9, 4)
	e.Begin(1)
	e.Vertex(7, 0)
	f, err := decode(e.Bytes(), 1)
	if err != nil || len(f.at(0)) != 2 || f.at(0)[1] != (point{9, 4}) || f.at(1)[0] != (point{7, 0}) {
		t.Fatal(f, err)
	}
	for name, data := range map[string][]byte{
		"no bytes":        {},
		"other version":   {2, 1, 0, 0, 1, 0, 0},
		"no vertex":       {1, 0, 1, 0, 0},
		"long number":     {1, 0x81, 0, 0, 0, 1, 0, 0},
		"too short":       e.Bytes()[:len(e.Bytes())-1],
		"too long":        append(append([]byte(nil), e.Bytes()...), 0),
		"not ascending":   {1, 2, 2, 0, 0, 0, 1, 0, 0},
		"negative energy": {1, 1, 1, 0, 1, 0, 0},
		"huge number":     {1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 1, 0, 0},
	} {
		if _, err := decode(data, 1); err == nil {
			t.Errorf("%s: decoded", name)
		}
	}
}
