package record

import (
	"maps"
	"slices"
	"strings"
)

// Memory is a state in memory without proofs: for tests of contracts and for
// working on a copy.
type Memory map[string][]byte

// Get implements State.
func (m Memory) Get(key string) ([]byte, bool) { value, found := m[key]; return value, found }

// Set implements State.
func (m Memory) Set(key string, value []byte) { m[key] = value }

// Delete implements State.
func (m Memory) Delete(key string) { delete(m, key) }

// Iterate implements State.
func (m Memory) Iterate(prefix string, visit func(key string, value []byte) bool) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if strings.HasPrefix(key, prefix) && !visit(key, m[key]) {
			return
		}
	}
}
