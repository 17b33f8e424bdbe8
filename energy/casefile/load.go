package casefile

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a case names an IANA zone; machines without zone files must know it too

	"golang.org/x/text/currency"

	"github.com/sesame-energy/sesame/energy"
)

// reading is a case while it is being read.
type reading struct {
	folder  string
	zone    *time.Location
	horizon energy.Horizon
	tariff  energy.Tariff
	parks   []energy.Park
	rounded int // values that were rounded
}

// Load reads a case from its folder or its case.yaml. What is wrong with the
// input comes as an *Error.
func Load(path string) (*energy.Case, []Note, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, openError(path, err)
	}
	file := path
	if info.IsDir() {
		file = filepath.Join(path, "case.yaml")
	}
	document, err := readDocument(file)
	if err != nil {
		return nil, nil, err
	}
	c := &reading{folder: filepath.Dir(file)}
	found := c.readKeys(document)
	if err := document.finish(); err != nil {
		return nil, nil, err
	}
	if err := c.readSeries(c.path(found.seriesFile)); err != nil {
		return nil, nil, err
	}
	if err := c.readTariff(c.path(found.tariffFile)); err != nil {
		return nil, nil, err
	}
	if !found.referenceGiven {
		found.sharing.Reference = medianBuyingPrice(c.tariff.Buy)
	}
	return &energy.Case{
		Name: found.name, Currency: found.currency, Location: c.zone,
		Horizon: c.horizon, Tariff: c.tariff, Parks: c.parks, Storage: found.storage, Sharing: found.sharing,
		LocalTrade: found.localTrade, Curtailment: found.curtailment, Import: found.imports,
	}, c.notes(), nil
}

func (c *reading) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.folder, name)
}

func (c *reading) notes() []Note {
	if c.rounded == 0 {
		return nil
	}
	values := "1 value was"
	if c.rounded > 1 {
		values = fmt.Sprintf("%d values were", c.rounded)
	}
	return []Note{{values + " rounded half away from zero (power to whole W, energy to whole Wh, states of charge to 1e-6)"}}
}

// keys is what case.yaml says beside horizon and parks.
type keys struct {
	name, currency         string
	seriesFile, tariffFile string
	storage                energy.Storage
	sharing                energy.Sharing
	referenceGiven         bool
	localTrade             *energy.LocalTrade
	curtailment            bool
	imports                *energy.Import
}

func (c *reading) readKeys(m *mapping) keys {
	k := keys{name: m.text("name"), currency: m.text("currency")}
	if m.err == nil {
		if unit, err := currency.ParseISO(k.currency); err != nil || unit.String() != k.currency {
			m.fail(nil, "currency", fmt.Sprintf("%s, expected a currency of ISO 4217, like CNY", quote(k.currency)))
		}
	}
	c.readClock(m)
	k.seriesFile, k.tariffFile = m.text("series"), m.text("tariff")
	c.readParks(m)
	if storage := m.section("storage", true); storage != nil {
		k.storage = c.readStorage(storage)
		m.keep(storage.finish())
	}
	if sharing := m.section("sharing", false); sharing != nil {
		k.sharing, k.referenceGiven = readSharing(sharing)
		m.keep(sharing.finish())
	}
	k.curtailment = m.boolean("curtailment", false)
	k.imports = c.readImport(m)
	if trade := m.section("local_trade", false); trade != nil {
		k.localTrade = readLocalTrade(trade)
		m.keep(trade.finish())
	}
	return k
}

func (c *reading) readClock(m *mapping) {
	zone, start, period := m.text("timezone"), m.text("start"), m.text("period")
	if m.err != nil {
		return
	}
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		m.fail(nil, "timezone", fmt.Sprintf("%s, expected a zone of the IANA database, like Asia/Shanghai", quote(zone)))
		return
	}
	c.zone = location
	stamp, ok := parseStamp(start)
	if !ok {
		m.fail(nil, "start", fmt.Sprintf("%s, expected a local time like 2024-07-15T00:00", quote(start)))
		return
	}
	if c.horizon.Start, ok = stamp.earliest(location); !ok {
		m.fail(nil, "start", fmt.Sprintf("%s does not exist in %s (the clock skips it)", quote(start), zone))
		return
	}
	if c.horizon.Start%60 != 0 {
		m.fail(nil, "start", fmt.Sprintf("%s, expected a whole minute", quote(start)))
		return
	}
	if c.horizon.Minutes, ok = map[string]int{"15m": 15, "30m": 30, "1h": 60}[period]; !ok {
		m.fail(nil, "period", fmt.Sprintf("%s, expected 15m, 30m or 1h", quote(period)))
	}
}

