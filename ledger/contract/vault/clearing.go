package vault

import (
	"fmt"

	"github.com/sesame-energy/sesame/ledger/record"
)

// clearedPerBlock bounds the records that one block clears away. What was
// handed on may be hundreds of megabytes.
const clearedPerBlock = 256

// ClearingPrefix is the prefix of the marks of epochs of whose hand-over
// something is to be cleared away.
const ClearingPrefix = "vault/clearing/"

func clearingKey(epoch uint32) string { return fmt.Sprintf("%s%06d", ClearingPrefix, epoch) }

// forget drops how far the old members have come and has all that they have
// handed on cleared away, in this block's successors.
func forget(state record.State, h Handover) {
	deleteAll(state, progressPrefix(h.Epoch))
	record.Save(state, clearingKey(h.Epoch), h.Epoch)
}

// clearing says whether something is still to be cleared away: what is handed
// on meanwhile would be lost.
func clearing(state record.State) bool {
	found := false
	state.Iterate(ClearingPrefix, func(string, []byte) bool {
		found = true
		return false
	})
	return found
}

// clearSome clears away what one block bears, of one epoch.
func clearSome(state record.State) {
	var epoch uint32
	found := false
	record.Each(state, ClearingPrefix, func(_ string, marked uint32) bool {
		epoch, found = marked, true
		return false
	})
	if !found {
		return
	}
	keys := firstKeys(state, subdealsPrefix(epoch), clearedPerBlock)
	for _, key := range keys {
		state.Delete(key)
	}
	if len(keys) < clearedPerBlock {
		state.Delete(clearingKey(epoch))
	}
}

// firstKeys lists at most limit keys with a prefix.
func firstKeys(state record.State, prefix string, limit int) []string {
	var keys []string
	state.Iterate(prefix, func(key string, _ []byte) bool {
		keys = append(keys, key)
		return len(keys) < limit
	})
	return keys
}

func deleteAll(state record.State, prefix string) {
	var keys []string
	state.Iterate(prefix, func(key string, _ []byte) bool {
		keys = append(keys, key)
		return true
	})
	for _, key := range keys {
		state.Delete(key)
	}
}

func dropChannels(state record.State, drop func(Channel) bool) {
	var keys []string
	record.Each(state, ChannelsPrefix, func(key string, channel Channel) bool {
		if drop(channel) {
			keys = append(keys, key)
		}
		return true
	})
	for _, key := range keys {
		state.Delete(key)
	}
}
