package view

import (
	"strings"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// decoder reads one type of record or body; kind is its name.
type decoder struct {
	kind   string
	decode func([]byte) (any, error)
}

func as[T any](kind string) decoder {
	return decoder{kind, func(encoded []byte) (any, error) { return record.Decode[T](encoded) }}
}

// recordKinds says what stands under a prefix.
var recordKinds = []struct {
	prefix  string
	decoder decoder
}{
	{"account/", as[committee.Account]("account")},
	{committee.MemberPrefix, as[committee.Member]("member")},
	{committee.ParkPrefix, as[committee.Park]("park")},
	{committee.ProposalPrefix, as[committee.Proposal]("proposal")},
	{committee.ParametersKey, as[committee.Parameters]("parameters")},
	{committee.StorageKey, as[committee.Storage]("storage")},
	{committee.SharingPrefix, as[committee.Sharing]("sharing rule")},
	{committee.ValidatorsKey, as[committee.Validators]("validators")},
	{alerts.Prefix, as[alerts.Alert]("alert")},
	{tariff.Prefix, as[tariff.Tariff]("tariff")},
	{scheduling.Prefix, as[scheduling.Plan]("plan")},
	{"plan-in-force/", as[scheduling.InForce]("plan in force")},
	{"control/signal/", as[control.Signal]("control signal")},
	{control.CurrentKey, as[control.Signal]("control signal")},
	{"control/outcome/", as[control.Outcome]("outcome")},
	{control.MeasuredKey, as[control.Measured]("measured energy")},
	{trade.ContractPrefix, as[trade.Contract]("contract")},
	{"trade/settlement/", as[trade.Settlement]("settlement")},
	{"trade/bill/", as[trade.Bill]("bill")},
	{vault.RoundPrefix, as[vault.Round]("round")},
	{"vault/opened/", as[vault.Opened]("opened sums")},
	{"vault/partial/", as[vault.Partials]("partial sums")},
	{"vault/sealed/", as[vault.Sealed]("sealed series")},
	{"vault/channel/", as[vault.Channel]("channels")},
	{contract.MomentPrefix, as[contract.Moment]("moment")},
}

// bodyKinds says what the body of a kind of transaction is.
var bodyKinds = map[string]decoder{
	"alerts/raise":              as[alerts.Raise]("raise"),
	"alerts/acknowledge":        as[alerts.Acknowledge]("acknowledge"),
	"committee/propose":         as[committee.Propose]("propose"),
	"committee/vote":            as[committee.Vote]("vote"),
	"control/outcome":           as[control.Outcome]("outcome"),
	"scheduling/replan":         as[scheduling.Replan]("replan"),
	"tariff/publish":            as[tariff.Tariff]("tariff"),
	"trade/lines":               as[trade.PostLines]("lines"),
	"trade/confirm":             as[trade.Confirm]("confirm"),
	"trade/bill":                as[trade.SubmitBill]("bill"),
	"trade/judge-bill":          as[trade.JudgeBill]("judge bill"),
	"vault/channel":             as[vault.OpenChannel]("channels"),
	"vault/channel-acknowledge": as[vault.AcknowledgeChannel]("acknowledge channel"),
	"vault/deal":                as[vault.Deal]("deal"),
	"vault/acknowledge":         as[vault.Acknowledge]("acknowledge"),
	"vault/partials":            as[vault.Partials]("partials"),
	"vault/request":             as[vault.Request]("request"),
}

// DecodeRecord reads the record at key: what kind it is and its fields. A
// record that cannot be read has the kind "" and an error.
func DecodeRecord(key string, value []byte) (kind string, fields []Field, err error) {
	for _, known := range recordKinds {
		if strings.HasPrefix(key, known.prefix) {
			decoded, err := known.decoder.decode(value)
			if err != nil {
				return "", nil, err
			}
			return known.decoder.kind, Fields(decoded), nil
		}
	}
	return "", nil, errUnknownKind
}
