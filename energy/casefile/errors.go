package casefile

import (
	"fmt"
	"strings"
	"unicode"
)

// Error is bad input: it says where it stands and what was expected.
type Error struct {
	File     string // path of the file
	Line     int    // 1-based, 0 where it concerns no line
	Field    string // key (storage.power_kw) or column (park1.load), may be empty
	Expected string // value and expectation, or what went wrong
	Cause    error  // the error underneath, may be nil
}

func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&text, ":%d", e.Line)
	}
	if e.Field != "" {
		text.WriteString(": " + shownField(e.Field))
	}
	text.WriteString(": " + e.Expected)
	return text.String()
}

func (e *Error) Unwrap() error { return e.Cause }

// Note is something that a reader of the case should know though it is no
// error.
type Note struct{ Text string }

// mostShown is how many bytes of a text from a file an error shows.
const mostShown = 60

// quote shows a value from a file, shortened.
func quote(value string) string {
	if len(value) > mostShown {
		value = value[:mostShown] + "..."
	}
	return fmt.Sprintf("%q", value)
}

// shownField shows a key or column as it is, or quoted where it would fill or
// disturb a terminal.
func shownField(field string) string {
	if len(field) > 2*mostShown || strings.ContainsFunc(field, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return quote(field)
	}
	return field
}
