package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/mempool"
	"github.com/cometbft/cometbft/types"

	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/node/api"
)

var _ api.Ledger = (*Node)(nil)

// staleAfter is how long after its last block a node no longer calls itself
// ready. Failed rounds take seconds, not minutes.
const staleAfter = time.Minute

// Status implements api.Ledger.
func (n *Node) Status() (feed.Status, error) {
	newest, _ := n.journal.Newest()
	status := feed.Status{
		ChainID:    n.parts.Genesis.ChainID,
		Height:     newest.Height,
		LedgerTime: newest.LedgerTime,
		BlockTime:  newest.BlockTime,
		AppHash:    newest.AppHash,
		Node:       n.config.Name,
		CatchingUp: n.catchingUp(),
		Peers:      n.engine.Switch().Peers().Size(),
	}
	set, err := n.store.LoadValidators(newest.Height + 1)
	if err != nil {
		return status, fmt.Errorf("validators at %d: %w", newest.Height+1, err)
	}
	for _, v := range set.Validators {
		status.Validators = append(status.Validators, feed.Validator{
			Address: feed.Hex(v.Address), PublicKey: v.PubKey.Bytes(), Power: v.VotingPower,
		})
	}
	return status, nil
}

// catchingUp is true while the node loads old blocks from its peers.
func (n *Node) catchingUp() bool { return n.engine.ConsensusReactor().WaitSync() }

// Genesis implements api.Ledger.
func (n *Node) Genesis() []byte { return n.parts.Genesis.Document }

// Submit implements api.Ledger: it hands a transaction to the engine, which
// spreads it. A transaction that waits already is no error.
func (n *Node) Submit(ctx context.Context, transaction []byte) ([]byte, error) {
	hash := types.Tx(transaction).Hash()
	if n.catchingUp() {
		return nil, fmt.Errorf("transaction %x: this node is catching up: %w", hash, api.ErrBusy)
	}
	checked := make(chan *abci.ResponseCheckTx, 1)
	err := n.engine.Mempool().CheckTx(transaction, func(response *abci.ResponseCheckTx) { checked <- response }, mempool.TxInfo{})
	var full mempool.ErrMempoolIsFull
	switch {
	case errors.Is(err, mempool.ErrTxInCache):
		return hash, nil
	case errors.As(err, &full), errors.Is(err, mempool.ErrRecheckFull):
		return nil, fmt.Errorf("transaction %x: %w: %w", hash, api.ErrBusy, err)
	case err != nil:
		return nil, fmt.Errorf("transaction %x: %w: %w", hash, api.ErrRefused, err)
	}
	select {
	case response := <-checked:
		if response.Code != 0 {
			return nil, fmt.Errorf("transaction %x: %w: %s", hash, api.ErrRefused, response.Log)
		}
		return hash, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("transaction %x: %w", hash, ctx.Err())
	}
}

// Inclusion implements api.Ledger.
func (n *Node) Inclusion(hash []byte) (feed.Inclusion, bool, error) { return n.journal.Inclusion(hash) }

// Block implements api.Ledger.
func (n *Node) Block(height int64) ([]byte, bool, error) { return n.journal.Block(height) }

// Newest implements api.Ledger.
func (n *Node) Newest() (feed.Block, <-chan struct{}) { return n.journal.Newest() }

// provable is the newest height whose state can be proven: the header after it exists.
func (n *Node) provable() int64 {
	version, _ := n.parts.State.Committed()
	return min(version, n.engine.BlockStore().Height()-1)
}

// Prove implements api.Ledger.
func (n *Node) Prove(key string, height int64) (feed.ProvenRecord, error) {
	newest := n.provable()
	switch {
	case height == 0:
		height = newest
	case height > newest:
		return feed.ProvenRecord{}, fmt.Errorf("state after block %d, newest is %d: %w", height, newest, api.ErrLater)
	}
	if height < 1 {
		return feed.ProvenRecord{}, fmt.Errorf("no state can be proven yet: %w", api.ErrLater)
	}
	value, proof, err := n.parts.State.Prove(height, key)
	if err != nil {
		return feed.ProvenRecord{}, known(err)
	}
	return feed.ProvenRecord{Key: key, Height: height, Absent: value == nil, Value: value, Proof: proof}, nil
}

// known marks the error of a state that is no longer kept.
func known(err error) error {
	if errors.Is(err, merkle.ErrNoVersion) {
		return fmt.Errorf("%w: %w", api.ErrUnknown, err)
	}
	return err
}

// List implements api.Ledger.
func (n *Node) List(prefix, after string, height int64, limit int) (feed.Records, error) {
	newest, _ := n.parts.State.Committed()
	if height == 0 {
		height = newest
	}
	list := feed.Records{Height: height, Records: []feed.Record{}}
	if height == 0 {
		return list, nil // before the first block
	}
	if height > newest {
		return list, fmt.Errorf("state after block %d, newest is %d: %w", height, newest, api.ErrLater)
	}
	records, more, err := n.parts.State.List(height, prefix, after, limit)
	if err != nil {
		return list, known(err)
	}
	for _, r := range records {
		list.Records = append(list.Records, feed.Record{Key: r.Key, Value: r.Value})
	}
	list.Truncated = more
	return list, nil
}

// LightBlock implements api.Ledger. The newest height is signed by the commit
// that this node has seen, older ones by the commit in the block after.
func (n *Node) LightBlock(height int64) (feed.LightBlock, error) {
	blocks := n.engine.BlockStore()
	newest := blocks.Height()
	if height > newest {
		return feed.LightBlock{}, fmt.Errorf("block %d, newest is %d: %w", height, newest, api.ErrLater)
	}
	meta := blocks.LoadBlockMeta(height)
	commit := blocks.LoadBlockCommit(height)
	if commit == nil {
		commit = blocks.LoadSeenCommit(height)
	}
	if meta == nil || commit == nil {
		return feed.LightBlock{}, fmt.Errorf("block %d: %w", height, api.ErrUnknown)
	}
	set, err := n.store.LoadValidators(height)
	if err != nil {
		return feed.LightBlock{}, fmt.Errorf("validators at %d: %w", height, err)
	}
	block := types.LightBlock{SignedHeader: &types.SignedHeader{Header: &meta.Header, Commit: commit}, ValidatorSet: set}
	message, err := block.ToProto()
	if err != nil {
		return feed.LightBlock{}, fmt.Errorf("light block %d: %w", height, err)
	}
	encoded, err := message.Marshal()
	if err != nil {
		return feed.LightBlock{}, fmt.Errorf("light block %d: %w", height, err)
	}
	return feed.LightBlock{Height: height, Block: encoded}, nil
}

// Healthy implements api.Ledger.
func (n *Node) Healthy() error { return n.Err() }

// Ready implements api.Ledger.
func (n *Node) Ready() error {
	if err := n.Err(); err != nil {
		return err
	}
	if n.catchingUp() {
		return errors.New("catching up with the chain")
	}
	newest, _ := n.journal.Newest()
	if age := n.metrics.sinceBlock(); age > staleAfter {
		return fmt.Errorf("no block since %s, newest is %d", age.Round(time.Second), newest.Height)
	}
	return nil
}
