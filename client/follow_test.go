package client

import (
	"testing"
)

// Whatever a node sends, blocks are visited in order and each once.
func FuzzStreamLine(f *testing.F) {
	for _, line := range []string{": alive", "id: 1", `data: {"height":1}`, `data: {"height":2,"hash":"zz"}`, "data: [", ""} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var seen []int64
		follower := follower{next: 1, visit: func(block Block) error {
			seen = append(seen, block.Height)
			return nil
		}}
		_ = follower.line(line)
		_ = follower.line(line)
		if len(seen) > 1 || (len(seen) == 1 && seen[0] != 1) {
			t.Fatalf("visited %v", seen)
		}
	})
}
