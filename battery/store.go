package battery

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/participant"
)

// schema: an outcome is prepared before it is sent and done when the ledger
// has it or has refused it (reason).
const schema = `
CREATE TABLE IF NOT EXISTS outcomes (
	day INTEGER NOT NULL, period INTEGER NOT NULL,
	outcome BLOB NOT NULL, done INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (day, period)) STRICT;
CREATE TABLE IF NOT EXISTS bills (
	day INTEGER NOT NULL, park TEXT NOT NULL, sealed BLOB NOT NULL,
	amount TEXT NOT NULL, fits INTEGER NOT NULL, reason TEXT NOT NULL, seen TEXT NOT NULL,
	PRIMARY KEY (day, park)) STRICT;
`

// store is the gateway's own records in its home folder.
type store struct{ database *sql.DB }

func openStore(home string) (*store, error) {
	database, err := participant.OpenDatabase(filepath.Join(home, "battery.db"), schema)
	if err != nil {
		return nil, err
	}
	return &store{database}, nil
}

func (s *store) Close() error { return s.database.Close() }

// key names a period.
type key struct {
	day   uint32
	index int
}

// last is the last period that is done.
func (s *store) last() (last key, found bool, err error) {
	row := s.database.QueryRow(`SELECT day, period FROM outcomes WHERE done ORDER BY day DESC, period DESC LIMIT 1`)
	err = row.Scan(&last.day, &last.index)
	if errors.Is(err, sql.ErrNoRows) {
		return last, false, nil
	}
	if err != nil {
		return last, false, fmt.Errorf("own records: last outcome: %w", err)
	}
	return last, true, nil
}

// prepared is the outcome of a period that was made up earlier.
func (s *store) prepared(p period) (outcome control.Outcome, found bool, err error) {
	var encoded []byte
	err = s.database.QueryRow(`SELECT outcome FROM outcomes WHERE day = ? AND period = ?`, p.day, p.index).Scan(&encoded)
	if errors.Is(err, sql.ErrNoRows) {
		return outcome, false, nil
	}
	if err == nil {
		outcome, err = record.Decode[control.Outcome](encoded)
	}
	if err != nil {
		return outcome, false, fmt.Errorf("own records: outcome of %s: %w", p, err)
	}
	return outcome, true, nil
}

// prepare keeps an outcome before it is sent, so that a restart sends the same.
func (s *store) prepare(p period, outcome control.Outcome) error {
	_, err := s.database.Exec(`INSERT INTO outcomes (day, period, outcome) VALUES (?, ?, ?)`, p.day, p.index, record.Encode(outcome))
	if err != nil {
		return fmt.Errorf("own records: outcome of %s: %w", p, err)
	}
	return nil
}

// done notes that the ledger has a period's outcome, or why it does not take it.
func (s *store) done(p period, reason string) error {
	_, err := s.database.Exec(`UPDATE outcomes SET done = 1, reason = ? WHERE day = ? AND period = ?`, reason, p.day, p.index)
	if err != nil {
		return fmt.Errorf("own records: outcome of %s: %w", p, err)
	}
	return nil
}

// bill is a park's bill as the operator knows it.
type bill struct {
	Day    uint32 `json:"day"`
	Park   string `json:"park"`
	Amount string `json:"amount,omitempty"` // 2^-40 Cost, decimal
	Fits   bool   `json:"fits"`             // it opens the commitment on the ledger
	Reason string `json:"reason,omitempty"` // why it does not
	sealed []byte
}

// knows reports whether a bill with this sealed opening is kept.
func (s *store) knows(b bill) (bool, error) {
	var count int
	err := s.database.QueryRow(`SELECT COUNT(*) FROM bills WHERE day = ? AND park = ? AND sealed = ?`, b.Day, b.Park, b.sealed).Scan(&count)
	if err != nil {
		return false, fmt.Errorf("own records: bill of %s: %w", b.Park, err)
	}
	return count > 0, nil
}

// keep stores a bill; a newer one of the same day and park takes its place.
func (s *store) keep(b bill) error {
	_, err := s.database.Exec(`INSERT OR REPLACE INTO bills (day, park, sealed, amount, fits, reason, seen) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		b.Day, b.Park, b.sealed, b.Amount, b.Fits, b.Reason, time.Now().UTC().Format(time.RFC3339))
	if err != nil {
		return fmt.Errorf("own records: bill of %s: %w", b.Park, err)
	}
	return nil
}

// bills lists the newest bills first, at most limit.
func (s *store) bills(limit int) ([]bill, error) {
	rows, err := s.database.Query(`SELECT day, park, amount, fits, reason FROM bills ORDER BY day DESC, park LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("own records: bills: %w", err)
	}
	defer func() { _ = rows.Close() }()
	bills := []bill{}
	for rows.Next() {
		var b bill
		if err := rows.Scan(&b.Day, &b.Park, &b.Amount, &b.Fits, &b.Reason); err != nil {
			return nil, fmt.Errorf("own records: bills: %w", err)
		}
		bills = append(bills, b)
	}
	return bills, rows.Err()
}
