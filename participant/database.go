package participant

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// OpenDatabase opens the SQLite file at path, which only its owner may read,
// and runs schema, statements that change nothing where they ran before. What
// was committed outlives a crash of the machine.
func OpenDatabase(path, schema string) (*sql.DB, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // SQLite's companion files take this one's mode
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	source := (&url.URL{
		Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(),
		RawQuery: "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)&_txlock=immediate",
	}).String()
	database, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	database.SetMaxOpenConns(1) // one writer, no busy errors
	if _, err := database.Exec(schema); err != nil {
		_ = database.Close()
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	return database, nil
}
