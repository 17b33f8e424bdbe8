package genesis

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/vault"
)

// Bounds of what a document may say.
const (
	MaxMembers   = 255
	MaxParks     = 10_000
	LeastParks   = 3 // in a community sum, whatever the parks consent to
	UsualMinimum = 5 // parks in a community sum without consent
	MaxFactor    = 100_000
	MaxCap       = 3_600_000        // milliseconds
	MaxTerm      = 366 * 24 * 3_600 // of a gate, seconds
)

var (
	namePattern     = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	chainPattern    = regexp.MustCompile(`^[a-zA-Z0-9-]{1,50}$`) // the engine takes 50
	currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)
)

// FieldError says which field of a document holds what, and what was expected.
type FieldError struct {
	Field    string // "members[2].key"
	Value    string
	Expected string
}

// Error implements error.
func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: %s: expected %s", e.Field, e.Value, e.Expected)
}

func wrong(field string, value any, expected string) error {
	return &FieldError{field, fmt.Sprint(value), expected}
}

// Quorum is how many of n members must have acknowledged a round, so that
// enough honest ones hold right shares: ceil((n+t)/2).
func Quorum(members, threshold int) int { return (members + threshold + 1) / 2 }

// Validate says everything that is wrong with the document.
func (d Document) Validate() error {
	names := map[string]string{}
	return errors.Join(
		d.validateHead(),
		d.Clock.validate(),
		d.Gates.validate(),
		d.validateThresholds(),
		d.validateMembers(names),
		d.validateParks(names),
		d.Grid.validate("grid", names),
		d.Operator.validate("operator", names),
		d.Storage.Validate(),
		d.Sharing.Validate(),
	)
}

func (d Document) validateHead() error {
	switch {
	case !chainPattern.MatchString(d.ChainID):
		return wrong("chain_id", fmt.Sprintf("%.80q", d.ChainID), "1 to 50 letters, digits or '-'")
	case d.GenesisTime.Unix() <= 0 || d.GenesisTime.Year() > 9999:
		return wrong("genesis_time", d.GenesisTime, "a time after 1970")
	case d.GenesisTime.Location() != time.UTC:
		return wrong("genesis_time", d.GenesisTime, "UTC (ending in Z)")
	case !currencyPattern.MatchString(d.Currency):
		return wrong("currency", fmt.Sprintf("%.80q", d.Currency), "three capital letters (ISO 4217)")
	case len(d.Timezone) == 0 || len(d.Timezone) > 64:
		return wrong("timezone", fmt.Sprintf("%.80q", d.Timezone), "an IANA zone")
	case d.Minutes != 15 && d.Minutes != 30 && d.Minutes != 60:
		return wrong("period_minutes", d.Minutes, "15, 30 or 60")
	}
	return nil
}

func (c Clock) validate() error {
	switch {
	case c.Start <= 0:
		return wrong("clock.start", c.Start, "Unix seconds after 1970")
	case c.Factor < 1 || c.Factor > MaxFactor:
		return wrong("clock.factor", c.Factor, fmt.Sprintf("1 to %d", MaxFactor))
	case c.CapMilliseconds < 0 || c.CapMilliseconds > MaxCap:
		return wrong("clock.cap_ms", c.CapMilliseconds, fmt.Sprintf("0 to %d", MaxCap))
	case c.Factor > 1 && c.CapMilliseconds == 0:
		return wrong("clock.cap_ms", c.CapMilliseconds, "a cap where the factor is not 1, so that a pause does not jump over days")
	}
	return nil
}

func (g Gates) validate() error {
	for _, gate := range []struct {
		name    string
		seconds int64
	}{
		{"tariff_lead", g.TariffLead},
		{"daily_lead", g.DailyLead},
		{"reading_lag", g.ReadingLag},
		{"bill_term", g.BillTerm},
		{"contest", g.Contest},
	} {
		if gate.seconds <= 0 || gate.seconds > MaxTerm {
			return wrong("gates."+gate.name, gate.seconds, fmt.Sprintf("1 to %d seconds", MaxTerm))
		}
	}
	switch {
	case g.TariffLead < g.DailyLead:
		return wrong("gates.tariff_lead", g.TariffLead, fmt.Sprintf("at least daily_lead, %d", g.DailyLead))
	case g.Contest < g.ReadingLag+g.BillTerm:
		return wrong("gates.contest", g.Contest, fmt.Sprintf("at least reading_lag + bill_term, %d", g.ReadingLag+g.BillTerm))
	}
	return nil
}

