package shapley

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// each calls do for 0..count-1 on all cores and gives the error of the least
// that fails, so that it does not depend on what is computed first.
func (g *game) each(count int, do func(i int) error) error {
	var next, done atomic.Int64
	var guard sync.Mutex
	var work sync.WaitGroup
	failedAt, failure := count, error(nil)
	for range min(runtime.GOMAXPROCS(0), count) {
		work.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				err := do(i)
				guard.Lock()
				if err != nil && i < failedAt {
					failedAt, failure = i, err
				}
				g.progress(float64(done.Add(1)) / float64(count))
				stop := failure != nil
				guard.Unlock()
				if stop {
					return
				}
			}
		})
	}
	work.Wait()
	return failure
}
