package casefile

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxTable bounds a CSV file: a year of quarter hours of a thousand parks.
const maxTable = 1 << 30

// table reads a CSV file row by row.
type table struct {
	file    string
	closer  io.Closer
	reader  *csv.Reader
	limited *io.LimitedReader
	columns []string
	row     []string // the row last read, fields trimmed
	line    int      // line of that row
}

// openTable opens a CSV file and reads its header.
func openTable(file string) (*table, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, openError(file, err)
	}
	t, err := newTable(file, f)
	if err != nil {
		f.Close()
		return nil, err
	}
	t.closer = f
	return t, nil
}

func newTable(file string, source io.Reader) (*table, error) {
	limited := &io.LimitedReader{R: source, N: maxTable}
	buffered := bufio.NewReaderSize(&lines{file: file, source: limited}, 1<<16)
	if start, _ := buffered.Peek(3); string(start) == "\ufeff" {
		_, _ = buffered.Discard(3)
	}
	t := &table{file: file, reader: csv.NewReader(buffered), limited: limited}
	t.reader.FieldsPerRecord = -1
	t.reader.ReuseRecord = true
	t.reader.TrimLeadingSpace = true
	more, err := t.next()
	if err != nil {
		return nil, err
	}
	if !more {
		return nil, &Error{File: file, Expected: "empty, expected a header and rows"}
	}
	t.columns = append([]string(nil), t.row...)
	seen := map[string]bool{}
	for _, column := range t.columns {
		if seen[column] {
			return nil, &Error{File: file, Line: t.line, Field: column, Expected: "column stands twice"}
		}
		seen[column] = true
	}
	return t, nil
}

func (t *table) close() { t.closer.Close() }

// next reads the next row; false at the end. Rows without any value, which
// spreadsheets leave at the end of a file, are passed over there and nowhere
// else.
func (t *table) next() (bool, error) {
	blank := 0
	for {
		row, err := t.reader.Read()
		if errors.Is(err, io.EOF) {
			if t.limited.N <= 0 {
				return false, &Error{File: t.file, Expected: fmt.Sprintf("larger than %d bytes", maxTable)}
			}
			return false, nil
		}
		if err != nil {
			return false, t.syntax(err)
		}
		empty := true
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
			empty = empty && row[i] == ""
		}
		line, _ := t.reader.FieldPos(0)
		if empty {
			if blank == 0 {
				blank = line
			}
			continue
		}
		if blank > 0 && t.columns != nil {
			return false, &Error{File: t.file, Line: blank, Expected: "a row without values, expected none before the end"}
		}
		t.row, t.line = row, line
		if t.columns != nil && len(row) != len(t.columns) {
			return false, &Error{File: t.file, Line: line, Expected: fmt.Sprintf("%d fields, expected %d as in the header", len(row), len(t.columns))}
		}
		return true, nil
	}
}

func (t *table) syntax(err error) *Error {
	if found := new(csv.ParseError); errors.As(err, &found) {
		return &Error{File: t.file, Line: found.Line, Expected: found.Err.Error(), Cause: err}
	}
	if found := new(Error); errors.As(err, &found) {
		return found
	}
	return openError(t.file, err)
}

// fail is an error in a column of the row last read.
func (t *table) fail(column, expected string) *Error {
	return &Error{File: t.file, Line: t.line, Field: column, Expected: expected}
}
