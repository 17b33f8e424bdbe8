package casefile

import (
	"fmt"
	"strings"

	"github.com/sesame-energy/sesame/energy"
)

// maxPower bounds a value of a series, W: a terawatt.
const maxPower = 1_000_000_000_000

// column is where a column of the series goes.
type column struct {
	name     string
	park     *energy.Park
	values   *[]energy.Watt
	capacity energy.Watt // NoLimit where none is stated
	key      string      // key of the capacity
}

// readSeries fills the parks' series from a CSV file with the columns time and
// <park>.load, <park>.pv, <park>.wind in any order. It gives the number of
// periods and how many values were rounded to whole watts.
func (c *reading) readSeries(file string) error {
	t, err := openTable(file)
	if err != nil {
		return err
	}
	defer t.close()
	columns, clock, err := seriesColumns(t, c.parks)
	if err != nil {
		return err
	}
	for {
		more, err := t.next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if c.horizon.Periods == energy.MaxPeriods {
			return &Error{File: file, Line: t.line, Expected: fmt.Sprintf("more than %d periods", energy.MaxPeriods)}
		}
		if err := checkTime(t.row[clock], c.horizon, c.horizon.Periods, c.zone); err != nil {
			return t.fail("time", err.Error())
		}
		for i, column := range columns {
			if column.park == nil {
				continue
			}
			value, err := c.power(t, column, t.row[i])
			if err != nil {
				return err
			}
			*column.values = append(*column.values, value)
		}
		c.horizon.Periods++
	}
	if c.horizon.Periods == 0 {
		return &Error{File: file, Expected: "no rows, expected one per period"}
	}
	c.fillAbsent()
	return nil
}

func seriesColumns(t *table, parks []energy.Park) (columns []column, clock int, err error) {
	columns, clock = make([]column, len(t.columns)), -1
	byName := map[string]column{}
	for i := range parks {
		park := &parks[i]
		for _, known := range []column{
			{park.Name + ".load", park, &park.Load, energy.NoLimit, ""},
			{park.Name + ".pv", park, &park.PV, park.PVCapacity, "pv_capacity_kw"},
			{park.Name + ".wind", park, &park.Wind, park.WindCapacity, "wind_capacity_kw"},
		} {
			byName[known.name] = known
		}
	}
	found := map[string]bool{}
	for i, name := range t.columns {
		known, ok := byName[name]
		switch {
		case name == "time":
			clock = i
		case ok:
			columns[i] = known
		default:
			return nil, 0, t.fail(name, "unknown column, expected time and <park>.load, <park>.pv, <park>.wind of "+names(parks))
		}
		found[name] = true
	}
	if clock < 0 {
		return nil, 0, t.fail("time", "column is missing")
	}
	for i := range parks {
		if name := parks[i].Name + ".load"; !found[name] {
			return nil, 0, t.fail(name, "column is missing")
		}
	}
	return columns, clock, nil
}

func names(parks []energy.Park) string {
	const most = 8
	list := make([]string, 0, most)
	for i := range parks {
		if i == most {
			list = append(list, "...")
			break
		}
		list = append(list, parks[i].Name)
	}
	return strings.Join(list, ", ")
}

// power reads one value of a series, kW, as whole watts.
func (c *reading) power(t *table, column column, text string) (energy.Watt, error) {
	units, exact, err := energy.ParseDecimal(text, 3)
	switch {
	case text == "":
		return 0, t.fail(column.name, "empty, expected a number (kW)")
	case err != nil:
		return 0, t.fail(column.name, fmt.Sprintf("%s, expected a number (kW)", quote(text)))
	case units < 0 || strings.HasPrefix(text, "-") && !exact:
		return 0, t.fail(column.name, fmt.Sprintf("%s kW, expected 0 or more", text))
	case units > maxPower:
		return 0, t.fail(column.name, fmt.Sprintf("%s kW, expected at most %d", text, int64(maxPower/1000)))
	}
	value := energy.Watt(units)
	if column.capacity != energy.NoLimit && value > column.capacity {
		return 0, t.fail(column.name, fmt.Sprintf("%s kW is above the stated %s of %s", text, column.key, kilowatts(column.capacity)))
	}
	if !exact {
		c.rounded++
	}
	return value, nil
}

// kilowatts shows whole watts in kW, exactly.
func kilowatts(w energy.Watt) string {
	text := fmt.Sprintf("%d.%03d", w/1000, w%1000)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// fillAbsent gives parks without PV or wind columns series of zeros.
func (c *reading) fillAbsent() {
	for i := range c.parks {
		if c.parks[i].PV == nil {
			c.parks[i].PV = make([]energy.Watt, c.horizon.Periods)
		}
		if c.parks[i].Wind == nil {
			c.parks[i].Wind = make([]energy.Watt, c.horizon.Periods)
		}
	}
}
