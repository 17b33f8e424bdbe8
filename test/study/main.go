// Command study counts what the community's opened sums tell about single
// parks, by the number of parks, with and without padding, and what padding
// costs. docs/threat-model.md has its table for a year of measured profiles.
//
//	go run ./test/study [-case cases/reference] [-padding-kw 10] [-generation 1] [-communities 40] DIR
//
// DIR holds CSV files with columns that end in load_pu, pv_pu or wind_pu: power
// per unit of peak or capacity, a whole year in hours or parts of hours. From
// these it draws communities of 3, 5, 8 and 20 parks, with a fixed seed: each
// park has a load, and most have PV or wind (community.go). The case gives
// tariff and storage, which grows with the number of parks.
//
// A learner learns a value EXACTLY where it is the only one of the values it
// does not know that is not zero: the sum less what it knows is then the value.
// That supposes a learner who knows which parks have surplus and which have
// deficit in a period (sun, wind and working hours tell much of that), so it
// counts too much rather than too little. Values of zero are counted apart:
// they are certain, without any supposition, where the sum less what the
// learner knows is zero. Padding raises both sides of a park by the same, so
// only a value that is alone on both sides together is exact then.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
)

var sizes = []int{3, 5, 8, 20}

// options says what is studied.
type options struct {
	profiles, casePath string
	generation         float64
	padding            energy.Watt
	communities        int // of three parks; of others as many as have as many parks
}

// paddings is how often the case's own day is padded anew.
func (o options) paddings() int { return 25 * o.communities }

func (o options) check() error {
	if o.padding <= 0 || !(o.generation > 0 && o.generation <= 100) || o.communities < 1 {
		return fmt.Errorf("padding %d W, generation %g, %d communities: expected more than 0, at most 100, at least 1", o.padding, o.generation, o.communities)
	}
	return nil
}

func main() {
	var o options
	flag.StringVar(&o.casePath, "case", "cases/reference", "case with tariff and storage")
	flag.Float64Var(&o.generation, "generation", 1, "how large the parks' generation is, times the usual")
	flag.IntVar(&o.communities, "communities", 40, "how many communities of three parks are drawn")
	kilowatts := flag.Int("padding-kw", 10, "greatest padding of a park and period, kW")
	flag.Parse()
	o.profiles, o.padding = flag.Arg(0), energy.Watt(*kilowatts)*1000
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "study: expected flags, then one folder with profiles")
		os.Exit(2)
	}
	if err := study(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "study:", err)
		os.Exit(1)
	}
}

func study(out io.Writer, o options) error {
	if err := o.check(); err != nil {
		return err
	}
	profiles, err := readProfiles(o.profiles)
	if err != nil {
		return err
	}
	c, _, err := casefile.Load(o.casePath)
	if err != nil {
		return err
	}
	if c.Horizon.Periods != 24 || c.Horizon.Minutes != 60 {
		return fmt.Errorf("%s: %d periods of %d minutes: expected a day of hours", o.casePath, c.Horizon.Periods, c.Horizon.Minutes)
	}
	fmt.Fprintf(out, "%v\n%d communities of three parks, seed %d, %d hours each, generation times %g.\n\n", profiles, o.communities, seed, hours, o.generation)
	if err := tellings(out, profiles, c, o); err != nil {
		return err
	}
	return padded(out, profiles, c, o)
}
