package field

import (
	"fmt"
	"time"

	"github.com/sesame-energy/sesame/energy"
)

// Signal tells a park's devices what the park buys or sells in the period that
// has begun, by the plan in force. It is a retained message, JSON:
// {"start":"...","end":"...","power_w":120000,"plan":1}.
type Signal struct {
	Start time.Time   `json:"start"`
	End   time.Time   `json:"end"`
	Power energy.Watt `json:"power_w"`
	Plan  uint32      `json:"plan"` // version of the day's plan on the ledger
}

// Encode makes the message of a signal.
func (s Signal) Encode() []byte { return encodeJSON(s) }

// DecodeSignal reads a signal's message, for devices written in Go.
func DecodeSignal(payload []byte) (Signal, error) {
	if len(payload) > maxMessage {
		return Signal{}, fmt.Errorf("signal of %d bytes: expected at most %d", len(payload), maxMessage)
	}
	var signal Signal
	if err := decodeJSON(payload, &signal); err != nil {
		return Signal{}, fmt.Errorf("signal: %w", err)
	}
	return signal, nil
}
