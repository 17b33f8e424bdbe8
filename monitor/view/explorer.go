package view

import (
	"context"
	"encoding/hex"
	"reflect"

	"github.com/sesame-energy/sesame/ledger/transaction"
	"github.com/sesame-energy/sesame/monitor/index"
)

// Block is a block in the explorer.
type Block struct {
	Height       int64  `json:"height"`
	BlockTime    int64  `json:"block_time"` // Unix milliseconds
	LedgerTime   int64  `json:"ledger_time"`
	Hash         string `json:"hash"`
	AppHash      string `json:"app_hash"`
	Proposer     string `json:"proposer"` // consensus address
	Transactions int    `json:"transactions"`
	Changes      int    `json:"changes"`
}

// BlockDetail is a block with what it carried and changed.
type BlockDetail struct {
	Block
	Sent    []Transaction `json:"sent"`
	Changed []Changed     `json:"changed"`
}

// Changed is a record that a block wrote or deleted.
type Changed struct {
	Key     string `json:"key"`
	Deleted bool   `json:"deleted"`
}

// Transaction is a transaction in the explorer: who asked for what. Facts are
// the plain fields of its body, for the page to put into words.
type Transaction struct {
	Hash       string         `json:"hash"`
	Height     int64          `json:"height"`
	LedgerTime int64          `json:"ledger_time"`
	Code       uint32         `json:"code"`
	Log        string         `json:"log"`
	Size       int            `json:"size"`
	Sender     string         `json:"sender"`
	Kind       string         `json:"kind"` // "" where it cannot be read
	Facts      map[string]any `json:"facts"`
}

// TransactionDetail is a transaction with all fields.
type TransactionDetail struct {
	Transaction
	ValidUntil int64   `json:"valid_until"`
	Signature  string  `json:"signature"`
	Fields     []Field `json:"fields"`
	Bytes      []byte  `json:"bytes"`
}

// Blocks lists blocks from the newest down.
func (v *Viewer) Blocks(ctx context.Context, before int64, limit int) ([]Block, error) {
	found, err := v.index.Blocks(ctx, before, limit)
	blocks := make([]Block, len(found))
	for i, b := range found {
		blocks[i] = blockOf(b)
	}
	return blocks, err
}

// Block is one block with its transactions and changes, and whether it is there.
func (v *Viewer) Block(ctx context.Context, height int64) (BlockDetail, bool, error) {
	found, there, err := v.index.Block(ctx, height)
	if err != nil || !there {
		return BlockDetail{}, false, err
	}
	detail := BlockDetail{Block: blockOf(found), Sent: []Transaction{}, Changed: []Changed{}}
	sent, err := v.index.TransactionsOf(ctx, height)
	if err != nil {
		return BlockDetail{}, false, err
	}
	for _, t := range sent {
		detail.Sent = append(detail.Sent, transactionOf(t))
	}
	changes, err := v.index.Changes(ctx, height)
	for _, c := range changes {
		detail.Changed = append(detail.Changed, Changed(c))
	}
	return detail, true, err
}

// Transactions lists the newest transactions first.
func (v *Viewer) Transactions(ctx context.Context, before int64, limit int) ([]Transaction, error) {
	found, err := v.index.Transactions(ctx, before, limit)
	sent := make([]Transaction, len(found))
	for i, t := range found {
		sent[i] = transactionOf(t)
	}
	return sent, err
}

// Transaction is one transaction with all its fields, and whether it is there.
func (v *Viewer) Transaction(ctx context.Context, hash []byte) (TransactionDetail, bool, error) {
	found, there, err := v.index.Transaction(ctx, hash)
	if err != nil || !there {
		return TransactionDetail{}, false, err
	}
	detail := TransactionDetail{Transaction: transactionOf(found), Fields: []Field{}, Bytes: found.Bytes}
	envelope, err := transaction.Decode(found.Bytes)
	if err != nil {
		return detail, true, nil
	}
	detail.ValidUntil, detail.Signature = envelope.ValidUntil, hex.EncodeToString(envelope.Signature)
	if known, there := bodyKinds[envelope.Kind]; there {
		if body, err := known(envelope.Body); err == nil {
			detail.Fields = Fields(body)
		}
	}
	return detail, true, nil
}

func blockOf(b index.Block) Block {
	return Block{
		b.Height, b.BlockTime.UnixMilli(), b.LedgerTime, hex.EncodeToString(b.Hash), hex.EncodeToString(b.AppHash),
		hex.EncodeToString(b.Proposer), b.Transactions, b.Changes,
	}
}

func transactionOf(t index.Transaction) Transaction {
	sent := Transaction{
		Hash: hex.EncodeToString(t.Hash), Height: t.Height, LedgerTime: t.LedgerTime, Code: t.Code, Log: t.Log,
		Size: len(t.Bytes), Facts: map[string]any{},
	}
	envelope, err := transaction.Decode(t.Bytes)
	if err != nil {
		return sent
	}
	sent.Sender, sent.Kind = envelope.Sender, envelope.Kind
	if known, there := bodyKinds[envelope.Kind]; there {
		if body, err := known(envelope.Body); err == nil {
			sent.Facts = facts(body)
		}
	}
	return sent
}

// facts are the plain fields of a body by the names of their Go fields, and
// the local date of its day.
func facts(body any) map[string]any {
	found := map[string]any{}
	value := reflect.ValueOf(body)
	for i := range value.NumField() {
		field := value.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		switch kind := value.Field(i).Kind(); {
		case kind == reflect.Bool, kind == reflect.String, kind >= reflect.Int && kind <= reflect.Uint64:
			found[field.Name] = value.Field(i).Interface()
		}
	}
	for _, name := range []string{"Day", "FirstDay"} {
		if day, there := found[name].(uint32); there {
			found["Date"] = date(day)
		}
	}
	return found
}
