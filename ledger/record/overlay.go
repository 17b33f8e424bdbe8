package record

import (
	"bytes"
	"maps"
	"slices"
	"strings"
)

// Overlay is a state over another that holds back its writes, so that a
// transaction that fails leaves nothing behind.
type Overlay struct {
	below  State
	writes map[string][]byte // nil: deleted
}

// NewOverlay lays an empty overlay over a state.
func NewOverlay(below State) *Overlay {
	return &Overlay{below: below, writes: map[string][]byte{}}
}

// Get implements State.
func (o *Overlay) Get(key string) ([]byte, bool) {
	if value, written := o.writes[key]; written {
		return value, value != nil
	}
	return o.below.Get(key)
}

// Set implements State.
func (o *Overlay) Set(key string, value []byte) {
	if value == nil {
		value = []byte{}
	}
	o.writes[key] = value
}

// Delete implements State.
func (o *Overlay) Delete(key string) { o.writes[key] = nil }

// Iterate implements State: a merge of both layers in order of the keys.
func (o *Overlay) Iterate(prefix string, visit func(key string, value []byte) bool) {
	pending := o.keys(prefix)
	goOn := true
	o.below.Iterate(prefix, func(key string, value []byte) bool {
		for len(pending) > 0 && pending[0] < key && goOn {
			goOn = o.visitWritten(pending[0], visit)
			pending = pending[1:]
		}
		if !goOn {
			return false
		}
		if len(pending) > 0 && pending[0] == key {
			goOn = o.visitWritten(key, visit)
			pending = pending[1:]
		} else {
			goOn = visit(key, value)
		}
		return goOn
	})
	for ; len(pending) > 0 && goOn; pending = pending[1:] {
		goOn = o.visitWritten(pending[0], visit)
	}
}

func (o *Overlay) visitWritten(key string, visit func(string, []byte) bool) bool {
	if value := o.writes[key]; value != nil {
		return visit(key, value)
	}
	return true
}

func (o *Overlay) keys(prefix string) []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(o.writes)) {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	return keys
}

// Change is one key that was written, with its new value; nil means deleted.
type Change struct {
	Key   string
	Value []byte
}

// Changes lists what differs from the state below, in order of the keys: a
// write of what stood there already is none.
func (o *Overlay) Changes() []Change {
	changes := make([]Change, 0, len(o.writes))
	for _, key := range o.keys("") {
		value := o.writes[key]
		before, found := o.below.Get(key)
		if found == (value != nil) && bytes.Equal(before, value) {
			continue
		}
		changes = append(changes, Change{key, value})
	}
	return changes
}

// Apply writes the changes to the state below.
func (o *Overlay) Apply() {
	for _, change := range o.Changes() {
		if change.Value == nil {
			o.below.Delete(change.Key)
		} else {
			o.below.Set(change.Key, change.Value)
		}
	}
	clear(o.writes)
}
