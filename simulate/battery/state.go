package battery

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"math/big"
	"os"
	"slices"

	"github.com/sesame-energy/sesame/sunspec"
)

// saved is the state file: what a real battery keeps in its cells and its meter,
// and, while it is on, what it has been told to do.
type saved struct {
	At        int64              `json:"at"`     // Unix seconds, ledger time
	Stored    *big.Int           `json:"stored"` // in the unit of cell
	UnitsInWh *big.Int           `json:"units_in_wh"`
	Open      sunspec.Interval   `json:"open"`
	Log       []sunspec.Interval `json:"log"`
	Running   *running           `json:"running,omitempty"` // nil where the battery was switched off
}

// running is what a battery that is on has been told, and until when.
type running struct {
	Windows  []sunspec.Window `json:"windows"`
	Control  sunspec.Control  `json:"control"`
	DropAt   int64            `json:"drop_at"`
	Beat     uint16           `json:"beat"`
	Timeout  uint32           `json:"timeout"`
	Deadline int64            `json:"deadline"`
}

// Save switches the battery off: it writes energy and log to a file that
// Restore reads.
func (b *Battery) Save(path string) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.catchUp(); !b.started {
		return nil // nothing has happened yet
	}
	return b.write(path, nil)
}

// KeepIn has the battery keep its state in a file from now on: before anybody
// can read a quarter hour or be told that what was written is in force, it is
// in the file. A simulator that is killed leaves a battery behind that has done
// what it says, and goes on by its schedule until the heartbeat is missed, as a
// real one would. A state that cannot be written makes the battery's device fail.
func (b *Battery) KeepIn(path string, logger *slog.Logger) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.keptIn, b.logger = path, logger
}

// keep writes the state file where there is one, and reports whether that
// worked. The mutex is held.
func (b *Battery) keep() bool {
	if b.keptIn == "" {
		return true
	}
	if err := b.write(b.keptIn, &running{b.windows, b.control, b.dropAt, b.beat, b.timeout, b.deadline}); err != nil {
		b.logger.Error("simulated battery cannot keep its state", "error", err)
		return false
	}
	b.keptTo = b.open.Start
	return true
}

// write writes the state file. The mutex is held.
func (b *Battery) write(path string, on *running) error {
	encoded, err := json.Marshal(saved{
		At: b.at, Stored: b.cell.stored, UnitsInWh: b.cell.perHour, Open: b.open, Running: on,
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
	if on := state.Running; on != nil {
		if err := b.resume(on); err != nil {
			return fmt.Errorf("simulated battery: state %s: %w", path, err)
		}
	}
	return nil
}

// resume takes up what a battery that was left on has been told.
func (b *Battery) resume(on *running) error {
	if len(on.Windows) > sunspec.MaxWindows || on.Timeout > sunspec.MaxTimeout {
		return fmt.Errorf("%d windows and a timeout of %d s: expected at most %d and %d", len(on.Windows), on.Timeout, sunspec.MaxWindows, sunspec.MaxTimeout)
	}
	for _, window := range on.Windows {
		if err := b.checkPower(window.Power); err != nil {
			return err
		}
	}
	if err := b.checkPower(on.Control.Power); err != nil {
		return err
	}
	b.windows, b.control, b.dropAt = on.Windows, on.Control, on.DropAt
	b.beat, b.timeout, b.deadline = on.Beat, on.Timeout, on.Deadline
	b.on = true
	return nil
}
