package record

import (
	"bytes"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Limits of what Decode accepts; anything larger is refused before it is built.
const (
	maxNesting  = 16
	maxElements = 65_536
)

var (
	encoder = mustEncoder()
	decoder = mustDecoder()
)

func mustEncoder() cbor.EncMode {
	options := cbor.CoreDetEncOptions()
	options.NilContainers = cbor.NilContainerAsEmpty // a list that is empty has one encoding
	mode, err := options.EncMode()
	if err != nil {
		panic(err) // constant options: cannot fail at run time
	}
	return mode
}

func mustDecoder() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		MaxNestedLevels:   maxNesting,
		MaxArrayElements:  maxElements,
		MaxMapPairs:       maxElements,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}.DecMode()
	if err != nil {
		panic(err) // constant options: cannot fail at run time
	}
	return mode
}

// Encode gives the one canonical encoding of value: CBOR, core deterministic
// (RFC 8949 section 4.2.1). Ledger types are plain structs of integers,
// strings, byte strings and lists of these, which always encode.
func Encode(value any) []byte {
	encoded, err := encoder.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("record: %T cannot be encoded: %v", value, err)) // a ledger type with a channel or function in it: a programming error
	}
	return encoded
}

// Decode reads the canonical encoding of a T and refuses every other: a value
// has one encoding only, so that hashes and signatures are of the value.
func Decode[T any](encoded []byte) (T, error) {
	var value T
	if err := decoder.Unmarshal(encoded, &value); err != nil {
		return value, fmt.Errorf("decode %T: %w", value, err)
	}
	if !bytes.Equal(Encode(value), encoded) {
		return value, fmt.Errorf("decode %T: not the canonical encoding", value)
	}
	return value, nil
}
