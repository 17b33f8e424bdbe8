package field

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sesame-energy/sesame/energy"
)

// MaxPower bounds a power that is sealed: it lies below 2^32 W.
const MaxPower = energy.Watt(1<<32 - 1)

// maxMessage is the largest reading or signal, bytes.
const maxMessage = 1024

// Years that a message may be about; anything else is a broken clock.
const (
	firstYear = 2000
	lastYear  = 2199
)

// Reading is a meter's momentary power. It is JSON on the wire,
// {"time":"2024-07-15T00:10:00+08:00","power_w":348000}; other keys are ignored.
type Reading struct {
	Time  time.Time
	Power energy.Watt // 0..MaxPower
}

type readingMessage struct {
	Time  *time.Time   `json:"time"`
	Power *energy.Watt `json:"power_w"`
}

// Encode makes the message of a reading.
func (r Reading) Encode() []byte { return encodeJSON(readingMessage{&r.Time, &r.Power}) }

// DecodeReading reads a meter's message.
func DecodeReading(payload []byte) (Reading, error) {
	if len(payload) > maxMessage {
		return Reading{}, fmt.Errorf("reading of %d bytes: expected at most %d", len(payload), maxMessage)
	}
	var message readingMessage
	if err := decodeJSON(payload, &message); err != nil {
		return Reading{}, fmt.Errorf("reading: %w", err)
	}
	if message.Time == nil || message.Power == nil {
		return Reading{}, errors.New("reading: expected the keys time (RFC 3339) and power_w (whole W)")
	}
	if year := message.Time.Year(); year < firstYear || year > lastYear {
		return Reading{}, fmt.Errorf("reading: time in the year %d: expected %d to %d", year, firstYear, lastYear)
	}
	if *message.Power < 0 || *message.Power > MaxPower {
		return Reading{}, fmt.Errorf("reading: power_w %d: expected 0 to %d", *message.Power, MaxPower)
	}
	return Reading{*message.Time, *message.Power}, nil
}

// encodeJSON encodes one of this package's messages, which always encode.
func encodeJSON(message any) []byte {
	encoded, err := json.Marshal(message)
	if err != nil {
		panic("field: " + err.Error())
	}
	return encoded
}

// decodeJSON reads exactly one JSON value.
func decodeJSON(payload []byte, message any) error {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	if err := decoder.Decode(message); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}
