package vault_test

import (
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
)

func TestTranscripts(t *testing.T) { contracttest.Transcripts(t, "testdata/transcripts") }
