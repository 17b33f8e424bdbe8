package view

import (
	"reflect"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// decoder reads the body of one kind of transaction.
type decoder func(encoded []byte) (any, error)

func as[T any](encoded []byte) (any, error) { return record.Decode[T](encoded) }

// bodyKinds says what the body of a kind of transaction is.
var bodyKinds = map[string]decoder{
	"alerts/raise":               as[alerts.Raise],
	"alerts/acknowledge":         as[alerts.Acknowledge],
	"committee/propose":          as[committee.Propose],
	"committee/vote":             as[committee.Vote],
	"control/outcome":            as[control.Outcome],
	"scheduling/replan":          as[scheduling.Replan],
	"tariff/publish":             as[tariff.Tariff],
	"trade/lines":                as[trade.PostLines],
	"trade/confirm":              as[trade.Confirm],
	"trade/bill":                 as[trade.SubmitBill],
	"trade/judge-bill":           as[trade.JudgeBill],
	"vault/channel":              as[vault.OpenChannel],
	"vault/channel-acknowledge":  as[vault.AcknowledgeChannel],
	"vault/rotate-key":           as[vault.RotateKey],
	"vault/hand-on":              as[vault.HandOn],
	"vault/handover-acknowledge": as[vault.AcknowledgeHandover],
	"vault/deal":                 as[vault.Deal],
	"vault/acknowledge":          as[vault.Acknowledge],
	"vault/partials":             as[vault.Partials],
	"vault/disclose":             as[vault.Disclose],
	"vault/refuse":               as[vault.Refuse],
	"trade/net":                  as[trade.SubmitNet],
	"trade/attest":               as[trade.Attest],
	"vault/request":              as[vault.Request],
}

// DecodeRecord reads the record at key: what kind it is and its fields.
func DecodeRecord(key string, value []byte) (kind string, fields []Field, err error) {
	decoded, err := ledger.DecodeRecord(key, value)
	if err != nil {
		return "", nil, err
	}
	if shape := reflect.TypeOf(decoded); shape != nil && shape.Kind() == reflect.Struct {
		return spaced(shape.Name()), Fields(decoded), nil
	}
	return "record", []Field{describe("value", reflect.ValueOf(decoded), shownDepth)}, nil
}
