package node

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	engine "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"golang.org/x/time/rate"
)

// How often connections to one peer may begin, and how often missing ones are
// looked after.
const (
	connectionsPerSecond = 1
	connectionBurst      = 5
	gateMemory           = 1000 // peers
	redialEvery          = 5 * time.Second
)

// gate decides on connections with peers, for the engine asks. It mends two
// faults of the engine's switch. While it stops, the switch takes new
// connections, forgets them and leaves them open, so that the peer believes it
// is connected to a node that is gone and refuses its successor. And to a peer
// that refuses so, the switch connects again at once, a thousand times a second.
type gate struct {
	closed func() bool

	mutex sync.Mutex
	peers map[string]*rate.Limiter
}

var errClosed, errHasty = errors.New("stopping"), errors.New("too many connections with this peer, one after another")

// pass is nil where a connection may go on. The engine asks first for an
// address ("/p2p/filter/addr/..."), then for the peer behind it ("/p2p/filter/id/...").
func (g *gate) pass(path string) error {
	if g.closed() {
		return errClosed
	}
	id, isPeer := strings.CutPrefix(path, "/p2p/filter/id/")
	if !isPeer {
		return nil
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.peers == nil || len(g.peers) >= gateMemory {
		g.peers = map[string]*rate.Limiter{}
	}
	if g.peers[id] == nil {
		g.peers[id] = rate.NewLimiter(connectionsPerSecond, connectionBurst)
	}
	if !g.peers[id].Allow() {
		return errHasty
	}
	return nil
}

// Query implements abci.Application: only the gate is asked this way; readers
// have our own HTTP API.
func (a *application) Query(_ context.Context, request *abci.RequestQuery) (*abci.ResponseQuery, error) {
	if err := a.gate.pass(request.Path); err != nil {
		return &abci.ResponseQuery{Code: refusedCode, Log: err.Error()}, nil
	}
	return &abci.ResponseQuery{}, nil
}

// redial keeps looking for configured peers that are not connected, until done
// is closed. The engine itself waits longer and longer, up to hours, so that a
// network which was parted would stay parted.
func redial(node *engine.Node, peers []string, done <-chan struct{}) {
	tick := time.NewTicker(redialEvery)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		var missing []string
		for _, peer := range peers {
			id, _, _ := strings.Cut(peer, "@")
			if !node.Switch().Peers().Has(p2p.ID(id)) {
				missing = append(missing, peer)
			}
		}
		_ = node.Switch().DialPeersAsync(missing) // the addresses were checked at the start; failures show in the log
	}
}
