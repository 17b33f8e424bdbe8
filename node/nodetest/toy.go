package nodetest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Toy is the smallest state machine: a transaction "key=value" writes a
// record, once. Each block counts itself, so that every app hash is another.
// "fail=now" and "panic=now" do so in the block.
type Toy struct {
	Store   *merkle.Store
	Updates []ledger.ValidatorUpdate // what the block with "validators=now" returns
	Broken  bool                     // Commit fails, as if the machine stopped just before
}

// InitChain implements node.Machine.
func (m *Toy) InitChain(document []byte, _ time.Time) ([]byte, error) {
	m.Store.Rollback()
	m.Store.Set("genesis", document)
	return m.Store.WorkingHash()
}

// CheckTx implements node.Machine.
func (m *Toy) CheckTx(transaction []byte) error {
	key, value, found := strings.Cut(string(transaction), "=")
	if !found || key == "" || value == "" {
		return fmt.Errorf("%.20q is not key=value", transaction)
	}
	return nil
}

// FinalizeBlock implements node.Machine.
func (m *Toy) FinalizeBlock(block ledger.Block) (ledger.Result, error) {
	result := ledger.Result{LedgerTime: block.Time.Unix()}
	overlay := record.NewOverlay(m.Store)
	overlay.Set("height", fmt.Appendf(nil, "%d", block.Height))
	for _, transaction := range block.Transactions {
		switch string(transaction) {
		case "fail=now":
			return result, errors.New("told to fail")
		case "panic=now":
			panic("told to panic")
		case "validators=now":
			result.Validators = m.Updates
		}
		result.Transactions = append(result.Transactions, m.deliver(overlay, transaction))
	}
	result.Changes = overlay.Changes()
	overlay.Apply()
	hash, err := m.Store.WorkingHash()
	result.AppHash = hash
	return result, err
}

func (m *Toy) deliver(state record.State, transaction []byte) ledger.TransactionResult {
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

// Commit implements node.Machine.
func (m *Toy) Commit() (int64, error) {
	if m.Broken {
		return 0, errors.New("told to break")
	}
	_, _, err := m.Store.Commit()
	return 0, err
}
