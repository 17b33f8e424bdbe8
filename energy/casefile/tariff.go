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

// readTariff reads a CSV file with the columns time, buy and sell in any
// order, currency per kWh, one row per period of the horizon.
func (c *reading) readTariff(file string) error {
	t, err := openTable(file)
	if err != nil {
		return err
	}
	defer t.close()
	place := map[string]int{"time": -1, "buy": -1, "sell": -1}
	for i, name := range t.columns {
		if _, known := place[name]; !known {
			return t.fail(name, "unknown column, expected time, buy and sell")
		}
		place[name] = i
	}
	for _, name := range []string{"time", "buy", "sell"} {
		if place[name] < 0 {
			return t.fail(name, "column is missing")
		}
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
		if err := checkTime(t.row[place["time"]], c.horizon, period, c.zone); err != nil {
			return t.fail("time", err.Error())
		}
		buy, err := price(t, "buy", t.row[place["buy"]])
		if err != nil {
			return err
		}
		sell, err := price(t, "sell", t.row[place["sell"]])
		if err != nil {
			return err
		}
		if buy < sell {
			return t.fail("buy", fmt.Sprintf("%s is below sell %s, expected buy at or above sell", t.row[place["buy"]], t.row[place["sell"]]))
		}
		c.tariff.Buy, c.tariff.Sell = append(c.tariff.Buy, buy), append(c.tariff.Sell, sell)
	}
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
