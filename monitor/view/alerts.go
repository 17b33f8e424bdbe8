package view

import (
	"context"

	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
)

// Alert is an alert on the ledger.
type Alert struct {
	ID             uint64 `json:"id"`
	Height         int64  `json:"height"`
	Time           int64  `json:"time"`
	Rule           string `json:"rule"`
	Subject        string `json:"subject"`
	Detail         string `json:"detail"`
	RaisedBy       string `json:"raised_by"`
	AcknowledgedBy string `json:"acknowledged_by"`
	AcknowledgedAt int64  `json:"acknowledged_at"`
	Record         string `json:"record"`
}

// Alerts lists the newest alerts first, at most limit.
func (v *Viewer) Alerts(ctx context.Context, limit int) ([]Alert, error) {
	found, err := listLast[alerts.Alert](ctx, v, alerts.Prefix, limit)
	if err != nil {
		return nil, err
	}
	listed := make([]Alert, len(found))
	for i, a := range found {
		listed[i] = Alert{
			a.value.ID, a.value.Height, a.value.Time, a.value.Rule, a.value.Subject, a.value.Detail, a.value.RaisedBy,
			a.value.AcknowledgedBy, a.value.AcknowledgedAt, a.key,
		}
	}
	return listed, nil
}

// Proposal is a vote of the committee.
type Proposal struct {
	ID       uint64   `json:"id"`
	Proposer string   `json:"proposer"`
	Action   string   `json:"action"`
	Subject  string   `json:"subject"`
	Reason   string   `json:"reason"`
	Opened   int64    `json:"opened"`
	Approved []string `json:"approved"`
	Rejected []string `json:"rejected"`
	State    string   `json:"state"`
	Outcome  string   `json:"outcome"`
	Record   string   `json:"record"`
}

// Proposals lists the newest votes first, at most limit.
func (v *Viewer) Proposals(ctx context.Context, limit int) ([]Proposal, error) {
	found, err := listLast[committee.Proposal](ctx, v, committee.ProposalPrefix, limit)
	if err != nil {
		return nil, err
	}
	listed := make([]Proposal, len(found))
	for i, p := range found {
		listed[i] = Proposal{
			p.value.ID, p.value.Proposer, p.value.Action, p.value.Subject, p.value.Reason, p.value.Opened,
			p.value.Approved, p.value.Rejected, p.value.State, p.value.Outcome, p.key,
		}
	}
	return listed, nil
}
