package grid

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/participant"
)

// schema is the company's own database of what was sealed to it.
const schema = `
create table if not exists contract (
	id text primary key, day integer not null, contract text not null
) without rowid;
create table if not exists bill (
	day integer not null, park text not null, bill text not null, primary key (day, park)
) without rowid;`

// Contract is a contract as the company has read it. Fault says why it was not
// confirmed, "" where it was.
type Contract struct {
	ID    string       `json:"id"`
	Party string       `json:"party"`
	Plan  uint32       `json:"plan"`
	Lines []trade.Line `json:"lines"`
	Total energy.Cost  `json:"total"` // of the lines, energy.Cost units
	Fault string       `json:"fault,omitempty"`
}

// Bill is a park's bill as the company has read it. Fault says why it was
// contested, "" where it was accepted.
type Bill struct {
	Park     string       `json:"park"`
	Amount   string       `json:"amount"`    // 2^-40 of an energy.Cost unit, exact
	Blinding string       `json:"blinding"`  // opens the bill's commitment with Amount, hexadecimal
	Money    energy.Money `json:"money_1e6"` // 1e-6 currency, rounded down
	Fault    string       `json:"fault,omitempty"`
}

// records is the company's own database. It is safe for concurrent use.
type records struct{ database *sql.DB }

func openRecords(home string) (*records, error) {
	database, err := participant.OpenDatabase(filepath.Join(home, "grid.db"), schema)
	if err != nil {
		return nil, err
	}
	return &records{database}, nil
}

func (r *records) close() error { return r.database.Close() }

func (r *records) keepContract(day uint32, contract Contract) error {
	encoded, err := json.Marshal(contract)
	if err == nil {
		_, err = r.database.Exec("insert or replace into contract values (?, ?, ?)", contract.ID, day, string(encoded))
	}
	if err != nil {
		return fmt.Errorf("keep contract %s: %w", contract.ID, err)
	}
	return nil
}

func (r *records) keepBill(day uint32, bill Bill) error {
	encoded, err := json.Marshal(bill)
	if err == nil {
		_, err = r.database.Exec("insert or replace into bill values (?, ?, ?)", day, bill.Park, string(encoded))
	}
	if err != nil {
		return fmt.Errorf("keep bill of %s for day %d: %w", bill.Park, day, err)
	}
	return nil
}

// contracts lists the contracts of a day in order of their ids.
func (r *records) contracts(day uint32) ([]Contract, error) {
	return documents[Contract](r.database, "select contract from contract where day = ? order by id", day)
}

// bills lists the bills of a day in order of the parks.
func (r *records) bills(day uint32) ([]Bill, error) {
	return documents[Bill](r.database, "select bill from bill where day = ? order by park", day)
}

func documents[T any](database *sql.DB, query string, day uint32) ([]T, error) {
	rows, err := database.Query(query, day)
	if err != nil {
		return nil, fmt.Errorf("records of day %d: %w", day, err)
	}
	defer func() { _ = rows.Close() }()
	list := []T{}
	for rows.Next() {
		var encoded string
		if err := rows.Scan(&encoded); err != nil {
			return nil, fmt.Errorf("records of day %d: %w", day, err)
		}
		var value T
		if err := json.Unmarshal([]byte(encoded), &value); err != nil {
			return nil, fmt.Errorf("records of day %d: %w", day, err)
		}
		list = append(list, value)
	}
	return list, rows.Err()
}
