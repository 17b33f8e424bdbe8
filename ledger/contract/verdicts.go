package contract

import "sync"

// Verdicts remembers what was found to be proven, by the hash of everything
// that the finding depends on, so that what a node has verified when a
// transaction came in is not verified again when a block carries it. It is a
// cache: no result depends on what is in it, and nothing false is ever put in.
// A nil one remembers nothing. It is safe for concurrent use.
type Verdicts struct {
	mutex  sync.Mutex
	proven map[[32]byte]bool
	order  [][32]byte // oldest first

	height  int64
	efforts map[string]int // verifications asked for at this height, by account
}

// maxVerdicts bounds what is remembered: some blocks' worth.
const maxVerdicts = 4096

// NewVerdicts begins without any.
func NewVerdicts() *Verdicts {
	return &Verdicts{proven: map[[32]byte]bool{}, efforts: map[string]int{}}
}

// Proven says whether key is known to be proven.
func (v *Verdicts) Proven(key [32]byte) bool {
	if v == nil {
		return false
	}
	v.mutex.Lock()
	defer v.mutex.Unlock()
	return v.proven[key]
}

// Remember takes note that key is proven.
func (v *Verdicts) Remember(key [32]byte) {
	if v == nil {
		return
	}
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.proven[key] {
		return
	}
	if len(v.order) == maxVerdicts {
		delete(v.proven, v.order[0])
		v.order = v.order[1:]
	}
	v.proven[key], v.order = true, append(v.order, key)
}

// Spend counts a verification that an account causes before its transaction is
// in a block, and reports whether it is among the first most at this height.
func (v *Verdicts) Spend(height int64, account string, most int) bool {
	if v == nil {
		return true
	}
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.height != height {
		v.height, v.efforts = height, map[string]int{}
	}
	v.efforts[account]++
	return v.efforts[account] <= most
}
