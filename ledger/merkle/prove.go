package merkle

import (
	"errors"
	"fmt"

	"github.com/cosmos/iavl"
)

// ErrNoVersion says that a version is not (or no longer) kept.
var ErrNoVersion = errors.New("no such version of the state")

// Prove gives the value of a key at a committed version (nil: absent) and the
// proof of it against that version's app hash: an ICS-23 commitment proof in
// protobuf, of presence or of absence.
func (s *Store) Prove(version int64, key string) (value, proof []byte, err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	tree, err := s.at(version)
	if err != nil {
		return nil, nil, fmt.Errorf("prove %q at %d: %w", key, version, err)
	}
	if key == "" {
		return nil, nil, fmt.Errorf("prove at %d: %w", version, errEmpty)
	}
	commitment, err := tree.GetProof([]byte(key))
	if err != nil {
		return nil, nil, fmt.Errorf("prove %q at %d: %w", key, version, err)
	}
	if existence := commitment.GetExist(); existence != nil {
		value = existence.Value
	}
	proof, err = commitment.Marshal()
	if err != nil {
		return nil, nil, fmt.Errorf("prove %q at %d: encode: %w", key, version, err)
	}
	return value, proof, nil
}

// List gives at most limit records under a prefix from a committed version,
// unproven, and whether there are more. It begins behind the key after; ""
// begins with the first.
func (s *Store) List(version int64, prefix, after string, limit int) (records []Record, more bool, err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	tree, err := s.at(version)
	if err != nil {
		return nil, false, fmt.Errorf("list %q at %d: %w", prefix, version, err)
	}
	start := prefix
	if after >= prefix && after != "" {
		start = after + "\x00" // the next possible key
	}
	records, next, err := gather(tree, []byte(start), prefixEnd(prefix), limit)
	if err != nil {
		return nil, false, fmt.Errorf("list %q at %d: %w", prefix, version, err)
	}
	return records, next != nil, nil
}

func (s *Store) at(version int64) (*iavl.ImmutableTree, error) {
	if s.failed != nil {
		return nil, s.failed
	}
	if version < 1 || !s.tree.VersionExists(version) {
		return nil, ErrNoVersion
	}
	return s.tree.GetImmutable(version)
}
