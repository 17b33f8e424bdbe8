package main

import "errors"

// Exit codes that scripts rely on.
const (
	exitDone     = 0 // done and true
	exitNotSo    = 1 // what was asked is not so: infeasible, not proven, refused, not settled
	exitBadInput = 2 // wrong usage or bad input
)

// exitError carries the exit code of an error.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// badInput marks an error as wrong usage or bad input.
func badInput(err error) error { return &exitError{exitBadInput, err} }

// notSo marks an error as the answer no.
func notSo(err error) error { return &exitError{exitNotSo, err} }

// exitCode is the exit code of what a command returned; begun says whether the
// command itself ran, so that what cobra finds wrong before is wrong usage.
func exitCode(err error, begun bool) int {
	var marked *exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &marked):
		return marked.code
	case !begun:
		return exitBadInput
	default:
		return exitNotSo
	}
}
