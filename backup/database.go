package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

type kind int

const (
	plain     kind = iota
	database       // an SQLite file
	companion      // of an SQLite file: its log and lock, which a copy does without
)

const sqliteMagic = "SQLite format 3\x00"

func databaseKind(path string) (kind, error) {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if main, cut := strings.CutSuffix(path, suffix); cut {
			if is, err := isDatabase(main); err == nil && is {
				return companion, nil
			}
		}
	}
	is, err := isDatabase(path)
	if err != nil || !is {
		return plain, err
	}
	return database, nil
}

func isDatabase(path string) (bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }()
	head := make([]byte, len(sqliteMagic))
	_, err = io.ReadFull(file, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return false, nil
	}
	return err == nil && string(head) == sqliteMagic, err
}

// copyDatabase copies an SQLite database as it stands at one moment, also while
// another process writes to it. VACUUM leaves out what was erased but still
// lies in free pages of the file.
func copyDatabase(ctx context.Context, from, to string) error {
	name := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: from}).EscapedPath(), RawQuery: "mode=rw&_pragma=busy_timeout(10000)"}).String()
	opened, err := sql.Open("sqlite", name)
	if err != nil {
		return fmt.Errorf("database %s: %w", from, err)
	}
	defer func() { _ = opened.Close() }()
	if _, err := opened.ExecContext(ctx, "vacuum into ?", to); err != nil {
		return fmt.Errorf("copy database %s: %w", from, err)
	}
	return nil
}
