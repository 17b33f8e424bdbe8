package view

import (
	"context"
	"fmt"
	"sync"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/disclosure"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
)

// Share is what one member holds of a disclosed series: where its shares lie
// in the group's order, 0..1, a figure per period.
type Share struct {
	Member  string    `json:"member"`
	Heights []float64 `json:"heights"`
}

// triedSubsets bounds how many sets of members the monitor lets recover a
// disclosed series: all three of five.
const triedSubsets = 10

// sharesOf is what each member holds of each series that a disclosure has
// opened, and how many sets of as many members as the threshold recover it,
// each by itself. Nothing is left of either once the contest term has ended.
func (v *Viewer) sharesOf(ctx context.Context, release vault.Release, names map[uint8]string) (map[string][]Share, int) {
	read, err := disclosure.Read(ctx, recordReader{v}, release.ID)
	if err != nil {
		v.logger.Warn("monitor: a disclosure that cannot be read", "id", release.ID, "error", err)
		return nil, 0
	}
	if len(read.Shares) == 0 {
		return nil, 0
	}
	shares := map[string][]Share{}
	for series, curves := range disclosure.Curves(read) {
		for _, curve := range curves {
			shares[series] = append(shares[series], Share{names[curve.Member], curve.Heights})
		}
	}
	return shares, v.recovered.count(read, func(err error) {
		v.logger.Warn("monitor: members do not recover a disclosed series", "id", release.ID, "error", err)
	})
}

// recordReader reads the index as a ledger's records. What it reads is the
// index's word: every figure links to where the page proves it.
type recordReader struct{ v *Viewer }

func (r recordReader) Get(ctx context.Context, key string) (client.Record, error) {
	found, there, err := r.v.index.Record(ctx, key)
	if err != nil {
		return client.Record{}, err
	}
	return client.Record{Key: key, Value: found.Value, Found: there, Height: found.Height}, nil
}

// recoveries remembers which disclosures how many sets of members recover, as
// the page asks for it with every block.
type recoveries struct {
	mutex sync.Mutex
	known map[string]int
}

// mostRemembered bounds what is remembered; then it begins anew.
const mostRemembered = 64

func (r *recoveries) count(view disclosure.View, failed func(error)) int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	name := fmt.Sprintf("%s %d %d", view.Release.ID, len(view.Shares), len(view.Sealed.Parts))
	if count, known := r.known[name]; known {
		return count
	}
	recovered, err := disclosure.Recover(view, triedSubsets)
	if err != nil {
		failed(err)
	}
	if r.known == nil || len(r.known) >= mostRemembered {
		r.known = map[string]int{}
	}
	r.known[name] = len(recovered)
	return len(recovered)
}
