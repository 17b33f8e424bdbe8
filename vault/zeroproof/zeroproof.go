package zeroproof

import (
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
)

// ErrProof reports bytes that do not prove the statement.
var ErrProof = errors.New("proof that one of two is zero does not hold")

const (
	label    = "sesame-zero/1"
	maxPairs = 1024
	pairSize = 3 * group.ScalarSize
)

// Statement is what is proven: for each j, Left[j] or Right[j] commits to zero.
type Statement struct {
	// Context binds the proof to its place, so that it cannot be moved.
	Context     []byte
	Left, Right []*group.Point
}

// Size is the length of a proof for so many pairs, bytes.
func Size(pairs int) int { return group.ScalarSize + pairs*pairSize }

func (s *Statement) check() error {
	if len(s.Left) < 1 || len(s.Left) > maxPairs || len(s.Left) != len(s.Right) {
		return fmt.Errorf("%d and %d commitments, want as many of both, 1..%d", len(s.Left), len(s.Right), maxPairs)
	}
	return nil
}

// challenge hashes the statement and the first messages of all Schnorr proofs.
func (s *Statement) challenge(first [][2]*group.Point) (out group.Scalar) {
	message := append([]byte{byte(len(label))}, label...)
	message = binary.BigEndian.AppendUint32(message, uint32(len(s.Context)))
	message = append(message, s.Context...)
	message = appendPoint(message, group.Blinder())
	message = binary.BigEndian.AppendUint32(message, uint32(len(s.Left)))
	for j := range s.Left {
		message = appendPoint(appendPoint(message, s.Left[j]), s.Right[j])
		message = appendPoint(appendPoint(message, first[j][0]), first[j][1])
	}
	digest := sha512.Sum512(message)
	out.SetWide(&digest)
	return out
}

func appendPoint(message []byte, p *group.Point) []byte {
	encoded := p.Bytes()
	return append(message, encoded[:]...)
}

func appendScalar(message []byte, s *group.Scalar) []byte {
	encoded := s.Bytes()
	return append(message, encoded[:]...)
}

// pair is the prover's state for one pair of commitments. Side 0 is left.
type pair struct {
	side       int // the one that is zero and proven; the other is simulated
	nonce      group.Scalar
	simulated  group.Scalar // challenge of the other side
	answer     group.Scalar // of the other side
	blinding   group.Scalar // of the side that is proven
	commitment *group.Point // of the other side
}

// Prove makes a proof from the values and blindings of all commitments. Which
// side is zero shows neither in the proof nor in the time it takes.
func Prove(s *Statement, left, right []uint64, leftBlindings, rightBlindings []group.Scalar) ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("proof of zeros: %w", err)
	}
	n := len(s.Left)
	if len(left) != n || len(right) != n || len(leftBlindings) != n || len(rightBlindings) != n {
		return nil, fmt.Errorf("proof of zeros: values and blindings of other than %d pairs", n)
	}
	pairs, first := make([]pair, n), make([][2]*group.Point, n)
	for j := range pairs {
		if left[j] != 0 && right[j] != 0 {
			return nil, fmt.Errorf("proof of zeros: pair %d has no zero", j)
		}
		if !commitsTo(s.Left[j], left[j], &leftBlindings[j]) || !commitsTo(s.Right[j], right[j], &rightBlindings[j]) {
			return nil, fmt.Errorf("proof of zeros: a commitment of pair %d is to another value", j)
		}
		pairs[j] = newPair(nonzero(left[j]), s.Left[j], s.Right[j], &leftBlindings[j], &rightBlindings[j])
		first[j] = pairs[j].first()
	}
	challenge := s.challenge(first)
	proof := appendScalar(nil, &challenge)
	for j := range pairs {
		proof = pairs[j].appendAnswers(proof, &challenge)
	}
	return proof, nil
}

func commitsTo(p *group.Point, value uint64, blinding *group.Scalar) bool {
	return new(group.Point).Commit(group.NewScalar(value), blinding).Equal(p)
}

// nonzero is 1 for every value but 0, without a branch.
func nonzero(v uint64) int { return int((v | -v) >> 63) }

func newPair(side int, left, right *group.Point, leftBlinding, rightBlinding *group.Scalar) pair {
	random := make([]group.Scalar, 3)
	group.FillRandom(random)
	p := pair{side: side, nonce: random[0], simulated: random[1], answer: random[2]}
	p.blinding.Select(leftBlinding, rightBlinding, side)
	p.commitment = group.Identity().Select(right, left, side)
	return p
}

// first returns the first messages, left and right: nonce H on the side that
// is proven, and on the other what makes the drawn answer right.
func (p *pair) first() [2]*group.Point {
	proven := new(group.Point).MulBlinder(&p.nonce)
	simulated := new(group.Point).MulBlinder(&p.answer)
	simulated.Sub(simulated, new(group.Point).Mul(&p.simulated, p.commitment))
	return [2]*group.Point{
		group.Identity().Select(proven, simulated, p.side),
		group.Identity().Select(simulated, proven, p.side),
	}
}

// appendAnswers appends the left challenge and both answers.
func (p *pair) appendAnswers(proof []byte, challenge *group.Scalar) []byte {
	var own, answer, leftChallenge, left, right group.Scalar
	own.Sub(challenge, &p.simulated)
	answer.MulAdd(&own, &p.blinding, &p.nonce)
	proof = appendScalar(proof, leftChallenge.Select(&own, &p.simulated, p.side))
	proof = appendScalar(proof, left.Select(&answer, &p.answer, p.side))
	return appendScalar(proof, right.Select(&p.answer, &answer, p.side))
}

// Verify reports whether the proof holds (ErrProof). It is deterministic.
func Verify(s *Statement, proof []byte) error {
	if err := s.check(); err != nil {
		return fmt.Errorf("proof of zeros: %w", err)
	}
	if want := Size(len(s.Left)); len(proof) != want {
		return fmt.Errorf("%w: %d bytes, want %d", ErrProof, len(proof), want)
	}
	scalars := make([]group.Scalar, len(proof)/group.ScalarSize)
	for k := range scalars {
		if err := scalars[k].SetBytes(proof[k*group.ScalarSize : (k+1)*group.ScalarSize]); err != nil {
			return fmt.Errorf("%w: %w", ErrProof, err)
		}
	}
	challenge := scalars[0]
	first := make([][2]*group.Point, len(s.Left))
	for j := range first {
		left, answers := scalars[1+3*j], scalars[2+3*j:4+3*j]
		var right group.Scalar
		right.Sub(&challenge, &left)
		first[j] = [2]*group.Point{
			firstMessage(&answers[0], &left, s.Left[j]),
			firstMessage(&answers[1], &right, s.Right[j]),
		}
	}
	if expected := s.challenge(first); !expected.Equal(&challenge) {
		return ErrProof
	}
	return nil
}

// firstMessage is answer H - challenge commitment.
func firstMessage(answer, challenge *group.Scalar, commitment *group.Point) *group.Point {
	minus := new(group.Scalar).Neg(challenge)
	p := new(group.Point).CombineVartime([]group.Scalar{*minus}, []*group.Point{commitment})
	return p.Add(p, new(group.Point).MulBlinder(answer))
}
