package vault

import (
	"fmt"
	"math/big"
)

const maxValueSize = 33 // sign and 256 bits

// EncodeValue gives the one encoding of a whole number of any size: a byte 0,
// or 1 where it is negative, then its magnitude, big-endian, without leading
// zeros (none for 0).
func EncodeValue(value *big.Int) []byte {
	sign := byte(0)
	if value.Sign() < 0 {
		sign = 1
	}
	return append([]byte{sign}, value.Bytes()...)
}

// DecodeValue reads what EncodeValue wrote and refuses every other encoding.
func DecodeValue(encoded []byte) (*big.Int, error) {
	if len(encoded) < 1 || len(encoded) > maxValueSize || encoded[0] > 1 {
		return nil, fmt.Errorf("value of %d bytes: expected a sign, 0 or 1, and at most %d bytes", len(encoded), maxValueSize-1)
	}
	if len(encoded) > 1 && encoded[1] == 0 || len(encoded) == 1 && encoded[0] == 1 {
		return nil, fmt.Errorf("value %x: not the shortest encoding", encoded)
	}
	value := new(big.Int).SetBytes(encoded[1:])
	if encoded[0] == 1 {
		value.Neg(value)
	}
	return value, nil
}
