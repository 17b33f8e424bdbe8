package node_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/ledger/record"
)

// toy is the smallest state machine: a transaction "key=value" writes a
// record. Each block counts itself, so that every app hash is another.
type toy struct {
	store *merkle.Store
	// updates are returned by the block that carries "validators=now".
	updates []ledger.ValidatorUpdate
}

func (m *toy) InitChain(document []byte, _ time.Time) ([]byte, error) {
	m.store.Rollback()
	m.store.Set("genesis", document)
	return m.store.WorkingHash()
}

func (m *toy) CheckTx(transaction []byte) error {
	key, value, found := strings.Cut(string(transaction), "=")
	if !found || key == "" || value == "" {
		return fmt.Errorf("%.20q is not key=value", transaction)
	}
	return nil
}

func (m *toy) FinalizeBlock(block ledger.Block) (ledger.Result, error) {
	result := ledger.Result{LedgerTime: block.Time.Unix()}
	overlay := record.NewOverlay(m.store)
	overlay.Set("height", fmt.Appendf(nil, "%d", block.Height))
	for _, transaction := range block.Transactions {
		switch string(transaction) {
		case "fail=now":
			return result, errors.New("told to fail")
		case "panic=now":
			panic("told to panic")
		case "validators=now":
			result.Validators = m.updates
		}
		result.Transactions = append(result.Transactions, m.deliver(overlay, transaction))
	}
	result.Changes = overlay.Changes()
	overlay.Apply()
	hash, err := m.store.WorkingHash()
	result.AppHash = hash
	return result, err
}

func (m *toy) deliver(state record.State, transaction []byte) ledger.TransactionResult {
	if err := m.CheckTx(transaction); err != nil {
		return ledger.TransactionResult{Code: 1, Log: err.Error()}
	}
	key, value, _ := strings.Cut(string(transaction), "=")
	if _, taken := state.Get(key); taken {
		return ledger.TransactionResult{Code: 2, Log: key + " is taken"}
	}
	state.Set(key, []byte(value))
	return ledger.TransactionResult{}
}

func (m *toy) Commit() (int64, error) {
	_, _, err := m.store.Commit()
	return 0, err
}
