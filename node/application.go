package node

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/node/journal"
)

// refusedCode marks a transaction that CheckTx refuses; the reason is in Log.
const refusedCode = 1

// application connects the engine with the state machine: one call at a time,
// panics become errors, and what the engine would halt on is kept from it.
type application struct {
	abci.BaseApplication

	mutex      sync.Mutex // CheckTx comes from another goroutine than FinalizeBlock
	genesis    Genesis
	machine    Machine
	state      State
	journal    *journal.Journal
	validators func(height int64) (map[string]bool, error) // hex keys of the set at a height
	logger     *slog.Logger
	failed     func(error)
	syncing    func() bool // whether the engine is loading old blocks
	committed  func(feed.Block)
	gate       gate
	decided    feed.Block // finalized, not yet committed
}

// Info implements abci.Application: from here the engine knows what to replay.
func (a *application) Info(context.Context, *abci.RequestInfo) (*abci.ResponseInfo, error) {
	height, hash := a.state.Committed()
	if height == 0 {
		hash = nil
	}
	return &abci.ResponseInfo{Data: "sesame", LastBlockHeight: height, LastBlockAppHash: hash}, nil
}

// InitChain implements abci.Application. The validators stay those of genesis.
func (a *application) InitChain(_ context.Context, request *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if string(request.AppStateBytes) != string(a.genesis.appState()) {
		return nil, fmt.Errorf("genesis: the engine begins with document %s, we have %s", request.AppStateBytes, a.genesis.appState())
	}
	hash, err := guarded(a.logger, func() ([]byte, error) { return a.machine.InitChain(a.genesis.Document, request.Time) })
	if err != nil {
		return nil, a.fail(fmt.Errorf("genesis of %s: %w", a.genesis.ChainID, err))
	}
	return &abci.ResponseInitChain{AppHash: hash}, nil
}

// CheckTx implements abci.Application. It never returns an error: the engine
// panics on one.
func (a *application) CheckTx(_ context.Context, request *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	_, err := guarded(a.logger, func() (struct{}, error) { return struct{}{}, a.machine.CheckTx(request.Tx) })
	if err != nil {
		return &abci.ResponseCheckTx{Code: refusedCode, Log: err.Error()}, nil
	}
	return &abci.ResponseCheckTx{}, nil
}

// FinalizeBlock implements abci.Application.
func (a *application) FinalizeBlock(_ context.Context, request *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	result, err := guarded(a.logger, func() (ledger.Result, error) { return a.machine.FinalizeBlock(blockOf(request)) })
	if err == nil && len(result.Transactions) != len(request.Txs) {
		err = fmt.Errorf("%d results for %d transactions", len(result.Transactions), len(request.Txs))
	}
	if err != nil {
		return nil, a.fail(fmt.Errorf("block %d: %w", request.Height, err))
	}
	updates, err := a.validatorUpdates(request.Height, result.Validators)
	if err != nil {
		return nil, a.fail(fmt.Errorf("block %d: %w", request.Height, err))
	}
	a.decided = record(request, result)
	response := &abci.ResponseFinalizeBlock{ValidatorUpdates: updates, AppHash: result.AppHash}
	for _, r := range result.Transactions {
		response.TxResults = append(response.TxResults, &abci.ExecTxResult{Code: r.Code, Log: r.Log})
	}
	return response, nil
}

// Commit implements abci.Application. The journal is written first: if the
// node stops in between, the block is replayed and written again.
func (a *application) Commit(context.Context, *abci.RequestCommit) (*abci.ResponseCommit, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if err := a.journal.Write(a.decided); err != nil {
		return nil, a.fail(err)
	}
	retain, err := guarded(a.logger, a.machine.Commit)
	if err != nil {
		return nil, a.fail(fmt.Errorf("commit block %d: %w", a.decided.Height, err))
	}
	if err := a.journal.Publish(a.decided.Height); err != nil {
		return nil, a.fail(err)
	}
	a.committed(a.decided)
	return &abci.ResponseCommit{RetainHeight: retain}, nil
}

// fail reports why the node cannot go on. Consensus stops on the error; while
// old blocks are loaded the engine would panic on it and end the process, with
// all that runs beside this node, so there its goroutine ends here.
func (a *application) fail(err error) error {
	a.failed(err)
	if a.syncing() {
		runtime.Goexit()
	}
	return err
}

// guarded turns a panic of the machine into an error, so that the node can say
// why it stops.
func guarded[T any](logger *slog.Logger, call func() (T, error)) (value T, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			logger.Error("state machine panics", "reason", reason, "stack", string(debug.Stack()))
			err = fmt.Errorf("state machine: %v", reason)
		}
	}()
	return call()
}

func blockOf(request *abci.RequestFinalizeBlock) ledger.Block {
	block := ledger.Block{Height: request.Height, Time: request.Time, Transactions: request.Txs}
	for _, vote := range request.DecidedLastCommit.Votes {
		block.Votes = append(block.Votes, ledger.Vote{Address: vote.Validator.Address, Signed: vote.BlockIdFlag != absent})
	}
	for _, evidence := range request.Misbehavior {
		block.Misbehavior = append(block.Misbehavior, evidence.Validator.Address)
	}
	return block
}

func record(request *abci.RequestFinalizeBlock, result ledger.Result) feed.Block {
	block := feed.Block{
		Height:       request.Height,
		BlockTime:    request.Time.UTC(),
		LedgerTime:   result.LedgerTime,
		Hash:         request.Hash,
		AppHash:      result.AppHash,
		Proposer:     request.ProposerAddress,
		Transactions: []feed.Transaction{},
		Changes:      []feed.Change{},
	}
	for i, r := range result.Transactions {
		hash := sha256.Sum256(request.Txs[i])
		block.Transactions = append(block.Transactions, feed.Transaction{Hash: hash[:], Bytes: request.Txs[i], Code: r.Code, Log: r.Log})
	}
	for _, change := range result.Changes {
		block.Changes = append(block.Changes, feed.Change{Key: change.Key, Value: change.Value, Deleted: change.Value == nil})
	}
	return block
}
