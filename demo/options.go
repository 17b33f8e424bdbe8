package demo

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/energy/days"
)

// Pace of a demo.
const (
	defaultPeriod = 5 * time.Second // how long a period lasts
	shortest      = time.Second     // period in which signal and outcome still fit
	fastest       = 1440            // factor at which a round still fits between the gate and the day
)

// Options say what to live through.
type Options struct {
	CasePath string       // a case folder or case.yaml
	Days     int          //
	Speed    float64      // times the default pace
	Noise    float64      // standard deviation of the readings around the forecast, relative
	Dir      string       // folder of the network; "" for one that goes when the demo ends
	Keep     bool         // go on with what Dir holds
	Headless bool         // no page
	Disclose string       // the park whose load of the last day is opened by vote in the end, "" for none
	Figures  string       // folder for the figure of what was disclosed; "": plots, in Dir where there is one
	Progress func(Moment) // is told what happens; never nil
}

// BadInput is an option or a case that cannot be lived through.
type BadInput struct{ Err error }

// Error implements error.
func (b *BadInput) Error() string { return b.Err.Error() }

// Unwrap gives the reason.
func (b *BadInput) Unwrap() error { return b.Err }

// story is a case with what the options make of it.
type story struct {
	options Options
	c       *energy.Case
	days    *days.Days
	factor  int64
}

// prepare checks options and case.
func prepare(options Options) (*story, error) {
	c, _, err := casefile.Load(options.CasePath)
	if err != nil {
		return nil, err
	}
	cut, err := days.Of(c)
	if err != nil {
		return nil, &BadInput{err}
	}
	if len(c.Parks) < 3 {
		return nil, &BadInput{fmt.Errorf("case %s has %d parks: expected at least three, with fewer a sum is no secret", c.Name, len(c.Parks))}
	}
	if options.Days < 1 {
		return nil, &BadInput{fmt.Errorf("%d days: expected at least 1", options.Days)}
	}
	if options.Noise < 0 || options.Noise > 1 || math.IsNaN(options.Noise) {
		return nil, &BadInput{fmt.Errorf("noise %v: expected 0 to 1, 0.02 is 2%%", options.Noise)}
	}
	if options.Figures == "" {
		options.Figures = filepath.Join(options.Dir, "plots") // a folder that goes when the demo ends keeps no figure
	}
	told := &story{options: options, c: c, days: cut}
	if err := told.disclosedPark(); err != nil {
		return nil, err
	}
	return told, told.setPace()
}

// setPace derives the clock's factor from the speed. Who asks for more than a
// round can keep up with gets as much as it can.
func (s *story) setPace() error {
	speed, length := s.options.Speed, s.c.Horizon.Length()
	if !(speed > 0) {
		return &BadInput{fmt.Errorf("speed %v: expected a number above 0", speed)}
	}
	factor := speed * float64(length/defaultPeriod)
	s.factor = int64(math.Round(min(factor, fastest)))
	if s.factor < 1 {
		return &BadInput{errors.New("speed: ledger time cannot run slower than the world's")}
	}
	s.factor = min(s.factor, int64(length/shortest))
	return nil
}
