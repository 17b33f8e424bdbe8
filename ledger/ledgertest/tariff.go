package ledgertest

import (
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
)

const secondsOfDay = 86_400

// zone is that of the reference case, where no clock is ever changed.
var zone = time.FixedZone("CST", 8*3600)

// DayOf is the civil day of a Unix time in the reference case's zone.
func DayOf(at int64) uint32 {
	_, offset := time.Unix(at, 0).In(zone).Zone()
	return uint32((at + int64(offset)) / secondsOfDay)
}

// EvenTariff is a workday's tariff with the same prices all day.
func EvenTariff(start int64, periods, minutes, buy, sell int) tariff.Tariff {
	prices := energy.Tariff{}
	for range periods {
		prices.Buy = append(prices.Buy, energy.Price(buy))
		prices.Sell = append(prices.Sell, energy.Price(sell))
	}
	return DayTariff(start, minutes, prices)
}

// DayTariff is a workday's tariff that begins at start.
func DayTariff(start int64, minutes int, prices energy.Tariff) tariff.Tariff {
	t := tariff.Tariff{Day: DayOf(start), Kind: tariff.Workday, Buy: prices.Buy, Sell: prices.Sell}
	t.Date = tariff.Date(t.Day)
	for period := range prices.Buy {
		t.Starts = append(t.Starts, start+int64(period*minutes)*60)
	}
	t.End = start + int64(len(prices.Buy)*minutes)*60
	return t
}
