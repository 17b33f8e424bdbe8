package ledgertest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Show prints the records with a prefix for transcripts: one line each, key
// and fields.
func Show(state record.State, prefix string) string {
	var lines strings.Builder
	state.Iterate(prefix, func(key string, value []byte) bool {
		fmt.Fprintf(&lines, "%s %s\n", key, showValue(key, value))
		return true
	})
	if lines.Len() == 0 {
		return "none\n"
	}
	return lines.String()
}

func showValue(key string, value []byte) string {
	decoded, err := ledger.DecodeRecord(key, value)
	if err != nil {
		return "error: " + err.Error()
	}
	shown, err := json.Marshal(decoded)
	if err != nil {
		return "error: " + err.Error()
	}
	return string(shown)
}
