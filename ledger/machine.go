package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Store is the state with versions, one per block. Package merkle has one.
type Store interface {
	record.State
	// WorkingHash is the app hash that Commit would give now.
	WorkingHash() ([]byte, error)
	// Commit makes what was written the next version.
	Commit() (appHash []byte, version int64, err error)
	// Committed is the newest version, 0 before the first.
	Committed() (version int64, appHash []byte)
	// Rollback drops what was written since the last Commit.
	Rollback()
}

// Machine is the state machine over a store. Version H of the store is the
// state after block H. It is safe for concurrent use; one block at a time.
type Machine struct {
	mutex    sync.Mutex
	store    Store
	verdicts *contract.Verdicts // what CheckTx has verified; saves time, decides nothing
}

// New makes the machine that goes on from what the store has.
func New(store Store) *Machine { return &Machine{store: store, verdicts: contract.NewVerdicts()} }

// InitChain writes the genesis document into an empty state and gives the app
// hash, which commits to every byte of the document. It may be called again
// until the first block is committed.
func (m *Machine) InitChain(document []byte, genesisTime time.Time) (appHash []byte, err error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if version, _ := m.store.Committed(); version != 0 {
		return nil, fmt.Errorf("genesis: the state stands at block %d already", version)
	}
	parsed, err := genesis.Parse(document)
	if err != nil {
		return nil, err
	}
	if !parsed.GenesisTime.Equal(genesisTime) {
		return nil, fmt.Errorf("genesis: the engine begins at %s, the document at %s", genesisTime.UTC(), parsed.GenesisTime)
	}
	m.store.Rollback()
	hash := genesis.Hash(document)
	ctx := contract.Context{State: m.store, Chain: parsed.ChainID, Now: parsed.Clock.Start}
	record.Save(m.store, ClockKey, newClock(parsed))
	committee.InitGenesis(ctx, parsed, hash[:])
	return m.store.WorkingHash()
}

// CheckTx says whether the transaction could be in the next block, as far as
// that is cheap to say: form, account, role, lifetime, replay and signature; of a
// deal, whose proof is the dearest thing to check, all that its contract asks
// for; and of what is handed on all that takes no arithmetic.
func (m *Machine) CheckTx(encoded []byte) (err error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	defer func() {
		if recover() != nil {
			err = errInternal
		}
	}()
	version, _ := m.store.Committed()
	ctx := contract.Context{
		State: m.store, Chain: committee.LoadParameters(m.store).Chain, Height: version + 1, Verdicts: m.verdicts,
	}
	envelope, row, err := admit(ctx.State, ctx.Chain, ctx.Height, encoded)
	if err != nil {
		return err
	}
	if row.check == nil {
		_, err = row.decode(envelope.Body)
		return err
	}
	clock, _ := record.Load[Clock](m.store, ClockKey)
	ctx.Sender, ctx.Now = envelope.Sender, clock.Seconds()
	return row.check(ctx, envelope.Body)
}

// FinalizeBlock carries out a decided block. Commit makes it the state. An
// error means that the ledger cannot go on: it leaves the state as it was, and
// the caller must stop.
func (m *Machine) FinalizeBlock(block Block) (result Result, err error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	defer func() {
		if fault := recover(); fault != nil {
			result, err = Result{}, fmt.Errorf("block %d: %v\n%s", block.Height, fault, debug.Stack())
		}
	}()
	version, _ := m.store.Committed()
	if block.Height != version+1 {
		return Result{}, fmt.Errorf("block %d: the state stands at %d", block.Height, version)
	}
	if version > 0 {
		m.store.Rollback() // of a block that was never committed
	}
	working := record.NewOverlay(m.store)
	result, err = run(working, block, m.verdicts)
	if err != nil {
		return Result{}, err
	}
	result.Changes = working.Changes()
	working.Apply()
	result.AppHash, err = m.store.WorkingHash()
	if err != nil {
		m.store.Rollback()
		return Result{}, fmt.Errorf("block %d: %w", block.Height, err)
	}
	return result, nil
}

// Commit makes the block's state the next version. No blocks may be dropped yet.
func (m *Machine) Commit() (retainHeight int64, err error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	hash, err := m.store.WorkingHash()
	if err != nil {
		return 0, err
	}
	committed, version, err := m.store.Commit()
	if err != nil {
		return 0, err
	}
	if !bytes.Equal(hash, committed) {
		return 0, fmt.Errorf("commit of block %d: %w", version, errHashMoved)
	}
	return 0, nil
}

var errHashMoved = errors.New("the app hash differs from the one that was voted on")

// run is what a block does to the state, in the order told in the package doc.
func run(state record.State, block Block, verdicts *contract.Verdicts) (Result, error) {
	clock, err := advance(state, block)
	if err != nil {
		return Result{}, err
	}
	ctx := contract.Context{
		State: state, Chain: committee.LoadParameters(state).Chain, Height: block.Height, Now: clock.Seconds(),
		Deals: map[string]int{}, Verdicts: verdicts,
	}
	result := Result{LedgerTime: ctx.Now}
	forgetReplays(state, block.Height)
	committee.BeginBlock(ctx, attendance(block.Votes), block.Misbehavior)
	runMoments(ctx)
	verifyDeals(ctx, block.Transactions)
	for _, encoded := range block.Transactions {
		outcome, fault := deliver(ctx, encoded)
		result.Transactions = append(result.Transactions, outcome)
		if fault != "" {
			result.Faults = append(result.Faults, fault)
		}
	}
	closeRounds(ctx)
	trade.EndBlock(ctx)
	vault.EndWithdrawn(ctx)
	vault.AdvanceHandover(ctx)
	for _, update := range committee.EndBlock(ctx) {
		result.Validators = append(result.Validators, ValidatorUpdate{PublicKey: update.Key, Power: update.Power})
	}
	return result, nil
}

// closeRounds hands each round that closed in this block to the contract that
// it was opened for.
func closeRounds(ctx contract.Context) {
	for _, round := range vault.EndBlock(ctx) {
		switch round.Kind {
		case vault.Forecast:
			scheduling.RoundClosed(ctx, round)
		case vault.Reading:
			trade.RoundClosed(ctx, round)
		}
	}
}

func attendance(votes []Vote) []committee.Attendance {
	seen := make([]committee.Attendance, len(votes))
	for i, vote := range votes {
		seen[i] = committee.Attendance{Address: vote.Address, Signed: vote.Signed}
	}
	return seen
}
