package genesis

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// checkNames refuses an object that names a field twice, or in other letters
// than lower-case ones: a reader must not see another value than the machine.
func checkNames(encoded []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	var open []map[string]bool // names seen per open object, nil for a list
	expectName := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			var names map[string]bool
			if token == json.Delim('{') {
				names = map[string]bool{}
			}
			open = append(open, names)
			expectName = names != nil
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if name, isText := token.(string); expectName && isText {
				if err := addName(open[len(open)-1], name); err != nil {
					return err
				}
				expectName = false
				continue
			}
		}
		expectName = len(open) > 0 && open[len(open)-1] != nil
	}
}

func addName(names map[string]bool, name string) error {
	if names[name] {
		return fmt.Errorf("field %.60q stands twice", name)
	}
	if strings.ToLower(name) != name {
		return fmt.Errorf("field %.60q: expected lower-case letters", name)
	}
	names[name] = true
	return nil
}
