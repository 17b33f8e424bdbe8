package vault

import (
	"errors"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

var errNotBuilt = errors.New("not built yet")

// HandleChannel takes a park's channels ("vault/channel").
func HandleChannel(ctx contract.Context, body OpenChannel) error { return errNotBuilt }

// HandleAcknowledgeChannel takes a member's word that its channel is good
// ("vault/channel-acknowledge").
func HandleAcknowledgeChannel(ctx contract.Context, body AcknowledgeChannel) error {
	return errNotBuilt
}

// HandleDeal takes a park's sealed series ("vault/deal").
func HandleDeal(ctx contract.Context, body Deal) error { return errNotBuilt }

// HandleAcknowledge takes a member's acknowledgement of a round with its
// refusals ("vault/acknowledge").
func HandleAcknowledge(ctx contract.Context, body Acknowledge) error { return errNotBuilt }

// HandlePartials takes a member's partial sums ("vault/partials").
func HandlePartials(ctx contract.Context, body Partials) error { return errNotBuilt }

// HandleRequest starts a further round where the rules allow one ("vault/request").
func HandleRequest(ctx contract.Context, body Request) error { return errNotBuilt }

// StartRound begins a round over what the parks have sealed for a day and
// kind. The purposes' weights are the caller's; their ids follow at the freeze.
// The error says why there can be no round.
func StartRound(ctx contract.Context, kind string, day uint32, purposes []Purpose) (Round, error) {
	return Round{}, errNotBuilt
}

// EndBlock moves the rounds in flight on and returns those that closed in
// this block, opened or failed.
func EndBlock(ctx contract.Context) []Round { return nil }

// OpenedOf loads what a round opened.
func OpenedOf(state record.State, round string) (Opened, bool) {
	return record.Load[Opened](state, OpenedKey(round))
}

// Forms rebuilds what a round opens, one form per purpose, from the sealed
// series of its parks: the same code for the contract, the members and
// everybody who checks.
func Forms(round Round, series []Sealed) ([]sealing.Form, map[sealing.DealID]*sealing.Deal, error) {
	return nil, nil, errNotBuilt
}
