package test

import (
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/node"
)

// A member that is cut off from all others stands still: it makes no blocks of
// its own. The others go on, and when the line is mended it has what they have.
func TestMemberThatIsCutOffStandsStillAndCatchesUp(t *testing.T) {
	skipShort(t)
	town := layOut(bounded(t, 4*time.Minute), t)
	wires := behindWires(t, town, "member5")
	town.start(nil)
	nodes := town.nodes()
	away := nodes[4]
	town.until("the plan", func() bool {
		_, found := load[scheduling.Plan](town.witness, scheduling.Key(firstDay, 1))
		return found
	})

	wires.cut()
	before, err := away.ledger.Status(town.ctx)
	if err != nil {
		t.Fatal(err)
	}
	town.until("the alert about member5", func() bool { return town.alert(alerts.MemberAbsent, "member5") })
	during, err := away.ledger.Status(town.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if during.Height > before.Height+2 { // one or two were on their way
		t.Errorf("cut off at height %d, member5 goes on to %d", before.Height, during.Height)
	}

	wires.mend()
	town.until("member5 to sign again", func() bool {
		return !must[committee.Member](town.witness, committee.MemberKey("member5")).Absent
	})
	agree(t, nodes)
}

// behindWires has all connections between a member and the others go through
// wires that the test can cut: the others do not look for it by themselves.
func behindWires(t *testing.T, town *town, name string) *wires {
	t.Helper()
	drawn := &wires{connections: map[net.Conn]bool{}}
	var id string
	for i, path := range town.layout.Members {
		if town.document.Members[i].Name == name {
			settings := memberConfig(t, path)
			var err error
			if id, err = node.PeerID(member.NodeHome(settings.Home)); err != nil {
				t.Fatal(err)
			}
			for j, peer := range settings.Node.Peers {
				peerID, address, _ := strings.Cut(peer, "@")
				settings.Node.Peers[j] = peerID + "@" + drawn.to(t, address)
			}
			save(t, path, settings)
		}
	}
	for i, path := range town.layout.Members {
		if town.document.Members[i].Name != name {
			settings := memberConfig(t, path)
			settings.Node.Peers = slices.DeleteFunc(settings.Node.Peers, func(peer string) bool { return strings.HasPrefix(peer, id) })
			save(t, path, settings)
		}
	}
	return drawn
}

func memberConfig(t *testing.T, path string) member.Config {
	t.Helper()
	settings, err := config.Load[member.Config](path)
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

func save(t *testing.T, path string, settings member.Config) {
	t.Helper()
	if err := config.Save(path, settings); err != nil {
		t.Fatal(err)
	}
}

// wires are TCP relays that are cut and mended together.
type wires struct {
	mutex       sync.Mutex
	isCut       bool
	connections map[net.Conn]bool
}

// to opens a wire to an address and gives the near end.
func (w *wires) to(t *testing.T, address string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = listener.Close()
		w.cut()
	})
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", address)
			if err != nil || !w.hold(near, far) {
				_ = errors.Join(near.Close(), closeIfOpen(far))
				continue
			}
			go w.carry(near, far)
			go w.carry(far, near)
		}
	}()
	return listener.Addr().String()
}

func closeIfOpen(connection net.Conn) error {
	if connection == nil {
		return nil
	}
	return connection.Close()
}

// hold takes note of a connection, and says whether the wire can carry it.
func (w *wires) hold(ends ...net.Conn) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.isCut {
		return false
	}
	for _, end := range ends {
		w.connections[end] = true
	}
	return true
}

func (w *wires) carry(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = errors.Join(to.Close(), from.Close())
	w.mutex.Lock()
	defer w.mutex.Unlock()
	delete(w.connections, to)
	delete(w.connections, from)
}

func (w *wires) cut() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.isCut = true
	for end := range w.connections {
		_ = end.Close()
	}
}

func (w *wires) mend() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.isCut = false
}
