package energy

import (
	"errors"
	"math"
)

// Errors of ParseDecimal.
var (
	errNotDecimal    = errors.New("not a decimal number")
	errDecimalTooBig = errors.New("number too large")
)

// maxDecimalText and maxExponent bound what ParseDecimal looks at.
const (
	maxDecimalText = 400
	maxExponent    = 400
)

// ParseDecimal reads a decimal number, as spreadsheets and pandas write it
// (12, -0.5, .5, 1.25e-3), without going through floating point, and gives it
// in units of 10^-decimals, rounded half away from zero. exact says that
// nothing was rounded.
func ParseDecimal(text string, decimals int) (units int64, exact bool, err error) {
	if len(text) > maxDecimalText {
		return 0, false, errNotDecimal
	}
	number, err := scanDecimal(text)
	if err != nil {
		return 0, false, err
	}
	units, exact, ok := number.scaled(decimals)
	if !ok {
		return 0, false, errDecimalTooBig
	}
	if number.negative {
		units = -units
	}
	return units, exact, nil
}

// decimal is a number taken apart: the digits, without point, times 10^-point.
type decimal struct {
	negative bool
	digits   string // may hold one '.', which does not count
	point    int    // digits behind the point, less the exponent
}

func scanDecimal(text string) (decimal, error) {
	var d decimal
	i := 0
	if i < len(text) && (text[i] == '+' || text[i] == '-') {
		d.negative = text[i] == '-'
		i++
	}
	start, digits, seenPoint := i, 0, false
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
			if seenPoint {
				d.point++
			}
			continue
		case c == '.' && !seenPoint:
			seenPoint = true
			continue
		}
		break
	}
	d.digits = text[start:i]
	if digits == 0 {
		return d, errNotDecimal
	}
	if i < len(text) {
		exponent, err := scanExponent(text[i:])
		if err != nil {
			return d, err
		}
		d.point -= exponent
	}
	return d, nil
}

func scanExponent(text string) (int, error) {
	if text[0] != 'e' && text[0] != 'E' {
		return 0, errNotDecimal
	}
	text = text[1:]
	negative := false
	if text != "" && (text[0] == '+' || text[0] == '-') {
		negative = text[0] == '-'
		text = text[1:]
	}
	if text == "" {
		return 0, errNotDecimal
	}
	value := 0
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, errNotDecimal
		}
		value = min(value*10+int(text[i]-'0'), maxExponent)
	}
	if negative {
		value = -value
	}
	return value, nil
}

// scaled gives the magnitude in units of 10^-decimals; ok is false where it
// does not fit.
func (d decimal) scaled(decimals int) (units int64, exact, ok bool) {
	drop := d.point - decimals // digits at the end beyond the last unit
	left := len(d.digits)
	for i := range len(d.digits) {
		if d.digits[i] == '.' {
			left--
		}
	}
	exact = true
	roundUp := false
	for i := range len(d.digits) {
		if d.digits[i] == '.' {
			continue
		}
		digit := int64(d.digits[i] - '0')
		switch {
		case left > drop:
			if units > (math.MaxInt64-digit)/10 {
				return 0, false, false
			}
			units = units*10 + digit
		case digit != 0:
			exact = false
			roundUp = roundUp || left == drop && digit >= 5
		}
		left--
	}
	for ; drop < 0 && units != 0; drop++ {
		if units > math.MaxInt64/10 {
			return 0, false, false
		}
		units *= 10
	}
	if roundUp {
		if units == math.MaxInt64 {
			return 0, false, false
		}
		units++
	}
	return units, exact, true
}
