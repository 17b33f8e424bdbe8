package rangeproof

import (
	"encoding/hex"
	"testing"

	"github.com/oasisprotocol/curve25519-voi/primitives/merlin"
)

// The transcript that the challenges come from is Merlin: the value that its
// authors publish for one message (merlin, src/transcript.rs,
// equivalence_simple) comes out of the library that we use.
func TestTranscriptIsMerlin(t *testing.T) {
	transcript := merlin.NewTranscript("test protocol")
	transcript.AppendMessage("some label", []byte("some data"))
	challenge := make([]byte, 32)
	transcript.ExtractBytes(challenge, "challenge")
	if got, want := hex.EncodeToString(challenge), "d5a21972d0d5fe320c0d263fac7fffb8145aa640af6e9bca177c03c7efcf0615"; got != want {
		t.Errorf("challenge %s, want %s", got, want)
	}
}
