package rangeproof

import (
	"crypto/sha3"
	"encoding/binary"
	"sync"

	"github.com/sesame-energy/sesame/vault/group"
)

// generatorCache keeps the generators that were needed so far: one chain per
// value of a proof and side, each as long as the widest range.
type generatorCache struct {
	mutex  sync.Mutex
	chains map[chain][]*group.Point
}

// chain names a list of generators.
type chain struct {
	side  byte // 'G' or 'H'
	value uint32
}

var generators = generatorCache{chains: map[chain][]*group.Point{}}

// vectors returns the generators for values times bits, G and H, value after
// value.
func (c *generatorCache) vectors(values, bits int) (g, h []*group.Point) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for value := range uint32(values) {
		g = append(g, c.chain(chain{'G', value})[:bits]...)
		h = append(h, c.chain(chain{'H', value})[:bits]...)
	}
	return g, h
}

func (c *generatorCache) chain(name chain) []*group.Point {
	points := c.chains[name]
	if points == nil {
		points = expandChain(name)
		c.chains[name] = points
	}
	return points
}

// expandChain hashes to points, so that nobody knows a relation between them:
// 64 bytes each of SHAKE256("GeneratorsChain" | side | value, little endian).
func expandChain(name chain) []*group.Point {
	xof := sha3.NewSHAKE256()
	seed := binary.LittleEndian.AppendUint32([]byte{name.side}, name.value)
	_, _ = xof.Write(append([]byte("GeneratorsChain"), seed...)) // a hash takes everything
	points := make([]*group.Point, maxBits)
	for i := range points {
		var uniform [64]byte
		_, _ = xof.Read(uniform[:]) // an endless stream
		points[i] = group.HashToPoint(&uniform)
	}
	return points
}
