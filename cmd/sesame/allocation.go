package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/planfile"
	"github.com/sesame-energy/sesame/schedule/shapley"
)

// allocate puts Shapley values beside the bills of a plan, with a bar for
// people who watch.
func allocate(c *energy.Case, ledger bool, document *planfile.Document, words io.Writer) error {
	var progress func(done float64)
	if terminal(words) {
		bar := newBar(words)
		defer bar.clear()
		progress = func(done float64) { bar.show(done, "planning coalitions") }
	}
	values, err := shapley.Of(c, ledger, progress)
	if errors.As(err, new(*shapley.NoPlan)) {
		return notSo(fmt.Errorf("%s: %w", c.Name, err))
	}
	if err != nil {
		return badInput(fmt.Errorf("%s: %w", c.Name, err))
	}
	document.Allocate(values.Parks, values.Errors, values.Alone, c.Horizon.Minutes)
	return nil
}
