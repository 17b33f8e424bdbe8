package park

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/field"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	sealing "github.com/sesame-energy/sesame/vault"
)

func openTestRecords(t testing.TB, home string) *records {
	t.Helper()
	kept, err := openRecords(home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.close() })
	return kept
}

func TestReadingDeliveredTwiceCountsOnce(t *testing.T) {
	kept := openTestRecords(t, t.TempDir())
	at := time.Unix(1_721_000_000, 0)
	for _, power := range []energy.Watt{100, 100, 999} {
		if err := kept.addReading(Load, field.Reading{Time: at, Power: power}); err != nil {
			t.Fatal(err)
		}
	}
	if err := kept.addReading(PV, field.Reading{Time: at, Power: 7}); err != nil {
		t.Fatal(err)
	}
	got, err := kept.readings(Load, at, at.Add(time.Second))
	if err != nil || len(got) != 1 || got[0].Power != 100 {
		t.Fatalf("%v, %v: expected the first value once", got, err)
	}
}

func TestReadingsComeInOrderOfTimeWhateverTheOrderOfArrival(t *testing.T) {
	kept := openTestRecords(t, t.TempDir())
	base := time.Unix(1_721_000_000, 0)
	for _, second := range []int{30, 10, 20, 60, 0} {
		if err := kept.addReading(Load, field.Reading{Time: base.Add(time.Duration(second) * time.Second), Power: energy.Watt(second)}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := kept.readings(Load, base, base.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	var powers []energy.Watt
	for _, reading := range got {
		powers = append(powers, reading.Power)
	}
	if want := []energy.Watt{0, 10, 20, 30}; !reflect.DeepEqual(powers, want) {
		t.Fatalf("%v, expected %v", powers, want)
	}
}

func TestCountersAreNeverGivenTwice(t *testing.T) {
	home := t.TempDir()
	seen := map[uint64]bool{}
	var secret []byte
	take := func(kept *records, count, least uint64) {
		t.Helper()
		got, first, err := kept.dealer(count, least)
		if err != nil {
			t.Fatal(err)
		}
		if secret == nil {
			secret = got
		}
		if !reflect.DeepEqual(secret, got) || len(got) != secretSize {
			t.Fatal("the dealer's secret has changed")
		}
		for counter := first; counter < first+count; counter++ {
			if seen[counter] || counter <= least {
				t.Fatalf("counter %d was given before, or is not above %d", counter, least)
			}
			seen[counter] = true
		}
	}
	kept := openTestRecords(t, home)
	take(kept, 4, 0)
	take(kept, 2, 0)
	if err := kept.close(); err != nil {
		t.Fatal(err)
	}
	restarted := openTestRecords(t, home)
	take(restarted, 4, 0)
	take(restarted, 2, 100) // the ledger is ahead: an older copy of the folder was restored
	take(restarted, 4, 50)
}

func TestCountersAreNeverGivenTwiceAtOnce(t *testing.T) {
	kept := openTestRecords(t, t.TempDir())
	var mutex sync.Mutex
	var group sync.WaitGroup
	seen := map[uint64]bool{}
	for range 20 {
		group.Go(func() {
			_, first, err := kept.dealer(3, 0)
			mutex.Lock()
			defer mutex.Unlock()
			if err != nil || seen[first] {
				t.Errorf("counter %d again, or %v", first, err)
			}
			seen[first] = true
		})
	}
	group.Wait()
}

func TestForecastChangesOnlyWhereItDiffers(t *testing.T) {
	kept := openTestRecords(t, t.TempDir())
	forecast := field.Forecast{Date: "2024-07-15", Load: []energy.Watt{1, 2}, PV: []energy.Watt{0, 0}, Wind: []energy.Watt{3, 3}}
	for i, want := range []bool{true, false} {
		if changed, err := kept.setForecast(forecast); err != nil || changed != want {
			t.Fatalf("time %d: changed %v, %v", i+1, changed, err)
		}
	}
	forecast.Load = []energy.Watt{1, 9}
	if changed, err := kept.setForecast(forecast); err != nil || !changed {
		t.Fatalf("changed %v, %v", changed, err)
	}
	got, found, err := kept.forecast("2024-07-15")
	if err != nil || !found || !reflect.DeepEqual(got, forecast) {
		t.Fatalf("%v %v %v", got, found, err)
	}
}

// testKeepers is a committee of five with the keys of package ledgertest.
func testKeepers(t *testing.T) sealing.Committee {
	t.Helper()
	keepers := sealing.Committee{Chain: "test", Epoch: 1, Threshold: 3}
	for index, name := range []string{"member1", "member2", "member3", "member4", "member5"} {
		public := ledgertest.NewParty(name).Public(t)
		keepers.Keepers = append(keepers.Keepers, sealing.Keeper{Index: uint8(index + 1), Key: public.SealingKey})
	}
	return keepers
}

func TestErasedDaysCanNotBeOpenedAndOthersCan(t *testing.T) {
	kept := openTestRecords(t, t.TempDir())
	set, err := offerChannels(testKeepers(t), "park1", 100, 10)
	set.Number = 3
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.keepChannels(set); err != nil {
		t.Fatal(err)
	}
	for _, day := range []uint32{103, 104} {
		if err := kept.keepSealed(sealedSeries{
			Kind: contract.Reading, Day: day, Version: 1, Values: [][]uint64{{1}, {0}}, Parts: [][]byte{{1}, {2}}, Proof: []byte{5}, Openings: [][]byte{{3}, {4}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := kept.eraseThrough(103); err != nil {
		t.Fatal(err)
	}
	after, found, err := kept.channelsNumbered(3)
	if err != nil || !found || len(after.Keys) != 5 {
		t.Fatalf("%v, %v", found, err)
	}
	for _, keys := range after.Keys {
		if keys.Has(103) || !keys.Has(104) {
			t.Fatal("keys of days through 103 should be gone, those of 104 there")
		}
	}
	erased, _, err := kept.sealed(contract.Reading, 103, 1)
	if err != nil || len(erased.Openings) != 0 || len(erased.Values) != 2 {
		t.Fatalf("openings %v, values %v, %v", erased.Openings, erased.Values, err)
	}
	if open, _, err := kept.sealed(contract.Reading, 104, 1); err != nil || len(open.Openings) != 2 {
		t.Fatalf("openings %v, %v", open.Openings, err)
	}
	if err := kept.eraseThrough(50); err != nil { // before the channels: nothing to erase
		t.Fatal(err)
	}
	if err := kept.eraseThrough(200); err != nil { // beyond them
		t.Fatal(err)
	}
}

func TestDatabaseIsTheOwnersOnly(t *testing.T) {
	home := t.TempDir()
	openTestRecords(t, home)
	info, err := os.Stat(filepath.Join(home, "park.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
}

func TestChannelsEndWithTheMonth(t *testing.T) {
	for date, want := range map[string]int{"2024-07-15": 17, "2024-07-31": 1, "2024-02-01": 29, "2023-12-31": 1, "2024-08-01": 31} {
		day, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		if got := daysLeftInMonth(uint32(day.Unix() / secondsPerDay)); got != want {
			t.Errorf("%s: %d days left, expected %d", date, got, want)
		}
	}
}

func TestSeriesBeyondTheRegisteredCapacityAreNamed(t *testing.T) {
	park := func(surplus, deficit energy.Watt) committee.Park {
		return committee.Park{SurplusCapacity: surplus, DeficitCapacity: deficit}
	}
	s := series{Load: []energy.Watt{5, 0}, PV: []energy.Watt{0, 9}, Wind: []energy.Watt{0, 0}}
	for _, test := range []struct {
		registered committee.Park
		want       string
	}{
		{park(9, 5), ""}, {park(8, 5), "surplus of 9 W in period 2"}, {park(9, 4), "deficit of 5 W in period 1"},
	} {
		if got := exceeds(s, test.registered); !strings.HasPrefix(got, test.want) || (got == "") != (test.want == "") {
			t.Errorf("%+v: %q, expected %q", test.registered, got, test.want)
		}
	}
}
