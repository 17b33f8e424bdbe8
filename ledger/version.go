package ledger

import (
	"fmt"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Check says why the machine cannot go on from what its store has: the state of
// a version whose records were others. It is asked before a node starts; a
// machine that went on would take the first block otherwise than the others.
func (m *Machine) Check() (err error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	version, _ := m.store.Committed()
	if version == 0 {
		return nil // genesis is still to come
	}
	defer func() {
		if fault := recover(); fault != nil {
			err = otherVersion(version, fmt.Errorf("%v", fault))
		}
	}()
	if _, found := record.Load[Clock](m.store, ClockKey); !found {
		return otherVersion(version, fmt.Errorf("there is no clock"))
	}
	epoch := committee.LoadParameters(m.store).Epoch
	keepers, found := committee.LoadKeepers(m.store, epoch)
	if !found || len(keepers.Seats) == 0 {
		return otherVersion(version, fmt.Errorf("there is no record of the share keepers of epoch %d", epoch))
	}
	return nil
}

func otherVersion(height int64, cause error) error {
	return fmt.Errorf("the state at block %d is not one of this version of sesame: %w; go on with the version that made it, or found a new ledger", height, cause)
}
