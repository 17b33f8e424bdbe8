package battery

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/big"
	"os"
	"slices"

	"github.com/sesame-energy/sesame/sunspec"
)

// saved is the state file: what a real battery keeps in its cells and its meter.
type saved struct {
	At        int64              `json:"at"`     // Unix seconds, ledger time
	Stored    *big.Int           `json:"stored"` // in the unit of cell
	UnitsInWh *big.Int           `json:"units_in_wh"`
	Open      sunspec.Interval   `json:"open"`
	Log       []sunspec.Interval `json:"log"`
}

// Save writes energy and log to a file that Restore reads.
func (b *Battery) Save(path string) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.catchUp(); !b.started {
		return nil // nothing has happened yet
	}
	encoded, err := json.Marshal(saved{
		At: b.at, Stored: b.cell.stored, UnitsInWh: b.cell.perHour, Open: b.open,
		Log: slices.SortedFunc(maps.Values(b.log), func(x, y sunspec.Interval) int { return int(x.Start - y.Start) }),
	})
	if err != nil {
		return fmt.Errorf("simulated battery: encode state: %w", err)
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, encoded, 0o600); err != nil {
		return fmt.Errorf("simulated battery: state: %w", err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("simulated battery: state: %w", err)
	}
	return nil
}

// Restore takes up the state of a file, before the first request; a file that
// is not there leaves the battery new.
func (b *Battery) Restore(path string) error {
	encoded, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("simulated battery: state: %w", err)
	}
	var state saved
	if err := json.Unmarshal(encoded, &state); err != nil {
		return fmt.Errorf("simulated battery: state %s: %w", path, err)
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if state.Stored == nil || state.UnitsInWh == nil || state.UnitsInWh.Cmp(b.cell.perHour) != 0 ||
		state.Stored.Cmp(b.cell.low) < 0 || state.Stored.Cmp(b.cell.high) > 0 || len(state.Log) > sunspec.LogSlots ||
		state.At < state.Open.Start || state.At >= state.Open.Start+sunspec.IntervalSeconds {
		return fmt.Errorf("simulated battery: state %s is not of this battery: expected energy %d to %d Wh at the same efficiencies",
			path, b.storage.Minimum, b.storage.Maximum)
	}
	b.at, b.open = state.At, state.Open
	b.cell.stored.Set(state.Stored)
	for _, interval := range state.Log {
		if interval.Start < 0 {
			return fmt.Errorf("simulated battery: state %s: interval from %d", path, interval.Start)
		}
		b.log[sunspec.Slot(interval.Start)] = interval
	}
	return nil
}
