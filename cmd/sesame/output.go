package main

import (
	"fmt"
	"io"
)

// output is standard output. It remembers the first write that failed, so that
// no command, however it prints, ends well where its answer did not arrive.
type output struct {
	io.Writer
	failed error
}

// Write implements io.Writer.
func (o *output) Write(text []byte) (int, error) {
	n, err := o.Writer.Write(text)
	if err != nil && o.failed == nil {
		o.failed = err
	}
	return n, err
}

// arrived adds to what a command returned that its output was not written.
func (o *output) arrived(err error) error {
	if err != nil || o.failed == nil {
		return err
	}
	return fmt.Errorf("standard output: %w", o.failed)
}
