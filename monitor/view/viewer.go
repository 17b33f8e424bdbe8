package view

import (
	"context"
	"log/slog"
	"math/big"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/monitor/index"
)

// maxList is how many records of one kind a section reads.
const maxList = 500

// Viewer answers the page's questions from an index.
type Viewer struct {
	index   *index.Index
	genesis genesis.Document
	logger  *slog.Logger

	recovered recoveries
}

// New makes a viewer of the ledger that began with the genesis document.
func New(from *index.Index, document genesis.Document, logger *slog.Logger) *Viewer {
	return &Viewer{index: from, genesis: document, logger: logger}
}

// load reads the T at key; false where there is none or it is not a T.
func load[T any](ctx context.Context, v *Viewer, key string) (T, bool, error) {
	var none T
	found, there, err := v.index.Record(ctx, key)
	if err != nil || !there {
		return none, false, err
	}
	value, err := record.Decode[T](found.Value)
	if err != nil {
		v.logger.Warn("monitor: record is not what its key promises", "key", key, "error", err)
		return none, false, nil
	}
	return value, true, nil
}

// entry is a decoded record.
type entry[T any] struct {
	key   string
	value T
}

// list reads the T under prefix in order of their keys, at most maxList.
func list[T any](ctx context.Context, v *Viewer, prefix string) ([]entry[T], error) {
	found, err := v.index.Records(ctx, prefix, maxList)
	return decodeAll[T](v, found, err)
}

// listLast is list from the greatest key down.
func listLast[T any](ctx context.Context, v *Viewer, prefix string, limit int) ([]entry[T], error) {
	found, err := v.index.LastRecords(ctx, prefix, min(limit, maxList))
	return decodeAll[T](v, found, err)
}

// leftOff is how many records under prefix a list that shows so many leaves
// off, 0 where it is not full.
func (v *Viewer) leftOff(ctx context.Context, prefix string, shown int) (int, error) {
	if shown < maxList {
		return 0, nil
	}
	count, err := v.index.Count(ctx, prefix)
	return max(0, count-shown), err
}

func decodeAll[T any](v *Viewer, found []index.Record, err error) ([]entry[T], error) {
	if err != nil {
		return nil, err
	}
	entries := make([]entry[T], 0, len(found))
	for _, r := range found {
		value, err := record.Decode[T](r.Value)
		if err != nil {
			v.logger.Warn("monitor: record is not what its key promises", "key", r.Key, "error", err)
			continue
		}
		entries = append(entries, entry[T]{r.Key, value})
	}
	return entries, nil
}

// money converts a Cost to 1e-6 currency, rounded to the nearest.
func (v *Viewer) money(cost energy.Cost) int64 { return v.exactMoney(big.NewInt(int64(cost)), 0) }

// exactMoney converts cost in 2^-bits of a Cost to 1e-6 currency, rounded to
// the nearest; what does not fit is the greatest that does.
func (v *Viewer) exactMoney(cost *big.Int, bits uint) int64 {
	scaled := new(big.Int).Mul(cost, big.NewInt(int64(v.genesis.Minutes)))
	denominator := new(big.Int).Lsh(big.NewInt(60_000), bits)
	half := new(big.Int).Rsh(denominator, 1)
	quotient := new(big.Int).Div(scaled.Add(scaled, half), denominator)
	if !quotient.IsInt64() {
		return int64(quotient.Sign()) * (1<<53 - 1)
	}
	return quotient.Int64()
}

// signed reads the vault's form of an integer: a sign byte, then the magnitude.
// What is not of that form, or longer than any figure of the ledger, is 0.
func signed(encoded []byte) *big.Int {
	if len(encoded) == 0 || len(encoded) > 64 {
		return new(big.Int)
	}
	value := new(big.Int).SetBytes(encoded[1:])
	if encoded[0] == 1 {
		value.Neg(value)
	}
	return value
}

// date is the local date of a day.
func date(day uint32) string { return time.Unix(int64(day)*86_400, 0).UTC().Format(time.DateOnly) }

// numbers converts a series of units for JSON; nil stays an empty list.
func numbers[T ~int64](series []T) []int64 {
	converted := make([]int64, len(series))
	for i, value := range series {
		converted[i] = int64(value)
	}
	return converted
}

// sameLength says whether all series have that many entries.
func sameLength(periods int, series ...int) bool {
	for _, length := range series {
		if length != periods {
			return false
		}
	}
	return true
}
