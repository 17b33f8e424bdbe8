package vault_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
)

// channelsOf gives the encoded channels that a park has opened, to try again.
func channelsOf(l *contracttest.Ledger, park string) [][]byte {
	channel, found := vault.ChannelFor(l.State, park, day)
	if !found {
		l.T.Fatalf("%s has no channels", park)
	}
	return channel.Channels
}

func TestChannelsThatDoNotFitAreRefused(t *testing.T) {
	l := contracttest.New(t, 3, "park1")
	l.Parks["park1"].OpenChannels()
	good := channelsOf(l, "park1")
	for name, test := range map[string]struct {
		body vault.OpenChannel
		says string
	}{
		"the same number again":         {vault.OpenChannel{Number: 1, Epoch: 1, FirstDay: day, Days: 20, Channels: good}, "expected number 2"},
		"to an epoch that there is not": {vault.OpenChannel{Number: 2, Epoch: 2, FirstDay: day, Days: 20, Channels: good}, "epoch 2"},
		"no days":                       {vault.OpenChannel{Number: 2, Epoch: 1, FirstDay: day + 1, Days: 0, Channels: good}, "0 days"},
		"too many days":                 {vault.OpenChannel{Number: 2, Epoch: 1, FirstDay: day + 1, Days: 32, Channels: good}, "32 days"},
		"long past":                     {vault.OpenChannel{Number: 2, Epoch: 1, FirstDay: day - 40, Days: 20, Channels: good}, "today"},
		"far ahead":                     {vault.OpenChannel{Number: 2, Epoch: 1, FirstDay: day + 90, Days: 20, Channels: good}, "today"},
		"last day there is":             {vault.OpenChannel{Number: 2, Epoch: 1, FirstDay: 1<<32 - 1, Days: 31, Channels: good}, "today"},
		"one too few":                   {vault.OpenChannel{Number: 2, Epoch: 1, FirstDay: day + 1, Days: 20, Channels: good[:4]}, "4 channels"},
		"garbage":                       {vault.OpenChannel{Number: 2, Epoch: 1, FirstDay: day + 1, Days: 20, Channels: append(slices.Clone(good[:4]), []byte("x"))}, "member 5"},
	} {
		if err := vault.HandleChannel(l.Context("park1"), test.body); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v: expected an error with %q", name, err, test.says)
		}
	}
	for first := uint32(day + 1); ; first++ {
		err := vault.HandleChannel(l.Context("park1"), vault.OpenChannel{Number: first - day + 1, Epoch: 1, FirstDay: first, Days: 20, Channels: good})
		if err != nil {
			if first != day+16 || !strings.Contains(err.Error(), "at most 16") {
				t.Errorf("channels number %d: %v", first-day+1, err)
			}
			break
		}
	}
}

func TestChannelAcknowledgementsAreOnePerMember(t *testing.T) {
	l := contracttest.New(t, 3, "park1")
	l.Parks["park1"].OpenChannels(2)
	for name, test := range map[string]struct {
		sender string
		body   vault.AcknowledgeChannel
	}{
		"again":             {"member2", vault.AcknowledgeChannel{Dealer: "park1", Number: 1}},
		"of no park":        {"member1", vault.AcknowledgeChannel{Dealer: "park9", Number: 1}},
		"of another number": {"member1", vault.AcknowledgeChannel{Dealer: "park1", Number: 2}},
		"by a park":         {"park1", vault.AcknowledgeChannel{Dealer: "park1", Number: 1}},
		"by an unknown":     {"member9", vault.AcknowledgeChannel{Dealer: "park1", Number: 1}},
		"with a path's dot": {"member1", vault.AcknowledgeChannel{Dealer: "park1/../park1", Number: 1}},
	} {
		if err := vault.HandleAcknowledgeChannel(l.Context(test.sender), test.body); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// Newer channels take the place of older ones from their first day on; what
// was sealed before rests on the older ones for good.
func TestNewerChannelsTakeOver(t *testing.T) {
	l := contracttest.New(t, 3, "park1")
	l.Parks["park1"].OpenChannels()
	l.Must(vault.HandleChannel(l.Context("park1"), vault.OpenChannel{Number: 2, Epoch: 1, FirstDay: day + 3, Days: 5, Channels: channelsOf(l, "park1")}))
	for _, test := range []struct {
		day, first uint32
		found      bool
	}{{day - 1, 0, false}, {day, day, true}, {day + 2, day, true}, {day + 3, day + 3, true}, {day + 7, day + 3, true}, {day + 8, day, true}, {day + 20, 0, false}} {
		channel, found := vault.ChannelFor(l.State, "park1", test.day)
		if found != test.found || channel.FirstDay != test.first {
			t.Errorf("day %d: channels from day %d, %t: expected %d, %t", test.day, channel.FirstDay, found, test.first, test.found)
		}
	}
}

// Three parks that each leave another member without a channel would leave
// three members who can check all shares; the dealers pay for it, not the
// round.
func TestParksWithoutEnoughCommonMembersAreLeftOut(t *testing.T) {
	names := []string{"park1", "park2", "park3", "park4", "park5"}
	l := contracttest.New(t, 3, names...)
	buy, sell := contracttest.Prices(periods)
	l.Publish(day, tariff.Workday, buy, sell)
	l.Parks["park1"].OpenChannels(2, 3, 4, 5)
	l.Parks["park2"].OpenChannels(1, 3, 4, 5)
	for _, name := range names[2:] {
		l.Parks[name].OpenChannels()
	}
	zero := contracttest.Constant(periods, 0)
	for _, name := range names {
		l.Parks[name].Seal(vault.Forecast, day, 1, zero, zero, zero, zero)
	}
	l.ToGate(vault.Forecast, day)
	id := start(l)
	var candidates []string
	for _, candidate := range l.Round(id).Candidates {
		candidates = append(candidates, candidate.Park)
	}
	if want := []string{"park1", "park3", "park4", "park5"}; !slices.Equal(candidates, want) {
		t.Errorf("candidates %v: expected %v", candidates, want)
	}
	if want := []string{"channel-missing park2"}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
	if err := vault.HandleAcknowledge(l.Context("member1"), vault.Acknowledge{Round: id}); err == nil || !strings.Contains(err.Error(), "park1") {
		t.Errorf("member 1 has no channel from park1: %v", err)
	}
}
