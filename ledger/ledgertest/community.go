package ledgertest

import (
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/genesis"
)

// Community is a ledger with everybody who takes part in it.
type Community struct {
	*Chain
	Case     *energy.Case
	Members  []*Member
	Parks    []*Park
	Operator *Operator
	Grid     *Grid
}

// NewCommunity begins the ledger of a case, with tariffs for so many days.
func NewCommunity(t testing.TB, c *energy.Case, days int) *Community {
	t.Helper()
	return Gather(t, c, Document(t, c), days)
}

// Gather begins the ledger of a case with a genesis document of one's own.
func Gather(t testing.TB, c *energy.Case, document genesis.Document, days int) *Community {
	t.Helper()
	community := &Community{Chain: Begin(t, document), Case: c, Operator: NewOperator(), Grid: NewGrid(c, days)}
	community.Roles = append(community.Roles, community.Grid)
	for _, member := range community.Document.Members {
		role := NewMember(member.Name, member.Index)
		community.Members = append(community.Members, role)
		community.Roles = append(community.Roles, role)
	}
	for _, series := range c.Parks {
		park := NewPark(series)
		community.Parks = append(community.Parks, park)
		community.Roles = append(community.Roles, park)
	}
	community.Roles = append(community.Roles, community.Operator)
	return community
}

// Day is the number of a day of the case, 0 the first.
func (c *Community) Day(number int) uint32 { return DayOf(c.Grid.First) + uint32(number) }

// Gate is when the forecasts of a day close.
func (c *Community) Gate(number int) int64 {
	return c.Grid.First + int64(number)*secondsOfDay - c.Document.Gates.DailyLead
}

// Settled is when a day's bills have long been sent.
func (c *Community) Settled(number int) int64 {
	return c.Grid.First + int64(number+1)*secondsOfDay + c.Document.Gates.ReadingLag + 4*3600
}
