package merkle

import (
	"errors"
	"fmt"

	"github.com/cosmos/iavl"
)

// page is how many records an iteration gathers at a time, so that it holds no
// lock while the visitor works.
const page = 128

// pageBytes bounds what is gathered at a time, up to one record.
const pageBytes = 8 << 20

// Get implements record.State on the working copy.
func (s *Store) Get(key string) ([]byte, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.failed != nil {
		return nil, false
	}
	value, err := s.tree.Get([]byte(key))
	if err != nil {
		s.failed = fmt.Errorf("state: get %q: %w", key, err)
		return nil, false
	}
	return value, value != nil
}

// Set implements record.State on the working copy. Keys and values must not be
// empty: an empty value could not be proven.
func (s *Store) Set(key string, value []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.failed != nil {
		return
	}
	if key == "" || len(value) == 0 {
		s.failed = fmt.Errorf("state: set %q to %d bytes: %w", key, len(value), errEmpty)
		return
	}
	if _, err := s.tree.Set([]byte(key), value); err != nil {
		s.failed = fmt.Errorf("state: set %q: %w", key, err)
	}
}

var errEmpty = errors.New("keys and values must not be empty")

// Delete implements record.State on the working copy.
func (s *Store) Delete(key string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.failed != nil {
		return
	}
	if _, _, err := s.tree.Remove([]byte(key)); err != nil {
		s.failed = fmt.Errorf("state: delete %q: %w", key, err)
	}
}

// Iterate implements record.State on the working copy. What visit itself
// writes behind the page in hand is seen, what it writes within is not.
func (s *Store) Iterate(prefix string, visit func(key string, value []byte) bool) {
	for start, end := []byte(prefix), prefixEnd(prefix); start != nil; {
		s.mutex.Lock()
		if s.failed != nil {
			s.mutex.Unlock()
			return
		}
		records, next, err := gather(s.tree.ImmutableTree, start, end, page)
		if err != nil {
			s.failed = fmt.Errorf("state: iterate %q: %w", prefix, err)
		}
		s.mutex.Unlock()
		for _, r := range records {
			if !visit(r.Key, r.Value) {
				return
			}
		}
		start = next
	}
}

// Record is a key with its value.
type Record struct {
	Key   string
	Value []byte
}

// gather reads at most limit records of [start, end), fewer where they are
// large, and the key to go on from, nil where nothing is left.
func gather(tree *iavl.ImmutableTree, start, end []byte, limit int) (records []Record, next []byte, err error) {
	iterator, err := tree.Iterator(start, end, true)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, iterator.Close()) }()
	size := 0
	for ; iterator.Valid(); iterator.Next() {
		if len(records) == limit || size > pageBytes {
			return records, iterator.Key(), iterator.Error()
		}
		size += len(iterator.Key()) + len(iterator.Value())
		records = append(records, Record{string(iterator.Key()), iterator.Value()})
	}
	return records, nil, iterator.Error()
}

// prefixEnd is the first key after all keys with the prefix, nil where there is none.
func prefixEnd(prefix string) []byte {
	end := []byte(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] < 0xff {
			end[i]++
			return end[:i+1]
		}
	}
	return nil
}
