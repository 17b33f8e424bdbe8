package planfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// level is what is known of the objects on one level of a plan file.
type level struct {
	numbers map[string]bool   // every known key, and whether its value is a number
	below   map[string]*level // keys whose value holds further known objects
}

var topLevel = levelOf(reflect.TypeFor[given]())

// levelOf reads a level off the fields of a struct of this package.
func levelOf(kind reflect.Type) *level {
	l := &level{numbers: map[string]bool{}, below: map[string]*level{}}
	for i := range kind.NumField() {
		field := kind.Field(i)
		key := field.Tag.Get("json")
		l.numbers[key] = field.Type == reflect.TypeFor[*json.Number]()
		if field.Type.Kind() == reflect.Slice {
			l.below[key] = levelOf(field.Type.Elem())
		}
	}
	return l
}

// unambiguous makes sure that every reader of the file reads what is checked:
// package json takes the last of several equal keys, takes a key in other
// capitals for the same, and numbers in quotes for numbers; others do not. The
// data must have been decoded before, so that its nesting is bounded.
func unambiguous(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := walkKeys(decoder, topLevel); err != nil {
		return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:decoder.InputOffset()], []byte("\n")), err)
	}
	return nil
}

// walkKeys reads one value; l is nil in what is no part of a plan.
func walkKeys(decoder *json.Decoder, l *level) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		err = walkObject(decoder, l)
	case json.Delim('['):
		for err == nil && decoder.More() {
			err = walkKeys(decoder, l)
		}
	default:
		return nil
	}
	if err != nil {
		return err
	}
	_, err = decoder.Token() // the closing bracket
	return err
}

func walkObject(decoder *json.Decoder, l *level) error {
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		key := token.(string) // the decoder gives no other kind here
		if l == nil {
			if err := walkKeys(decoder, nil); err != nil {
				return err
			}
			continue
		}
		number, known := l.numbers[key]
		switch {
		case known && seen[key]:
			return fmt.Errorf("%s stands twice", key)
		case known:
			seen[key] = true
		default:
			if err := likeKnown(key, l); err != nil {
				return err
			}
		}
		if !number {
			err = walkKeys(decoder, l.below[key])
		} else if token, err = decoder.Token(); err == nil {
			if _, text := token.(string); text {
				err = fmt.Errorf("%s is a string, expected a number without quotes", key)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// likeKnown refuses a key that differs from a known one in capitals only.
func likeKnown(key string, l *level) error {
	for name := range l.numbers {
		if strings.EqualFold(key, name) {
			return fmt.Errorf("key %q, expected %q", key, name)
		}
	}
	return nil
}
