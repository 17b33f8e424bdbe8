package model

import "math/bits"

// steeper says whether a/b > c/d for b, d > 0, exactly.
func steeper(a, b, c, d int64) bool {
	leftHigh, leftLow := product(a, d)
	rightHigh, rightLow := product(c, b)
	return leftHigh > rightHigh || leftHigh == rightHigh && leftLow > rightLow
}

// product is a times b >= 0 as a signed number of 128 bits.
func product(a, b int64) (high int64, low uint64) {
	h, l := bits.Mul64(uint64(a), uint64(b))
	if a < 0 {
		h -= uint64(b)
	}
	return int64(h), l
}
