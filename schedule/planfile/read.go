package planfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/sesame-energy/sesame/energy"
)

// MaxBytes bounds a plan file: a year of quarter hours of a hundred parks.
const MaxBytes = 1 << 30

// given is a plan file as somebody gives it: what is absent is nil.
type given struct {
	Case        *string        `json:"case"`
	Currency    *string        `json:"currency"`
	Periods     *json.Number   `json:"periods"`
	Baseline    *json.Number   `json:"baseline_cost"`
	Cost        *json.Number   `json:"cost"`
	Saving      *json.Number   `json:"saving"`
	LowerBound  *json.Number   `json:"lower_bound"`
	Gap         *json.Number   `json:"gap"`
	Peak        *json.Number   `json:"peak_import_kw"`
	PeakBefore  *json.Number   `json:"baseline_peak_import_kw"`
	DemandCost  *json.Number   `json:"demand_cost"`
	Status      *string        `json:"status"`
	Reason      *string        `json:"reason"`
	Certificate *string        `json:"certificate"`
	Storage     []givenStorage `json:"storage"`
	Parks       []givenPark    `json:"parks"`
}

type givenStorage struct {
	Time         *string      `json:"time"`
	Charge       *json.Number `json:"charge_kw"`
	Discharge    *json.Number `json:"discharge_kw"`
	FromGrid     *json.Number `json:"from_grid_kw"`
	ToGrid       *json.Number `json:"to_grid_kw"`
	Energy       *json.Number `json:"energy_kwh"`
	Surplus      *json.Number `json:"surplus_kw"`
	Deficit      *json.Number `json:"deficit_kw"`
	SurplusShare *json.Number `json:"surplus_share"`
	DeficitShare *json.Number `json:"deficit_share"`
}

type givenPark struct {
	Name     *string      `json:"name"`
	Baseline *json.Number `json:"baseline_cost"`
	Cost     *json.Number `json:"cost"`
	Bill     *json.Number `json:"bill"`
	Rows     []givenRow   `json:"rows"`
}

type givenRow struct {
	Time        *string      `json:"time"`
	Buy         *json.Number `json:"buy_kw"`
	Sell        *json.Number `json:"sell_kw"`
	ToStorage   *json.Number `json:"to_storage_kw"`
	FromStorage *json.Number `json:"from_storage_kw"`
	Curtailed   *json.Number `json:"curtailed_kw"`
	ToParks     *json.Number `json:"to_parks_kw"`
	FromParks   *json.Number `json:"from_parks_kw"`
}

// FormatError says that a file is not a plan file at all.
type FormatError struct{ Cause error }

func (e *FormatError) Error() string { return "not a plan file: " + e.Cause.Error() }

func (e *FormatError) Unwrap() error { return e.Cause }

// read decodes a plan file; the error is a *FormatError.
func read(data []byte) (*given, error) {
	if len(data) > MaxBytes {
		return nil, &FormatError{fmt.Errorf("larger than %d bytes", MaxBytes)}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some shells put one in front
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, &FormatError{errors.New("empty, expected an object")}
	}
	var g *given
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&g); err != nil {
		return nil, &FormatError{place(data, err)}
	}
	if g == nil {
		return nil, &FormatError{errors.New("null, expected an object")}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, &FormatError{errors.New("something stands behind the object")}
	}
	if err := unambiguous(data); err != nil {
		return nil, &FormatError{err}
	}
	return g, nil
}

// place adds the line to an error of the decoder.
func place(data []byte, err error) error {
	offset := int64(-1)
	if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	if kind := new(json.UnmarshalTypeError); errors.As(err, &kind) {
		offset = kind.Offset
		err = unexpected(kind)
	}
	if offset < 0 || offset > int64(len(data)) {
		return err
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:offset], []byte("\n")), err)
}

// unexpected says in words what the decoder found where it expected another
// kind of value.
func unexpected(kind *json.UnmarshalTypeError) error {
	article := "a"
	if kind.Value == "array" || kind.Value == "object" {
		article = "an"
	}
	if kind.Field == "" {
		return fmt.Errorf("the file is %s %s, expected an object", article, kind.Value)
	}
	return fmt.Errorf("%s is %s %s, expected another kind", kind.Field, article, kind.Value)
}

// Floating point, which other programs write, may differ from the exact figure
// by this much: kW, kWh, currency and shares.
const closeEnough = 1e-6

// watts reads a power that must be a whole number of watts.
func watts(n *json.Number) (energy.Watt, error) {
	if n == nil {
		return 0, errors.New("missing")
	}
	const fine = 1_000_000 // of 1e-9 kW in a watt
	units, _, err := energy.ParseDecimal(n.String(), 9)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", *n, err)
	}
	whole, rest := units/fine, units%fine
	switch {
	case rest > fine/2:
		whole, rest = whole+1, rest-fine
	case rest < -fine/2:
		whole, rest = whole-1, rest+fine
	}
	const most = fine / 1000 // 1e-6 kW
	if rest > most || rest < -most {
		return 0, fmt.Errorf("%s kW is not a whole number of watts", *n)
	}
	return energy.Watt(whole), nil
}

// near says whether a number is the figure computed, to 1e-6.
func near(n *json.Number, figure float64) error {
	if n == nil {
		return errors.New("missing")
	}
	value, err := strconv.ParseFloat(n.String(), 64)
	if err != nil {
		return fmt.Errorf("%s: not a number", *n)
	}
	// Beyond 2^33 floating point itself is coarser than 1e-6.
	const relative = 1e-15
	if difference := math.Abs(value - figure); !(difference <= closeEnough+relative*math.Abs(figure)) {
		return fmt.Errorf("is %s, computed %s", *n, strconv.FormatFloat(figure, 'f', -1, 64))
	}
	return nil
}
