package alerts

import (
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Bounds of what an alert may say.
const (
	maxSubject = 100
	maxDetail  = 500
)

// standingTerm is how long an alert that nobody has acknowledged keeps the same
// one from being raised again, ledger seconds. Half a day: what recurs at each
// gate is told each day.
const standingTerm = 12 * 3_600

var (
	rulePattern    = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	subjectPattern = regexp.MustCompile(fmt.Sprintf(`^[a-z0-9/.-]{1,%d}$`, maxSubject))
)

const countKey = "alert-count"

// standing points from rule and subject to the last alert about them.
type standing struct {
	_     struct{} `cbor:",toarray"`
	Alert uint64
}

func standingKey(raisedBy, rule, subject string) string {
	return "alert-standing/" + raisedBy + "/" + rule + "/" + subject
}

// Key is where the alert with that id stands.
func Key(id uint64) string { return fmt.Sprintf("%s%08d", Prefix, id) }

// Post raises an alert for a contract ("contract/vault"), unless the same rule
// and subject stand unacknowledged since less than half a day of ledger time.
func Post(ctx contract.Context, raisedBy, rule, subject, detail string) {
	if _, stands := standingAlert(ctx, raisedBy, rule, subject); !stands {
		post(ctx, raisedBy, rule, subject, cut(detail))
	}
}

// Clear acknowledges, in the name of the contract that raised it, the alert of
// rule and subject that stands: its cause is gone.
func Clear(ctx contract.Context, raisedBy, rule, subject string) {
	last, found := record.Load[standing](ctx.State, standingKey(raisedBy, rule, subject))
	if !found {
		return
	}
	alert, found := record.Load[Alert](ctx.State, Key(last.Alert))
	if found && alert.AcknowledgedBy == "" {
		acknowledge(ctx, alert, raisedBy)
	}
}

// HandleRaise raises an alert of an account ("alerts/raise").
func HandleRaise(ctx contract.Context, body Raise) error {
	switch {
	case !rulePattern.MatchString(body.Rule):
		return fmt.Errorf("rule %.60q: expected 1 to 40 of a-z, 0-9 and '-'", body.Rule)
	case !subjectPattern.MatchString(body.Subject):
		return fmt.Errorf("subject %.120q: expected 1 to %d of a-z, 0-9, '-', '.' and '/'", body.Subject, maxSubject)
	case len(body.Detail) > maxDetail || !utf8.ValidString(body.Detail):
		return fmt.Errorf("detail of %d bytes: expected UTF-8 of at most %d", len(body.Detail), maxDetail)
	}
	if stands, found := standingAlert(ctx, ctx.Sender, body.Rule, body.Subject); found {
		return fmt.Errorf("%s about %s: alert %d stands already", body.Rule, body.Subject, stands.ID)
	}
	post(ctx, ctx.Sender, body.Rule, body.Subject, body.Detail)
	return nil
}

// HandleAcknowledge notes who has taken an alert in hand ("alerts/acknowledge").
func HandleAcknowledge(ctx contract.Context, body Acknowledge) error {
	alert, found := record.Load[Alert](ctx.State, Key(body.Alert))
	switch {
	case !found:
		return fmt.Errorf("alert %d: there is none", body.Alert)
	case alert.AcknowledgedBy != "":
		return fmt.Errorf("alert %d: acknowledged by %s already", body.Alert, alert.AcknowledgedBy)
	}
	acknowledge(ctx, alert, ctx.Sender)
	return nil
}

func standingAlert(ctx contract.Context, raisedBy, rule, subject string) (Alert, bool) {
	last, found := record.Load[standing](ctx.State, standingKey(raisedBy, rule, subject))
	if !found {
		return Alert{}, false
	}
	alert, found := record.Load[Alert](ctx.State, Key(last.Alert))
	return alert, found && alert.AcknowledgedBy == "" && ctx.Now-alert.Time < standingTerm
}

func post(ctx contract.Context, raisedBy, rule, subject, detail string) {
	count, _ := record.Load[uint64](ctx.State, countKey)
	count++
	record.Save(ctx.State, countKey, count)
	record.Save(ctx.State, Key(count), Alert{
		ID: count, Height: ctx.Height, Time: ctx.Now,
		Rule: rule, Subject: subject, Detail: detail, RaisedBy: raisedBy,
	})
	record.Save(ctx.State, standingKey(raisedBy, rule, subject), standing{Alert: count})
}

func acknowledge(ctx contract.Context, alert Alert, by string) {
	alert.AcknowledgedBy, alert.AcknowledgedAt = by, ctx.Now
	record.Save(ctx.State, Key(alert.ID), alert)
}

// cut keeps a contract's own words within the bound, at a character's end.
func cut(detail string) string {
	if len(detail) <= maxDetail {
		return detail
	}
	end := maxDetail
	for end > 0 && !utf8.RuneStart(detail[end]) {
		end--
	}
	return detail[:end]
}
