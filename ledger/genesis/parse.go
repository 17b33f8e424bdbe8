package genesis

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// MaxSize is the largest genesis document, bytes: 255 members and some
// thousand parks.
const MaxSize = 16 << 20

// Hash is what operators compare: the SHA-256 of the document's bytes.
func Hash(encoded []byte) [sha256.Size]byte { return sha256.Sum256(encoded) }

// Parse reads an encoded document and validates it. It refuses unknown or
// repeated fields, anything behind the document and documents beyond MaxSize.
func Parse(encoded []byte) (Document, error) {
	if len(encoded) > MaxSize {
		return Document{}, fmt.Errorf("genesis of %d bytes: at most %d", len(encoded), MaxSize)
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	var document Document
	if err := decoder.Decode(&document); err != nil {
		return Document{}, fmt.Errorf("genesis: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Document{}, errors.New("genesis: something follows the document")
	}
	if err := checkNames(encoded); err != nil {
		return Document{}, fmt.Errorf("genesis: %w", err)
	}
	if err := document.Validate(); err != nil {
		return Document{}, fmt.Errorf("genesis: %w", err)
	}
	return document, nil
}

// Load reads the document in a file and gives its bytes as well: they are
// what Hash is taken of.
func Load(path string) (Document, []byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return Document{}, nil, fmt.Errorf("genesis: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	encoded, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err != nil {
		return Document{}, nil, fmt.Errorf("genesis %s: %w", path, err)
	}
	document, err := Parse(encoded)
	if err != nil {
		return Document{}, nil, fmt.Errorf("%s: %w", path, err)
	}
	return document, encoded, nil
}

// Encode gives the bytes of a valid document as they are agreed on. It is
// called once, by whoever draws up the document.
func Encode(document Document) ([]byte, error) {
	if err := document.Validate(); err != nil {
		return nil, fmt.Errorf("genesis: %w", err)
	}
	encoded, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("genesis: %w", err)
	}
	return append(encoded, '\n'), nil
}
