package contracttest

import (
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// Release loads a release.
func (l *Ledger) Release(id string) vault.Release {
	l.T.Helper()
	release, found := record.Load[vault.Release](l.State, vault.ReleaseKey(id))
	if !found {
		l.T.Fatalf("no release %s", id)
	}
	return release
}

// Vote lets members vote on a proposal and has the vault's contract carry out
// what comes of it, as the machine does.
func (l *Ledger) Vote(proposal uint64, approve bool, members ...string) {
	l.T.Helper()
	for _, name := range members {
		decided, err := committee.HandleVote(l.Context(name), committee.Vote{Proposal: proposal, Approve: approve})
		l.Must(err)
		vault.VoteClosed(l.Context(name), decided)
	}
}

// Parts computes a member's partial sums of a release.
func (m *Member) Parts(id string) vault.Partials {
	l := m.ledger
	l.T.Helper()
	sealed, found := record.Load[vault.Sealed](l.State, vault.ReleasedKey(id))
	if !found {
		l.T.Fatalf("%s has no sealed series", id)
	}
	forms, deals, err := vault.ReleaseForms(l.Release(id), sealed)
	l.Must(err)
	shares := map[sealing.DealID]*sealing.Share{}
	for id, deal := range deals {
		shares[id] = m.share(deal)
	}
	body := vault.Partials{Round: id}
	for k := range forms {
		partial, err := forms[k].Partial(shares)
		l.Must(err)
		encoded, err := partial.MarshalBinary()
		l.Must(err)
		body.Sums = append(body.Sums, encoded)
	}
	return body
}
