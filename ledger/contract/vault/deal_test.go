package vault_test

import (
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
)

// dealing is a ledger on which parks may seal forecasts and readings may not
// come yet.
func dealing(t *testing.T) *contracttest.Ledger {
	t.Helper()
	l := contracttest.New(t, 3, parkNames...)
	buy, sell := contracttest.Prices(periods)
	l.Publish(day, tariff.Workday, buy, sell)
	l.OpenAllChannels()
	return l
}

func TestDealsThatDoNotFitAreRefused(t *testing.T) {
	l := dealing(t)
	zero := contracttest.Constant(periods, 0)
	park := l.Parks["park1"]
	good := func() vault.Deal { return park.Deal(vault.Forecast, day, 2, zero, zero, zero, zero) }
	first := good()
	l.Must(vault.HandleDeal(l.Context("park1"), first))
	for name, test := range map[string]struct {
		sender string
		body   func() vault.Deal
		says   string
	}{
		"same version again": {"park1", good, "higher one than 2"},
		"lower version":      {"park1", func() vault.Deal { return park.Deal(vault.Forecast, day, 1, zero, zero, zero, zero) }, "higher one than 2"},
		"version 0":          {"park1", func() vault.Deal { d := good(); d.Version = 0; return d }, "count from 1"},
		"version of the header": {"park1", func() vault.Deal {
			d := good()
			d.Version = 3
			return d
		}, "sealed as version 2"},
		"replayed counter": {"park1", func() vault.Deal {
			d := park.Deal(vault.Forecast, day, 3, zero, zero, zero, zero)
			d.Parts[3], d.Parts[0] = first.Parts[3], first.Parts[0]
			d.Version = 3
			return d
		}, "version 2"},
		"sent by another": {"park2", func() vault.Deal {
			d := good()
			d.Version = 9
			return d
		}, `sealed by "park1"`},
		"parts exchanged": {"park1", func() vault.Deal {
			d := park.Deal(vault.Forecast, day, 3, zero, zero, zero, zero)
			d.Parts[0], d.Parts[1] = d.Parts[1], d.Parts[0]
			return d
		}, "part 1 is the series"},
		"a part missing": {"park1", func() vault.Deal {
			d := park.Deal(vault.Forecast, day, 3, zero, zero, zero, zero)
			d.Parts = d.Parts[:3]
			return d
		}, "expected 4"},
		"garbage": {"park1", func() vault.Deal {
			d := park.Deal(vault.Forecast, day, 3, zero, zero, zero, zero)
			d.Parts[2] = []byte("not a deal")
			return d
		}, "forecast/wind"},
		"too few periods": {"park1", func() vault.Deal {
			return park.Deal(vault.Forecast, day, 3, zero[:2], zero[:2], zero[:2], zero[:2])
		}, "2 periods"},
		"unknown kind":       {"park1", func() vault.Deal { d := good(); d.Kind = "guess"; return d }, `"guess"`},
		"day without tariff": {"park1", func() vault.Deal { d := good(); d.Day++; return d }, "no tariff"},
		"reading before the day's end": {"park1", func() vault.Deal {
			return park.Deal(vault.Reading, day, 1, zero, zero)
		}, "before its end"},
		"without channels": {"park9", good, "no channels"},
	} {
		err := vault.HandleDeal(l.Context(test.sender), test.body())
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v: expected an error with %q", name, err, test.says)
		}
	}
}

// The counters of a dealer's deals rise over all its days and kinds: no two
// deals can share their keys.
func TestCountersRise(t *testing.T) {
	l := dealing(t)
	zero := contracttest.Constant(periods, 0)
	park := l.Parks["park1"]
	older := park.Deal(vault.Forecast, day, 2, zero, zero, zero, zero)
	newer := park.Deal(vault.Forecast, day, 1, zero, zero, zero, zero)
	l.Must(vault.HandleDeal(l.Context("park1"), newer))
	if err := vault.HandleDeal(l.Context("park1"), older); err == nil || !strings.Contains(err.Error(), "counter") {
		t.Errorf("a deal that was sealed before the last one: %v", err)
	}
}

func TestReadingsComeBetweenTheDaysEndAndTheirGate(t *testing.T) {
	l := dealing(t)
	zero := contracttest.Constant(periods, 0)
	published, _ := tariff.Load(l.State, day)
	for i, test := range []struct {
		now   int64
		taken bool
	}{
		{published.End - 1, false},
		{published.End, true},
		{published.End + contracttest.ReadingLag - 1, true},
		{published.End + contracttest.ReadingLag, false},
	} {
		l.Now = test.now
		version := uint32(i + 1)
		err := vault.HandleDeal(l.Context("park1"), l.Parks["park1"].Deal(vault.Reading, day, version, zero, zero))
		if (err == nil) != test.taken {
			t.Errorf("reading %d s after the day's end: %v", test.now-published.End, err)
		}
	}
}

func TestDealNeedsChannelsThatAQuorumHasAcknowledged(t *testing.T) {
	l := contracttest.New(t, 3, parkNames...)
	buy, sell := contracttest.Prices(periods)
	l.Publish(day, tariff.Workday, buy, sell)
	l.Parks["park1"].OpenChannels(1, 2, 3)
	l.Parks["park2"].OpenChannels(1, 2, 3, 5)
	zero := contracttest.Constant(periods, 0)
	for name, taken := range map[string]bool{"park1": false, "park2": true} {
		err := vault.HandleDeal(l.Context(name), l.Parks[name].Deal(vault.Forecast, day, 1, zero, zero, zero, zero))
		if (err == nil) != taken {
			t.Errorf("%s: %v", name, err)
		}
	}
}
