package ledger

import (
	"fmt"
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

// shape says what stands under a key or under all keys with a prefix.
type shape struct {
	key    string // a prefix where it ends in '/' or '-', else the whole key
	decode func(value []byte) (any, error)
}

// shapes is everything that the state holds. Contracts' own bookkeeping is
// shown as plain lists.
var shapes = []shape{
	{ClockKey, as[Clock]},
	{replayPrefix, as[bool]},
	{contract.MomentPrefix, as[contract.Moment]},

	{committee.ParametersKey, as[committee.Parameters]},
	{committee.StorageKey, as[committee.Storage]},
	{committee.ValidatorsKey, as[committee.Validators]},
	{committee.SharingPrefix, as[committee.Sharing]},
	{committee.MemberPrefix, as[committee.Member]},
	{committee.KeepersPrefix, as[committee.Keepers]},
	{committee.ParkPrefix, as[committee.Park]},
	{committee.ProposalPrefix, as[committee.Proposal]},
	{committee.AccountKey(""), as[committee.Account]},

	{alerts.Prefix, as[alerts.Alert]},
	{tariff.Prefix, as[tariff.Tariff]},

	{vault.ChannelsPrefix, as[vault.Channel]},
	{"vault/sealed/", as[vault.Sealed]},
	{"vault/partial/", as[[][]byte]},
	{vault.VoidPrefix, as[vault.Void]},
	{vault.HandoverPrefix, as[vault.Handover]},
	{vault.SubdealPrefix, as[[][]byte]},
	{vault.RoundPrefix, as[vault.Round]},
	{vault.ReleasePrefix, as[vault.Release]},
	{vault.ReleasedKey(""), as[vault.Sealed]},
	{vault.OpenedKey(""), as[vault.Opened]},

	{scheduling.Prefix, as[scheduling.Plan]},
	{"plan-in-force/", as[scheduling.InForce]},
	{"plan-new/", as[scheduling.InForce]},

	{"control/signal/", as[control.Signal]},
	{"control/outcome/", as[control.Outcome]},
	{control.CurrentKey, as[control.Signal]},
	{control.MeasuredKey, as[control.Measured]},
	{"control/replans/", as[int]},

	{trade.ContractPrefix, as[trade.Contract]},
	{"trade/settlement/", as[trade.Settlement]},
	{"trade/pending/", as[trade.Settlement]},
	{"trade/bill/", as[trade.Bill]},
	{"trade/metering/", as[trade.Metering]},

	{"alert-", as[any]},
	{"tariff-", as[any]},
	{"committee/", as[any]},
	{"vault/", as[any]},
	{"trade/", as[any]},
}

func as[Record any](value []byte) (any, error) { return record.Decode[Record](value) }

// DecodeRecord decodes the record at a key, for people to read: encoding/json
// shows it with the field names of its type and bytes in base64.
func DecodeRecord(key string, value []byte) (any, error) {
	for _, shape := range shapes {
		whole := !strings.HasSuffix(shape.key, "/") && !strings.HasSuffix(shape.key, "-")
		if key != shape.key && (whole || !strings.HasPrefix(key, shape.key)) {
			continue
		}
		decoded, err := shape.decode(value)
		if err != nil {
			return nil, fmt.Errorf("record %.120q: %w", key, err)
		}
		return decoded, nil
	}
	return nil, fmt.Errorf("record %.120q: no contract keeps any there", key)
}
