package ledger

import (
	"maps"
	"slices"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
)

// Kinds lists every kind of transaction, for tests.
func Kinds() []string { return slices.Sorted(maps.Keys(routes)) }

// RolesOf lists who may send a kind, for tests.
func RolesOf(kind string) []committee.Role { return routes[kind].roles }

// AddRoute adds a kind that members may send, for the time of a test.
func AddRoute(t *testing.T, kind string, handle func(contract.Context, []byte) error) {
	routes[kind] = by(handle, member)
	t.Cleanup(func() { delete(routes, kind) })
}
