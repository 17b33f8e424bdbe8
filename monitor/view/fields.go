package view

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Limits of what is shown of one record; the whole is in its bytes.
const (
	shownBytes   = 64
	shownEntries = 120
	shownDepth   = 5
)

// Field is a field of a record for people: a name with a value, or with the
// fields or entries below it.
type Field struct {
	Name    string  `json:"name"`
	Value   string  `json:"value,omitempty"`
	Below   []Field `json:"below,omitempty"`
	Omitted int     `json:"omitted,omitempty"` // entries, or bytes, that are not shown
}

// Fields lists the fields of a decoded record in their order.
func Fields(decoded any) []Field {
	return describe("", reflect.ValueOf(decoded), shownDepth).Below
}

func describe(name string, value reflect.Value, depth int) Field {
	field := Field{Name: name}
	if depth == 0 {
		field.Value = "…"
		return field
	}
	switch value.Kind() {
	case reflect.Invalid:
	case reflect.Interface:
		return describe(name, value.Elem(), depth)
	case reflect.Struct:
		for i := range value.NumField() {
			if structField := value.Type().Field(i); structField.IsExported() {
				field.Below = append(field.Below, describe(spaced(structField.Name), value.Field(i), depth-1))
			}
		}
	case reflect.Slice:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			return describeBytes(field, value.Bytes())
		}
		if value.Len() > 0 && plain(value.Type().Elem().Kind()) {
			return describePlain(field, value)
		}
		for i := range min(value.Len(), shownEntries) {
			field.Below = append(field.Below, describe(strconv.Itoa(i), value.Index(i), depth-1))
		}
		field.Omitted = max(0, value.Len()-shownEntries)
	default:
		field.Value = fmt.Sprint(value.Interface())
	}
	return field
}

// describePlain puts a list of numbers or words on one line.
func describePlain(field Field, value reflect.Value) Field {
	entries := make([]string, min(value.Len(), shownEntries))
	for i := range entries {
		entries[i] = fmt.Sprint(value.Index(i).Interface())
	}
	field.Value, field.Omitted = strings.Join(entries, ", "), value.Len()-len(entries)
	return field
}

func describeBytes(field Field, bytes []byte) Field {
	field.Value = hex.EncodeToString(bytes[:min(len(bytes), shownBytes)])
	field.Omitted = max(0, len(bytes)-shownBytes)
	return field
}

func plain(kind reflect.Kind) bool {
	return kind == reflect.String || kind >= reflect.Int && kind <= reflect.Uint64
}

// spaced makes "surplus taken" of "SurplusTaken".
func spaced(name string) string {
	var words strings.Builder
	for i, letter := range name {
		upper := letter >= 'A' && letter <= 'Z'
		if upper && i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z' {
			words.WriteByte(' ')
		}
		words.WriteRune(letter)
	}
	if name == strings.ToUpper(name) {
		return name
	}
	return strings.ToLower(words.String())
}
