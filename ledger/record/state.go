// Package record is how contracts keep records: the canonical encoding of
// values, the state as the contracts see it, and typed access to it.
//
// It holds no data itself: package merkle keeps the state provably on disk.
package record

import "fmt"

// State is the ledger's state as contracts see it: keys are readable paths
// ("plan/19919/0001"), values canonical encodings.
type State interface {
	// Get returns the value at key and whether there is one. The caller must not change it.
	Get(key string) ([]byte, bool)
	// Set stores value at key.
	Set(key string, value []byte)
	// Delete removes key; a key that is absent stays so.
	Delete(key string)
	// Iterate visits all keys with the prefix in ascending byte order until
	// visit returns false. The state must not be changed meanwhile.
	Iterate(prefix string, visit func(key string, value []byte) bool)
}

// Load reads the T at key, and whether there is one. A value that is not a T
// means that the state is corrupt or that two contracts share a key; nothing
// sensible can follow, so it panics and the machine stops with the key named.
func Load[T any](state State, key string) (T, bool) {
	encoded, found := state.Get(key)
	if !found {
		var none T
		return none, false
	}
	value, err := Decode[T](encoded)
	if err != nil {
		panic(fmt.Sprintf("state: %s: %v", key, err))
	}
	return value, true
}

// Save stores value at key.
func Save[T any](state State, key string, value T) { state.Set(key, Encode(value)) }

// Each visits all records of type T with the prefix in ascending order of
// their keys until visit returns false. Visited records may be changed: the
// keys are gathered first.
func Each[T any](state State, prefix string, visit func(key string, value T) bool) {
	var keys []string
	state.Iterate(prefix, func(key string, _ []byte) bool {
		keys = append(keys, key)
		return true
	})
	for _, key := range keys {
		if value, found := Load[T](state, key); found && !visit(key, value) {
			return
		}
	}
}
