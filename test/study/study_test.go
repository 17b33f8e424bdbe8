package main

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/energy"
)

const referenceCase = "../../cases/reference"

// synthetic is a year of a load that works by day and of a sun, in hours, and
// the load once more in quarter hours.
func synthetic(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	var hourly, quarterly strings.Builder
	hourly.WriteString("hour,load_pu,pv_pu,wind_pu\n")
	quarterly.WriteString("time,load_pu\n")
	for hour := range hours {
		at, day := hour%24, hour/24%7
		load, sun := 0.3, math.Max(0, math.Sin(math.Pi*float64(at-6)/12))
		if at >= 8 && at < 18 && day < 5 {
			load = 0.9
		}
		wind := 0.5 + 0.5*math.Sin(float64(hour)/17)
		hourly.WriteString(strconv.Itoa(hour) + "," + number(load) + "," + number(sun) + "," + number(wind) + "\n")
		for range 4 {
			quarterly.WriteString("x," + number(load) + "\n")
		}
	}
	for name, text := range map[string]string{"hourly.csv": hourly.String(), "quarterly.csv": quarterly.String()} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) }

func TestStudyOfSyntheticProfilesGoesThrough(t *testing.T) {
	var out strings.Builder
	if err := study(&out, options{synthetic(t), referenceCase, 2, 10_000, 1}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hourly.csv pv_pu", "quarterly.csv load_pu", "| 20 |", "Padding of up to 10 kW costs"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// Hours of which the answer is known: three parks, the learner is the first.
func TestValuesAreLearnedExactlyWhereNothingElseIsUnknown(t *testing.T) {
	for name, test := range map[string]struct {
		surplus, deficit [3]energy.Watt
		forecast, padded tally // of park 1; the forecast's are both sides
	}{
		"one of the others on each side": {
			[3]energy.Watt{0, 5, 0},
			[3]energy.Watt{7, 0, 4},
			tally{values: 2, exact: 2, zeros: 2},
			tally{values: 2, zeros: 2},
		},
		"both on one side": {
			[3]energy.Watt{9, 0, 0},
			[3]energy.Watt{0, 3, 4},
			tally{values: 2, zeros: 2, sure: 2},
			tally{values: 2, zeros: 2},
		},
		"one of the others has nothing": {
			[3]energy.Watt{0, 0, 0},
			[3]energy.Watt{1, 0, 4},
			tally{values: 1, exact: 1, zeros: 3, sure: 2},
			tally{values: 1, exact: 1, zeros: 3},
		},
	} {
		c := community{make([][]energy.Watt, 3), make([][]energy.Watt, 3)}
		for i := range 3 {
			c.surplus[i], c.deficit[i] = []energy.Watt{test.surplus[i]}, []energy.Watt{test.deficit[i]}
		}
		own := func(park int) bool { return park == 0 }
		var forecast, padded tally
		forecast.observe(c.surplus, 0, own)
		forecast.observe(c.deficit, 0, own)
		padded.observePadded(c, 0, own)
		if forecast != test.forecast {
			t.Errorf("%s: %+v, want %+v", name, forecast, test.forecast)
		}
		if padded != test.padded {
			t.Errorf("%s, padded: %+v, want %+v", name, padded, test.padded)
		}
	}
}

// Two of three parks learn all of the third, whatever is padded: no sum of
// three can hide one from the two others.
func TestAllButOneParkLearnTheLast(t *testing.T) {
	p, err := readProfiles(synthetic(t))
	if err != nil {
		t.Fatal(err)
	}
	drawn := draw(p, 3, 2, rand.New(rand.NewPCG(1, 1)))
	var open, hidden learners
	for hour := range hours {
		open.observe(drawn.surplus, hour)
		open.observe(drawn.deficit, hour)
		hidden.observePadded(drawn, hour)
	}
	for name, l := range map[string]learners{"open": open, "padded": hidden} {
		if l.two.values == 0 || l.two.exact != l.two.values {
			t.Errorf("%s: two parks learn %v of %v values of the third", name, l.two.exact, l.two.values)
		}
		if l.outsider.exact > l.park.exact {
			t.Errorf("%s: an outsider learns more than a park", name)
		}
	}
	if hidden.park.exact >= open.park.exact {
		t.Errorf("padding hides nothing: %v of %v values, %v without it", hidden.park.exact, hidden.park.values, open.park.exact)
	}
}

func TestPaddingRaisesBothSidesByTheSame(t *testing.T) {
	p, err := readProfiles(synthetic(t))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 1))
	drawn := draw(p, 3, 1, random)
	shown := drawn.padded(10_000, random)
	for i := range drawn.surplus {
		for hour := range hours {
			raised := shown.surplus[i][hour] - drawn.surplus[i][hour]
			if raised < 0 || raised > 10_000 || shown.deficit[i][hour]-drawn.deficit[i][hour] != raised {
				t.Fatalf("park %d, hour %d: raised by %d and %d", i, hour, raised, shown.deficit[i][hour]-drawn.deficit[i][hour])
			}
		}
	}
}

func TestBadProfilesAreNamed(t *testing.T) {
	year := "load_pu,pv_pu\n" + strings.Repeat("1,1\n", hours)
	for name, test := range map[string]struct{ text, want string }{
		"short":     {"load_pu,pv_pu\n1,1\n", "1 rows"},
		"no number": {strings.Replace(year, "1,1\n", "x,1\n", 1), "hour 0"},
		"negative":  {strings.Replace(year, "1,1\n", "-1,1\n", 1), "hour 0"},
		"no load":   {strings.Replace(year, "load_pu", "price", 1), "load_pu"},
		"empty":     {"", "empty"},
	} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "p.csv"), []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readProfiles(folder); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want words with %q", name, err, test.want)
		}
	}
	var out strings.Builder
	for name, o := range map[string]options{
		"no profiles":       {t.TempDir(), referenceCase, 1, 10_000, 1},
		"no case":           {synthetic(t), t.TempDir(), 1, 10_000, 1},
		"no padding":        {synthetic(t), referenceCase, 1, 0, 1},
		"no communities":    {synthetic(t), referenceCase, 1, 10_000, 0},
		"no generation":     {synthetic(t), referenceCase, 0, 10_000, 1},
		"absurd generation": {synthetic(t), referenceCase, 1e9, 10_000, 1},
	} {
		if err := study(&out, o); err == nil || out.Len() > 0 {
			t.Errorf("%s: error %v, printed %q", name, err, out.String())
		}
	}
}
