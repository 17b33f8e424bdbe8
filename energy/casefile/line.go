package casefile

import (
	"bytes"
	"fmt"
	"io"
)

// maxLine bounds a line of a CSV file: a row of some ten thousand parks. A
// file without line feeds, a device for instance, ends there.
const maxLine = 1 << 20

// lines passes a file on and fails at a line that is too long.
type lines struct {
	file   string
	source io.Reader
	line   int // lines that have ended
	length int // bytes of the line that has not
}

func (l *lines) Read(p []byte) (int, error) {
	n, err := l.source.Read(p)
	read := p[:n]
	if ended := bytes.Count(read, []byte("\n")); ended > 0 {
		l.line += ended
		l.length, read = 0, read[bytes.LastIndexByte(read, '\n')+1:]
	}
	if l.length += len(read); l.length > maxLine {
		return n, &Error{File: l.file, Line: l.line + 1, Expected: fmt.Sprintf("longer than %d bytes", maxLine)}
	}
	return n, err
}
