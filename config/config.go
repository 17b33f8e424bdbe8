// Package config reads the YAML files of the daemons, strictly: a key that the
// daemon does not know is an error that names file, line and key, because a
// misspelt key would otherwise silently mean its default.
//
// What the keys mean is each daemon's own business; a daemon's Config is a
// plain struct with yaml tags.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// MaxSize is the largest configuration file, bytes.
const MaxSize = 1 << 20

// Locator is a configuration with paths in it. Locate is called after reading;
// folder is that of the file, which relative paths are relative to (see Path).
type Locator interface{ Locate(folder string) }

// Validator is a configuration that can say what is wrong with itself. The
// error names key, value and expectation.
type Validator interface{ Validate() error }

// Load reads the YAML file at path into a T. Where *T is a Locator its paths
// are made absolute, and where it is a Validator it is asked.
func Load[T any](path string) (T, error) {
	var value T
	content, err := read(path)
	if err != nil {
		return value, fmt.Errorf("configuration: %w", err)
	}
	if err := decode(content, &value); err != nil {
		return value, fmt.Errorf("%s%w", path, err)
	}
	if located, ok := any(&value).(Locator); ok {
		folder, err := filepath.Abs(filepath.Dir(path))
		if err != nil {
			return value, fmt.Errorf("configuration %s: %w", path, err)
		}
		located.Locate(folder)
	}
	if validated, ok := any(&value).(Validator); ok {
		if err := validated.Validate(); err != nil {
			return value, fmt.Errorf("%s: %w", path, err)
		}
	}
	return value, nil
}

// Save writes value as the YAML file at path, for programs that set up daemons.
func Save(path string, value any) error {
	encoded, err := yaml.Marshal(value)
	if err != nil {
		return fmt.Errorf("configuration %s: %w", path, err)
	}
	if err := os.WriteFile(path, encoded, 0o600); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return nil
}

// Path makes path absolute, taking a relative one from folder; "" stays "".
func Path(folder, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}

func read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(content) > MaxSize {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, MaxSize)
	}
	return content, nil
}

// decode reads one YAML document. Its error begins with ":line: " where the
// place is known.
func decode(content []byte, value any) error {
	file, err := parser.ParseBytes(content, 0)
	if err != nil {
		return place(err)
	}
	if len(file.Docs) > 1 {
		return errors.New(": more than one YAML document: expected one")
	}
	err = yaml.NewDecoder(bytes.NewReader(content), yaml.Strict(), yaml.DisallowUnknownField()).Decode(value)
	if errors.Is(err, io.EOF) {
		return errors.New(": the file is empty: expected keys and values")
	}
	if err != nil {
		return place(err)
	}
	return nil
}

// place puts an error of the YAML library into one line with its place.
func place(err error) error {
	var located yaml.Error
	if !errors.As(err, &located) || located.GetToken() == nil {
		return fmt.Errorf(": %w", err)
	}
	message := strings.Join(strings.Fields(located.GetMessage()), " ")
	return fmt.Errorf(":%d: %s", located.GetToken().Position.Line, message)
}
