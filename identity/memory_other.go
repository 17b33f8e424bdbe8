//go:build !linux

package identity

// protectMemory says what it could not do.
func protectMemory() []string { return []string{"no core dumps, no swapping: only on Linux"} }

// locked leaves a secret where it is.
func locked(secret []byte) []byte { return secret }
