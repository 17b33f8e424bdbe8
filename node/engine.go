package node

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/cometbft/cometbft/config"
)

// MaxTransaction is the largest transaction a node takes, bytes.
const MaxTransaction = 1 << 20

// engineConfig is the engine's configuration; docs/adr/0001-consensus-engine.md
// gives the reason and the figure for each setting that is not the default.
func engineConfig(c Config) *config.Config {
	engine := config.DefaultConfig().SetRoot(c.Home)
	engine.Moniker = c.Name
	engine.DBBackend = "goleveldb"
	engine.FilterPeers = true     // asks our gate about each connection
	engine.RPC.ListenAddress = "" // roles talk to our own API
	engine.TxIndex.Indexer = "null"
	engine.Storage.DiscardABCIResponses = true

	engine.P2P.ListenAddress = "tcp://" + c.Listen
	engine.P2P.PersistentPeers = strings.Join(c.Peers, ",")
	engine.P2P.MaxNumInboundPeers = 100
	engine.P2P.PexReactor = false
	engine.P2P.AllowDuplicateIP = true
	engine.P2P.AddrBookStrict = false
	engine.P2P.AddrBook = filepath.Join("data", "address-book.json")
	engine.P2P.SendRate = 51_200_000
	engine.P2P.RecvRate = 51_200_000
	engine.P2P.MaxPacketMsgPayloadSize = 16_384

	engine.Mempool.Size = 2000
	engine.Mempool.MaxTxsBytes = 32 << 20
	engine.Mempool.MaxTxBytes = MaxTransaction
	engine.Mempool.CacheSize = 100_000

	timeouts := c.Timeouts.withDefaults()
	engine.Consensus.TimeoutPropose = timeouts.Propose
	engine.Consensus.TimeoutProposeDelta = timeouts.Vote
	engine.Consensus.TimeoutPrevote = timeouts.Vote
	engine.Consensus.TimeoutPrevoteDelta = timeouts.Vote
	engine.Consensus.TimeoutPrecommit = timeouts.Vote
	engine.Consensus.TimeoutPrecommitDelta = timeouts.Vote
	engine.Consensus.TimeoutCommit = timeouts.Commit
	engine.Consensus.PeerGossipSleepDuration = 10 * time.Millisecond
	return engine
}