func (d Document) validateThresholds() error {
	n := len(d.Members)
	switch {
	case n < 2 || n > MaxMembers:
		return wrong("members", n, fmt.Sprintf("2 to %d members", MaxMembers))
	case d.Threshold < 2 || d.Threshold > n:
		return wrong("threshold", d.Threshold, fmt.Sprintf("2 to %d, the number of members", n))
	case len(d.Parks) < LeastParks || len(d.Parks) > MaxParks:
		return wrong("parks", len(d.Parks), fmt.Sprintf("%d to %d parks", LeastParks, MaxParks))
	case d.Minimum < LeastParks || d.Minimum > len(d.Parks):
		return wrong("minimum_parks", d.Minimum, fmt.Sprintf("%d to %d, the number of parks", LeastParks, len(d.Parks)))
	case d.Padding < 0 || d.Padding > MaxPadding:
		return wrong("padding_kw", d.Padding, fmt.Sprintf("0 to %d kW", MaxPadding))
	case d.Minimum < UsualMinimum && !d.Consent && d.Padding == 0:
		return wrong("minimum_parks", d.Minimum,
			fmt.Sprintf("%d, or parks_consent: true where the parks accept what sums of fewer tell, or padding_kw", UsualMinimum))
	}
	return nil
}

func (d Document) validateMembers(names map[string]string) error {
	parks := map[string]bool{"": true}
	for _, park := range d.Parks {
		parks[park.Name] = true
	}
	var faults []error
	for i, member := range d.Members {
		field := fmt.Sprintf("members[%d]", i)
		faults = append(faults, validateParty(field, member.Name, member.Key, member.SealingKey, names))
		switch {
		case len(member.ConsensusKey) != ed25519.PublicKeySize:
			faults = append(faults, wrong(field+".consensus_key", bytesOf(member.ConsensusKey), "32 bytes (Ed25519)"))
		case int(member.Index) != i+1:
			faults = append(faults, wrong(field+".index", member.Index, fmt.Sprintf("%d: members stand in order of their indices", i+1)))
		case !parks[member.Park]:
			faults = append(faults, wrong(field+".park", fmt.Sprintf("%.80q", member.Park), "the name of a park, or nothing"))
		case len(member.Owner) > 100:
			faults = append(faults, wrong(field+".owner", fmt.Sprintf("%.80q", member.Owner), "at most 100 bytes"))
		}
		faults = append(faults, unique(field+".consensus_key", "key "+string(member.ConsensusKey), names))
	}
	return errors.Join(faults...)
}

// Validate says what is wrong with a member by itself.
func (m Member) Validate() error {
	if err := validateParty("member", m.Name, m.Key, m.SealingKey, map[string]string{}); err != nil {
		return err
	}
	switch {
	case len(m.ConsensusKey) != ed25519.PublicKeySize:
		return wrong("member.consensus_key", bytesOf(m.ConsensusKey), "32 bytes (Ed25519)")
	case len(m.Owner) > 100:
		return wrong("member.owner", fmt.Sprintf("%.80q", m.Owner), "at most 100 bytes")
	}
	return nil
}

// MaxPadding bounds the padding of forecasts, kW: beyond it plans say nothing.
const MaxPadding = 10_000

// PaddingPower is the padding of forecasts in W.
func (d Document) PaddingPower() energy.Watt { return energy.Watt(d.Padding * 1_000) }

func (d Document) validateParks(names map[string]string) error {
	var faults []error
	for i, park := range d.Parks {
		field := fmt.Sprintf("parks[%d]", i)
		faults = append(faults, validateParty(field, park.Name, park.Key, park.SealingKey, names))
		for _, capacity := range []struct {
			name  string
			value energy.Watt
		}{{"surplus_capacity_w", park.SurplusCapacity}, {"deficit_capacity_w", park.DeficitCapacity}} {
			if capacity.value < 0 || capacity.value > MaxWatt {
				faults = append(faults, wrong(field+"."+capacity.name, capacity.value, fmt.Sprintf("0 to %d W", MaxWatt)))
			}
			if capacity.value < d.PaddingPower() {
				faults = append(faults, wrong(field+"."+capacity.name, capacity.value, fmt.Sprintf("room for the padding, %d W", d.PaddingPower())))
			}
		}
	}
	return errors.Join(faults...)
}

func (p Party) validate(field string, names map[string]string) error {
	return validateParty(field, p.Name, p.Key, p.SealingKey, names)
}

// validateParty checks what all accounts have; names holds what is taken.
func validateParty(field, name string, key, sealing []byte, names map[string]string) error {
	if !namePattern.MatchString(name) {
		return wrong(field+".name", fmt.Sprintf("%.80q", name), "1 to 40 of a-z, 0-9 and '-'")
	}
	if len(key) != ed25519.PublicKeySize {
		return wrong(field+".key", bytesOf(key), "32 bytes (Ed25519)")
	}
	if err := vault.CheckPublicKey(sealing); err != nil {
		return wrong(field+".sealing_key", bytesOf(sealing), "a public key of the vault: "+err.Error())
	}
	return errors.Join(
		unique(field+".name", "name "+name, names),
		unique(field+".key", "key "+string(key), names),
		unique(field+".sealing_key", "key "+string(sealing), names),
	)
}

func unique(field, value string, names map[string]string) error {
	if taken, found := names[value]; found {
		return wrong(field, "the same as "+taken, "one of its own")
	}
	names[value] = field
	return nil
}

func bytesOf(value []byte) string { return fmt.Sprintf("%d bytes", len(value)) }
