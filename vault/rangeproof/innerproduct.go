package rangeproof

import "github.com/sesame-energy/sesame/vault/group"

// innerProver proves knowledge of vectors a and b with a given inner product
// (Bünz et al., section 3). Instead of folding the generators in each round it
// keeps the factors by which the ones it has count; each round's points are
// then sums over those. Only once in some rounds it folds them, many into one,
// so that the later rounds' sums are short.
type innerProver struct {
	g, h    []*group.Point
	gFactor []group.Scalar // of each generator
	hFactor []group.Scalar
	q       group.Scalar // the point Q is q G
	a, b    []group.Scalar
}

// newInnerProver takes the second generators with factors y^-i.
func newInnerProver(g, h []*group.Point, y, q *group.Scalar, a, b []group.Scalar) *innerProver {
	inner := &innerProver{g: g, h: h, q: *q, a: a, b: b, gFactor: make([]group.Scalar, len(a))}
	for i := range inner.gFactor {
		inner.gFactor[i] = *group.NewScalar(1)
	}
	inner.hFactor = powers(new(group.Scalar).Invert(y), len(a))
	return inner
}

// prove runs the rounds. What they see, l(x) and r(x), is masked already, so
// they may take variable time.
func (p *innerProver) prove(t transcript) (left, right []*group.Point, a, b group.Scalar) {
	t.merlin.AppendMessage("dom-sep", []byte("ipp v1"))
	t.number("n", len(p.a))
	for len(p.a) > 1 {
		if len(p.g) == foldAtOnce*len(p.a) {
			p.gather()
		}
		l, r := p.round()
		t.point("L", l)
		t.point("R", r)
		u := t.challenge("u")
		p.fold(&u)
		left, right = append(left, l), append(right, r)
	}
	return left, right, p.a[0], p.b[0]
}

// foldAtOnce is how many generators become one: with fewer the folding costs
// more than it saves, with more the rounds before it do.
const foldAtOnce = 16

// gather replaces the generators by the folded ones, with factor one each.
func (p *innerProver) gather() {
	n := len(p.a)
	g, h := make([]*group.Point, n), make([]*group.Point, n)
	scalars, points := make([]group.Scalar, foldAtOnce), make([]*group.Point, foldAtOnce)
	folded := func(place int, factors []group.Scalar, generators []*group.Point) *group.Point {
		for k := range points {
			scalars[k], points[k] = factors[place+k*n], generators[place+k*n]
		}
		return new(group.Point).CombineVartime(scalars, points)
	}
	for place := range n {
		g[place], h[place] = folded(place, p.gFactor, p.g), folded(place, p.hFactor, p.h)
		p.gFactor[place], p.hFactor[place] = *group.NewScalar(1), *group.NewScalar(1)
	}
	p.g, p.h, p.gFactor, p.hFactor = g, h, p.gFactor[:n], p.hFactor[:n]
}

// round returns L = <a_low, G_high> + <b_high, H_low> + <a_low, b_high> Q and
// R with the halves exchanged. Generator i belongs to folded place
// i mod len(a), since each folding joined i with i + half.
func (p *innerProver) round() (l, r *group.Point) {
	n := len(p.a) / 2
	count := len(p.g)
	scalarsL, scalarsR := make([]group.Scalar, 0, count+1), make([]group.Scalar, 0, count+1)
	pointsL, pointsR := make([]*group.Point, 0, count+1), make([]*group.Point, 0, count+1)
	for i := range count {
		place := i % len(p.a)
		var onG, onH group.Scalar
		if place >= n {
			onG.Mul(&p.a[place-n], &p.gFactor[i])
			onH.Mul(&p.b[place-n], &p.hFactor[i])
			scalarsL, pointsL = append(scalarsL, onG), append(pointsL, p.g[i])
			scalarsR, pointsR = append(scalarsR, onH), append(pointsR, p.h[i])
		} else {
			onG.Mul(&p.a[place+n], &p.gFactor[i])
			onH.Mul(&p.b[place+n], &p.hFactor[i])
			scalarsR, pointsR = append(scalarsR, onG), append(pointsR, p.g[i])
			scalarsL, pointsL = append(scalarsL, onH), append(pointsL, p.h[i])
		}
	}
	cL, cR := innerProduct(p.a[:n], p.b[n:]), innerProduct(p.a[n:], p.b[:n])
	scalarsL, pointsL = append(scalarsL, *cL.Mul(&cL, &p.q)), append(pointsL, group.Base())
	scalarsR, pointsR = append(scalarsR, *cR.Mul(&cR, &p.q)), append(pointsR, group.Base())
	return new(group.Point).CombineVartime(scalarsL, pointsL), new(group.Point).CombineVartime(scalarsR, pointsR)
}

// fold halves the vectors: a = u a_low + a_high / u, b = b_low / u + u b_high.
func (p *innerProver) fold(u *group.Scalar) {
	n := len(p.a) / 2
	var inverse group.Scalar
	inverse.Invert(u)
	for i := range p.gFactor {
		if i%len(p.a) < n {
			p.gFactor[i].Mul(&p.gFactor[i], &inverse)
			p.hFactor[i].Mul(&p.hFactor[i], u)
		} else {
			p.gFactor[i].Mul(&p.gFactor[i], u)
			p.hFactor[i].Mul(&p.hFactor[i], &inverse)
		}
	}
	for i := range n {
		var high group.Scalar
		high.Mul(&p.a[n+i], &inverse)
		p.a[i].MulAdd(&p.a[i], u, &high)
		high.Mul(&p.b[n+i], u)
		p.b[i].MulAdd(&p.b[i], &inverse, &high)
	}
	p.a, p.b = p.a[:n], p.b[:n]
}
