package network

import (
	"fmt"
	"path/filepath"

	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/node"
)

const observerName = "observer"

// genesisPath is the genesis document as a role's folder sees it.
var genesisPath = filepath.Join("..", GenesisFile)

// writeMembers configures the members' nodes, each keeping connected to all
// others.
func (d *draft) writeMembers() error {
	places := make([]member.Node, len(d.document.Members))
	for i, founder := range d.document.Members {
		id, err := node.PeerID(member.NodeHome(filepath.Join(d.dir, founder.Name)))
		if err != nil {
			return err
		}
		if places[i], err = d.place(founder.Name, int(founder.Index)); err != nil {
			return err
		}
		d.peers = append(d.peers, id+"@"+places[i].Listen)
		d.urls = append(d.urls, "http://"+places[i].API)
	}
	for i, founder := range d.document.Members {
		places[i].Peers = append(append([]string{}, d.peers[:i]...), d.peers[i+1:]...)
		if err := d.save(filepath.Join(d.dir, founder.Name, configFile), member.Config{
			Home: ".", Genesis: genesisPath, Node: places[i],
		}); err != nil {
			return fmt.Errorf("%s: %w", founder.Name, err)
		}
	}
	return nil
}

// writeObserver configures a node without a vote.
func (d *draft) writeObserver() error {
	place, err := d.place(observerName, 0)
	if err != nil {
		return err
	}
	place.Peers = d.peers
	return d.save(filepath.Join(d.dir, observerName, configFile), member.ObserverConfig{
		Home: ".", Genesis: genesisPath, Name: observerName, Node: place,
	})
}

// place is where a node listens; the pace is the network's.
func (d *draft) place(role string, number int) (member.Node, error) {
	listen, err := d.addresses.at(role, peerPort+number)
	if err != nil {
		return member.Node{}, err
	}
	api, err := d.addresses.at(role, apiPort+number)
	if err != nil {
		return member.Node{}, err
	}
	_, timeouts := pace(d.options.Factor)
	return member.Node{Listen: listen, API: api, Timeouts: timeouts}, nil
}
