package casefile

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
)

// priceDecimals is how many decimals a price may have, and maxPrice bounds it,
// 1e-6 currency per kWh.
const (
	priceDecimals = 6
	maxPrice      = 1_000_000 * 1_000_000
)

// readTariff reads a CSV file with the columns time, buy and sell and, for each
// park with prices of its own, <park>.buy and <park>.sell, in any order,
// currency per kWh, one row per period of the horizon.
func (c *reading) readTariff(file string) error {
	t, err := openTable(file)
	if err != nil {
		return err
	}
	defer t.close()
	clock, columns, err := c.tariffColumns(t)
	if err != nil {
		return err
	}
	for {
		more, err := t.next()
		if err != nil {
			return err
		}
		period := len(c.tariff.Buy)
		if !more {
			if period < c.horizon.Periods {
				return &Error{File: file, Expected: fmt.Sprintf("%d rows, expected %d as in the series", period, c.horizon.Periods)}
			}
			return nil
		}
		if period == c.horizon.Periods {
			return &Error{File: file, Line: t.line, Expected: fmt.Sprintf("more rows than the %d of the series", c.horizon.Periods)}
		}
		if err := checkTime(t.row[clock], c.horizon, period, c.zone); err != nil {
			return t.fail("time", err.Error())
		}
		for _, column := range columns {
			if err := column.read(t); err != nil {
				return err
			}
		}
	}
}

// priceColumns are two columns of the tariff's table and where they go.
type priceColumns struct {
	prefix    string // "", or "<park>."
	buy, sell int
	into      *energy.Tariff
}

// tariffColumns finds the columns of the header; a park that has any has both.
func (c *reading) tariffColumns(t *table) (clock int, columns []priceColumns, err error) {
	known := map[string]bool{"time": true, "buy": true, "sell": true}
	for _, park := range c.parks {
		known[park.Name+".buy"], known[park.Name+".sell"] = true, true
	}
	place := map[string]int{}
	for i, name := range t.columns {
		if !known[name] {
			return 0, nil, t.fail(name, "unknown column, expected time, buy and sell, or <park>.buy and <park>.sell")
		}
		place[name] = i
	}
	clock, found := place["time"]
	if !found {
		return 0, nil, t.fail("time", "column is missing")
	}
	add := func(prefix string, into *energy.Tariff) error {
		column := priceColumns{prefix: prefix, into: into}
		for _, price := range []struct {
			name string
			at   *int
		}{{prefix + "buy", &column.buy}, {prefix + "sell", &column.sell}} {
			if *price.at, found = place[price.name]; !found {
				return t.fail(price.name, "column is missing")
			}
		}
		columns = append(columns, column)
		return nil
	}
	if err := add("", &c.tariff); err != nil {
		return 0, nil, err
	}
	for i := range c.parks {
		park := &c.parks[i]
		_, buys := place[park.Name+".buy"]
		if _, sells := place[park.Name+".sell"]; !buys && !sells {
			continue
		}
		park.Tariff = new(energy.Tariff)
		if err := add(park.Name+".", park.Tariff); err != nil {
			return 0, nil, err
		}
	}
	return clock, columns, nil
}

// read appends the prices of the row last read.
func (p *priceColumns) read(t *table) error {
	buy, err := price(t, p.prefix+"buy", t.row[p.buy])
	if err != nil {
		return err
	}
	sell, err := price(t, p.prefix+"sell", t.row[p.sell])
	if err != nil {
		return err
	}
	if buy < sell {
		return t.fail(p.prefix+"buy", fmt.Sprintf("%s is below sell %s, expected buy at or above sell", t.row[p.buy], t.row[p.sell]))
	}
	p.into.Buy, p.into.Sell = append(p.into.Buy, buy), append(p.into.Sell, sell)
	return nil
}

func price(t *table, column, text string) (energy.Price, error) {
	units, exact, err := energy.ParseDecimal(text, priceDecimals)
	switch {
	case text == "":
		return 0, t.fail(column, "empty, expected a price")
	case err != nil:
		return 0, t.fail(column, fmt.Sprintf("%s, expected a price", quote(text)))
	case !exact:
		return 0, t.fail(column, fmt.Sprintf("%s has more than %d decimals", quote(text), priceDecimals))
	case units > maxPrice || units < -maxPrice:
		return 0, t.fail(column, fmt.Sprintf("%s, expected at most %d per kWh", quote(text), int64(maxPrice/1_000_000)))
	}
	return energy.Price(units), nil
}