var parkName = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

func (c *reading) readParks(m *mapping) {
	seen := map[string]bool{}
	for _, entry := range m.list("parks") {
		park := energy.Park{Name: entry.text("name")}
		if entry.err == nil && !parkName.MatchString(park.Name) {
			entry.fail(nil, "name", fmt.Sprintf("%s, expected letters a-z, digits and -, at most 64", quote(park.Name)))
		}
		if seen[park.Name] {
			entry.fail(nil, "name", fmt.Sprintf("%s stands twice", quote(park.Name)))
		}
		seen[park.Name] = true
		park.PVCapacity, park.WindCapacity = c.optionalPower(entry, "pv_capacity_kw"), c.optionalPower(entry, "wind_capacity_kw")
		park.ImportLimit, park.ExportLimit = c.optionalPower(entry, "import_limit_kw"), c.optionalPower(entry, "export_limit_kw")
		m.keep(entry.finish())
		c.parks = append(c.parks, park)
	}
}

func (c *reading) optionalPower(m *mapping, key string) energy.Watt {
	units, present := c.rounding(m, key, false)
	if !present {
		return energy.NoLimit
	}
	return energy.Watt(units)
}

// rounding reads a value in thousands (kW, kWh) as a whole number of W or Wh.
func (c *reading) rounding(m *mapping, key string, required bool) (units int64, present bool) {
	units, exact, present := m.number(key, 3, required)
	if !present {
		return 0, false
	}
	if units < 0 || strings.HasPrefix(shownValue(m, key), "-") && !exact {
		m.fail(nil, key, fmt.Sprintf("%s, expected 0 or more", shownValue(m, key)))
	}
	if units > maxPower {
		m.fail(nil, key, fmt.Sprintf("%s, expected at most %d", shownValue(m, key), int64(maxPower/1000)))
	}
	if !exact {
		c.rounded++
	}
	return units, true
}

func readSharing(m *mapping) (sharing energy.Sharing, referenceGiven bool) {
	reference, exact, given := m.number("reference_value", priceDecimals, false)
	if given && (!exact || reference < 0 || reference > maxPrice) {
		m.fail(nil, "reference_value", fmt.Sprintf("%s, expected 0 or more with at most %d decimals", shownValue(m, "reference_value"), priceDecimals))
	}
	share, exact, present := m.number("operator_share", 6, false)
	if present && (!exact || share < 0 || energy.Parts(share) > energy.PartsOne) {
		m.fail(nil, "operator_share", fmt.Sprintf("%s, expected 0 to 1 with at most 6 decimals", shownValue(m, "operator_share")))
	}
	return energy.Sharing{Reference: energy.Price(reference), OperatorShare: energy.Parts(share)}, given
}

// readImport gives nil where the community's import is neither capped nor
// charged by its peak.
func (c *reading) readImport(m *mapping) *energy.Import {
	limit := c.optionalPower(m, "import_cap_kw")
	charge, exact, present := m.number("demand_charge_per_kw", priceDecimals, false)
	if present && (!exact || charge < 0 || charge > maxPrice) {
		m.fail(nil, "demand_charge_per_kw", fmt.Sprintf("%s, expected 0 or more with at most %d decimals", shownValue(m, "demand_charge_per_kw"), priceDecimals))
	}
	if limit == energy.NoLimit && charge == 0 {
		return nil
	}
	return &energy.Import{Cap: limit, DemandCharge: energy.Price(charge)}
}

// readLocalTrade gives nil where trade between parks is not enabled.
func readLocalTrade(m *mapping) *energy.LocalTrade {
	enabled := m.boolean("enabled", true)
	fee, exact, present := m.number("fee_per_kwh", priceDecimals, false)
	if present && (!exact || fee < 0 || fee > maxPrice) {
		m.fail(nil, "fee_per_kwh", fmt.Sprintf("%s, expected 0 or more with at most %d decimals", shownValue(m, "fee_per_kwh"), priceDecimals))
	}
	if !enabled {
		return nil
	}
	return &energy.LocalTrade{Fee: energy.Price(fee)}
}

// medianBuyingPrice is the default reference value: the mean of the middle two
// where their number is even, floored, and never below 0.
func medianBuyingPrice(buy []energy.Price) energy.Price {
	sorted := slices.Sorted(slices.Values(buy))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return max(0, sorted[middle])
	}
	return max(0, (sorted[middle-1]+sorted[middle])>>1)
}

// shownValue is a number as the file has it.
func shownValue(m *mapping, key string) string {
	return strings.TrimSpace(m.values[key].Value.GetToken().Value)
}
