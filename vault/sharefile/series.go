package sharefile

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sesame-energy/sesame/vault"
)

const header = "time,value"

// Bounds of a series: a year of five-minute values fits.
const (
	MaxRows     = 110_000
	maxTimeText = 100
)

// Series is a power per time. The texts of the times are kept as they are.
type Series struct {
	Times  []string
	Values []uint64 // W, 0..vault.MaxValue
}

// ParseSeries reads a CSV with the header time,value and one line, ended by LF,
// per value: kW with at most three decimals and no needless zeros. Errors name
// the line.
func ParseSeries(text []byte) (*Series, error) {
	lines := bytes.Split(text, []byte("\n"))
	if string(lines[0]) != header {
		return nil, fmt.Errorf("line 1: %s, want the header %s", quoted(lines[0]), header)
	}
	if last := len(lines) - 1; len(lines[last]) > 0 {
		return nil, fmt.Errorf("line %d: does not end with a line feed", last+1)
	}
	rows := lines[1:max(1, len(lines)-1)]
	if len(rows) == 0 {
		return nil, errors.New("line 2: missing, want at least one value")
	}
	if len(rows) > MaxRows {
		return nil, fmt.Errorf("line %d: too many values, want at most %d", MaxRows+2, MaxRows)
	}
	series := &Series{Times: make([]string, len(rows)), Values: make([]uint64, len(rows))}
	for k, row := range rows {
		time, value, err := parseRow(string(row))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", k+2, err)
		}
		series.Times[k], series.Values[k] = time, value
	}
	return series, nil
}

// quoted shows a piece of a file in an error, shortened.
func quoted(text []byte) string {
	if len(text) > 40 {
		return strconv.Quote(string(text[:40])) + "..."
	}
	return strconv.Quote(string(text))
}

func parseRow(row string) (time string, value uint64, err error) {
	time, kilowatts, found := strings.Cut(row, ",")
	if !found || strings.Contains(kilowatts, ",") {
		return "", 0, fmt.Errorf("%s has %d columns, want 2", quoted([]byte(row)), 1+strings.Count(row, ","))
	}
	if err := checkTime(time); err != nil {
		return "", 0, err
	}
	value, err = parseKilowatts(kilowatts)
	return time, value, err
}

// checkTime keeps to texts that come back byte for byte from JSON and CSV.
func checkTime(time string) error {
	switch {
	case time == "" || len(time) > maxTimeText:
		return fmt.Errorf("time of %d bytes, want 1..%d", len(time), maxTimeText)
	case !utf8.ValidString(time):
		return fmt.Errorf("time %s is not UTF-8", quoted([]byte(time)))
	case strings.ContainsFunc(time, func(r rune) bool { return unicode.IsControl(r) || r == '"' || r == ',' }):
		return fmt.Errorf("time %s has a quote, comma or control character", quoted([]byte(time)))
	}
	return nil
}

// parseKilowatts reads the one way of writing a number of whole W in kW.
func parseKilowatts(text string) (uint64, error) {
	wrong := func(expectation string) (uint64, error) {
		return 0, fmt.Errorf("value %s: want %s", quoted([]byte(text)), expectation)
	}
	whole, decimals, point := strings.Cut(text, ".")
	if !digits(whole) || (point && !digits(decimals)) {
		return wrong("kW as digits, a point and at most three decimals")
	}
	if len(whole) > 1 && whole[0] == '0' {
		return wrong("no needless zeros in front")
	}
	if len(decimals) > 3 {
		return wrong("at most three decimals")
	}
	if point && decimals[len(decimals)-1] == '0' {
		return wrong("no needless zeros behind")
	}
	if len(whole) > 7 {
		return wrong("at most 4294967.295")
	}
	watts, err := strconv.ParseUint(whole+decimals+"000"[len(decimals):], 10, 64)
	if err != nil || watts > vault.MaxValue {
		return wrong("at most 4294967.295")
	}
	return watts, nil
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// CSV writes the series as ParseSeries reads it.
func (s *Series) CSV() []byte {
	var out bytes.Buffer
	out.WriteString(header + "\n")
	for k, time := range s.Times {
		out.WriteString(time + "," + kilowatts(s.Values[k]) + "\n")
	}
	return out.Bytes()
}

func kilowatts(watts uint64) string {
	text := fmt.Sprintf("%d.%03d", watts/1000, watts%1000)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
