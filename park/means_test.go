package park

import (
	"errors"
	"math/big"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/field"
)

var hours = energy.Horizon{Start: 1_721_000_000 - 1_721_000_000%3600, Minutes: 60, Periods: 3}

func at(second int64, power energy.Watt) field.Reading {
	return field.Reading{Time: time.Unix(hours.Start+second, 0), Power: power}
}

func TestMeansWeighReadingsByTheirTime(t *testing.T) {
	for _, test := range []struct {
		name     string
		readings []field.Reading
		want     []energy.Watt
		have     []bool
	}{
		{"none", nil, []energy.Watt{0, 0, 0}, []bool{false, false, false}},
		{"one in each", []field.Reading{at(10, 5), at(3600, 6), at(10_799, 7)}, []energy.Watt{5, 6, 7}, []bool{true, true, true}},
		{"half and half", []field.Reading{at(0, 100), at(1800, 200)}, []energy.Watt{150, 0, 0}, []bool{true, false, false}},
		{"the first holds from the period's start", []field.Reading{at(900, 100), at(1800, 200)}, []energy.Watt{150, 0, 0}, []bool{true, false, false}},
		{"bunched readings do not count more", []field.Reading{at(0, 0), at(3597, 300), at(3598, 300), at(3599, 300)}, []energy.Watt{0, 0, 0}, []bool{true, false, false}},
		{"nothing carries over from the period before", []field.Reading{at(0, 100), at(7000, 40)}, []energy.Watt{100, 40, 0}, []bool{true, true, false}},
		{"outside the day", []field.Reading{at(-1, 9), at(4000, 5), at(10_800, 9)}, []energy.Watt{0, 5, 0}, []bool{false, true, false}},
		{"half a watt goes up", []field.Reading{at(0, 1), at(1800, 2)}, []energy.Watt{2, 0, 0}, []bool{true, false, false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, have := means(test.readings, hours)
			if !reflect.DeepEqual(got, test.want) || !reflect.DeepEqual(have, test.have) {
				t.Fatalf("%v %v, expected %v %v", got, have, test.want, test.have)
			}
		})
	}
}

// A mean lies between the least and the largest reading of its period, is that
// reading where all are equal, and comes to the energy over the time, rounded.
func TestMeanIsEnergyOverTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offsets := rapid.SliceOfNDistinct(rapid.Int64Range(0, 3_599_999), 1, 20, rapid.ID).Draw(t, "milliseconds")
		var readings []field.Reading
		slices.Sort(offsets)
		least, largest := field.MaxPower, energy.Watt(0)
		for _, offset := range offsets {
			power := energy.Watt(rapid.Int64Range(0, int64(field.MaxPower)).Draw(t, "power"))
			readings = append(readings, field.Reading{Time: time.UnixMilli(hours.Start*1000 + offset), Power: power})
			least, largest = min(least, power), max(largest, power)
		}
		got, have := means(readings, hours)
		if !have[0] || have[1] || got[0] < least || got[0] > largest {
			t.Fatalf("mean %d of readings from %d to %d", got[0], least, largest)
		}
		sum := new(big.Int)
		for i, reading := range readings {
			from, until := offsets[i], int64(3_600_000)
			if i == 0 {
				from = 0
			}
			if i+1 < len(offsets) {
				until = offsets[i+1]
			}
			sum.Add(sum, new(big.Int).Mul(big.NewInt(int64(reading.Power)), big.NewInt(until-from)))
		}
		off := new(big.Int).Sub(sum, new(big.Int).Mul(big.NewInt(int64(got[0])), big.NewInt(3_600_000)))
		if off.CmpAbs(big.NewInt(1_800_000)) > 0 {
			t.Fatalf("mean %d is off by %v W ms", got[0], off)
		}
	})
}

func TestGapNamesMeterAndPeriod(t *testing.T) {
	kept := openTestRecords(t, t.TempDir())
	for _, reading := range []field.Reading{at(0, 1), at(3600, 2), at(7200, 3)} {
		if err := kept.addReading(Load, reading); err != nil {
			t.Fatal(err)
		}
	}
	if err := kept.addReading(PV, at(0, 9)); err != nil {
		t.Fatal(err)
	}
	_, err := kept.readSeries([]string{Load, PV}, hours)
	if gap := (gapError{}); !errors.As(err, &gap) || gap != (gapError{PV, 1}) {
		t.Fatalf("%v, expected the pv meter in period 2", err)
	}
	got, err := kept.readSeries([]string{Load}, hours)
	if err != nil || !reflect.DeepEqual(got.Load, []energy.Watt{1, 2, 3}) || !reflect.DeepEqual(got.Wind, []energy.Watt{0, 0, 0}) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestSurplusAndDeficitBalanceTheSeries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		power := func(name string) []energy.Watt {
			return []energy.Watt{energy.Watt(rapid.Int64Range(0, 1<<31).Draw(t, name))}
		}
		s := series{power("load"), power("pv"), power("wind")}
		surplus, deficit := s.surplus()[0], s.deficit()[0]
		if surplus-deficit != s.PV[0]+s.Wind[0]-s.Load[0] || min(surplus, deficit) != 0 {
			t.Fatalf("%+v: surplus %d, deficit %d", s, surplus, deficit)
		}
	})
}
