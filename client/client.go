package client

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sesame-energy/sesame/client/light"
	"github.com/sesame-energy/sesame/ledger/feed"
)

// The feed's words, so that a role needs one import only.
type (
	// Block is one final block: transactions with outcome, records changed.
	Block = feed.Block
	// Transaction is a transaction in a block.
	Transaction = feed.Transaction
	// Change is one record that a block wrote or deleted.
	Change = feed.Change
	// Inclusion says in which block a transaction is and what became of it.
	Inclusion = feed.Inclusion
	// Status is a node's view of the chain.
	Status = feed.Status
	// Anchor is what a client trusts: the beginning of the chain, from the
	// genesis document.
	Anchor = light.Anchor
	// Validator is a consensus key with its power at genesis.
	Validator = light.Validator
)

// Config says whom to ask and what to trust.
type Config struct {
	URLs      []string     // base URLs of nodes, "http://127.0.0.1:8080"; one that answers is kept to
	Anchor    Anchor       //
	TrustFile string       // keeps the last verified header between runs; "" keeps it in memory
	Logger    *slog.Logger // nil: silent
}

// Record is the proven state of one key.
type Record struct {
	Key    string
	Value  []byte // nil where Found is false
	Found  bool
	Height int64 // the state after this block
}

// Refused is the error of a transaction that the ledger does not take.
type Refused struct {
	Hash   []byte
	Height int64 // 0: refused before it was in a block
	Code   uint32
	Reason string
}

// Error implements error.
func (r *Refused) Error() string {
	if r.Height == 0 {
		return fmt.Sprintf("transaction %x refused: %s", r.Hash, r.Reason)
	}
	return fmt.Sprintf("transaction %x refused in block %d: %s", r.Hash, r.Height, r.Reason)
}

// Client is a connection to the ledger. It is safe for concurrent use.
type Client struct {
	urls      []string
	preferred atomic.Int64 // index of the URL that answered last
	http      *http.Client
	chain     *light.Chain
	chainID   string
	silence   time.Duration // without blocks after which a node is left
	trust     *trustFile
	logger    *slog.Logger
}

// New checks the configuration and reads the trust file; it does not connect.
func New(config Config) (*Client, error) {
	if len(config.URLs) == 0 {
		return nil, errors.New("client: no node's URL is given")
	}
	c := &Client{chainID: config.Anchor.ChainID, silence: silence, logger: config.Logger}
	for _, text := range config.URLs {
		parsed, err := url.Parse(text)
		if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" {
			return nil, fmt.Errorf("client: %q is not the URL of a node, like http://127.0.0.1:8080", text)
		}
		c.urls = append(c.urls, strings.TrimSuffix(text, "/"))
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	chain, err := light.New(config.Anchor)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	c.chain = chain
	if config.TrustFile != "" {
		c.trust = &trustFile{path: config.TrustFile, anchor: config.Anchor}
		if err := c.trust.load(chain); err != nil {
			return nil, err
		}
	}
	c.http = &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        time.Minute,
		ResponseHeaderTimeout:  10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}}
	return c, nil
}
