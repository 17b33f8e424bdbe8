package model

import "fmt"

// FieldError says that a problem cannot be computed with: a field is out of
// its range, or so large that exact arithmetic would overflow.
type FieldError struct {
	Field  string // name of the field, as in the case format
	Reason string // value and expectation
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Reason }

// Infeasible says that no plan keeps all limits.
type Infeasible struct {
	Period int    // 0-based period in which no way is left
	Limit  string // the limit that cannot be kept, by its name in the case format
	Reason string // why, in words with values
}

func (e *Infeasible) Error() string {
	return fmt.Sprintf("infeasible in period %d: %s: %s", e.Period+1, e.Limit, e.Reason)
}
