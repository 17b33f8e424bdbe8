package main

import (
	"io"

	"github.com/schollz/progressbar/v3"
)

const barSteps = 1000

// bar is a progress bar for long work on a terminal.
type bar struct{ shown *progressbar.ProgressBar }

func newBar(writer io.Writer) *bar {
	return &bar{progressbar.NewOptions(barSteps,
		progressbar.OptionSetWriter(writer), progressbar.OptionSetWidth(40),
		progressbar.OptionEnableColorCodes(true), progressbar.OptionSetPredictTime(true),
	)}
}

// show moves the bar to a fraction of the work, 0..1, with words beside it.
func (b *bar) show(done float64, words string) {
	b.shown.Describe(words)
	_ = b.shown.Set(int(done * barSteps)) // a terminal that is gone: nothing to do
}

// clear makes room for a line; the next show draws the bar anew.
func (b *bar) clear() { _ = b.shown.Clear() }

func (b *bar) end() { _ = b.shown.Finish() }
