package merkle

import (
	"errors"
	"fmt"
	"sync"

	"github.com/cosmos/iavl"
	"github.com/cosmos/iavl/db"
)

// DefaultKeep is the number of versions that can be proven, beside the newest.
const DefaultKeep = 1000

// cachedNodes bounds the tree's node cache; a node takes some 200 bytes.
const cachedNodes = 50_000

// Store is the state: the working copy that a block's transactions change, and
// the committed versions, which can be proven. It implements record.State on
// the working copy. Version H is the state after block H.
//
// A failing database cannot be reported by State's methods. It is remembered:
// WorkingHash and Commit return it, so that no block is built on it. Store is
// safe for concurrent use.
type Store struct {
	mutex    sync.Mutex
	tree     *iavl.MutableTree
	database db.DB
	keep     int64 // versions kept beside the newest; 0: all
	failed   error
}

// Open opens the state in a folder, made if absent, at its newest version. Of
// older versions it keeps that many (0: all).
func Open(folder string, keep int64) (*Store, error) {
	database, err := db.NewGoLevelDB("state", folder)
	if err != nil {
		return nil, fmt.Errorf("open state in %s: %w", folder, err)
	}
	store, err := load(database, keep)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open state in %s: %w", folder, err), database.Close())
	}
	return store, nil
}

// InMemory is an empty state that forgets: for tests. It keeps all versions.
func InMemory() *Store {
	store, err := load(db.NewMemDB(), 0)
	if err != nil {
		panic(fmt.Sprintf("merkle: empty tree in memory: %v", err)) // reads nothing, cannot fail
	}
	return store
}

func load(database db.DB, keep int64) (*Store, error) {
	tree := iavl.NewMutableTree(database, cachedNodes, true, iavl.NewNopLogger())
	if _, err := tree.Load(); err != nil {
		return nil, fmt.Errorf("load tree: %w", err)
	}
	return &Store{tree: tree, database: database, keep: keep}, nil
}

// Close releases the folder. The store must not be used afterwards.
func (s *Store) Close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.failed == nil {
		s.failed = errors.New("state: closed")
	}
	return errors.Join(s.tree.Close(), s.database.Close())
}

// WorkingHash is the app hash that Commit would give now.
func (s *Store) WorkingHash() ([]byte, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.failed != nil {
		return nil, s.failed
	}
	return s.tree.WorkingHash(), nil
}

// Commit makes the working copy the next version, and gives its app hash and
// number. Versions that are too old are dropped.
func (s *Store) Commit() (hash []byte, version int64, err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.failed != nil {
		return nil, 0, s.failed
	}
	hash, version, err = s.tree.SaveVersion()
	if err != nil {
		s.failed = fmt.Errorf("commit state %d: %w", version, err)
		return nil, 0, s.failed
	}
	if oldest := version - s.keep; s.keep > 0 && oldest > 1 {
		if err := s.tree.DeleteVersionsTo(oldest - 1); err != nil {
			s.failed = fmt.Errorf("drop states before %d: %w", oldest, err)
			return nil, 0, s.failed
		}
	}
	return hash, version, nil
}

// Committed is the newest version and its app hash; 0 before the first Commit.
func (s *Store) Committed() (version int64, hash []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.failed != nil {
		return 0, nil
	}
	return s.tree.Version(), s.tree.Hash()
}

// Rollback drops what has been written since the last Commit.
func (s *Store) Rollback() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.failed == nil {
		s.tree.Rollback()
	}
}
