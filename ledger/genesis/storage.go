package genesis

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
)

// Bounds of magnitudes, so that no sum on the ledger can overflow.
const (
	MaxWatt     energy.Watt     = 1<<32 - 1         // what the vault seals, 4.29 GW
	MaxWattHour energy.WattHour = 1_000_000_000_000 // 1 TWh
	MaxPrice    energy.Price    = 1_000_000_000     // 1,000 currency per kWh
)

// Validate says what is wrong with the storage.
func (s Storage) Validate() error {
	within := func(value energy.WattHour) bool { return s.Minimum <= value && value <= s.Maximum }
	window := fmt.Sprintf("minimum_wh to maximum_wh, %d to %d", s.Minimum, s.Maximum)
	switch {
	case s.Power <= 0 || s.Power > MaxWatt:
		return wrong("storage.power_w", s.Power, fmt.Sprintf("1 to %d", MaxWatt))
	case s.Capacity <= 0 || s.Capacity > MaxWattHour:
		return wrong("storage.capacity_wh", s.Capacity, fmt.Sprintf("1 to %d", MaxWattHour))
	case s.Minimum < 0 || s.Minimum > s.Maximum:
		return wrong("storage.minimum_wh", s.Minimum, fmt.Sprintf("0 to maximum_wh, %d", s.Maximum))
	case s.Maximum > s.Capacity:
		return wrong("storage.maximum_wh", s.Maximum, fmt.Sprintf("at most capacity_wh, %d", s.Capacity))
	case !within(s.Start):
		return wrong("storage.start_wh", s.Start, window)
	case !within(s.End):
		return wrong("storage.end_wh", s.End, window)
	case s.EndRule != energy.EndEqual && s.EndRule != energy.EndAtLeast:
		return wrong("storage.end_rule", s.EndRule, "0 (equal) or 1 (at least)")
	case s.ChargeEfficiency < 1 || s.ChargeEfficiency > energy.EfficiencyOne:
		return wrong("storage.charge_efficiency_1e4", s.ChargeEfficiency, "1 to 10000")
	case s.DischargeEfficiency < 1 || s.DischargeEfficiency > energy.EfficiencyOne:
		return wrong("storage.discharge_efficiency_1e4", s.DischargeEfficiency, "1 to 10000")
	case s.Fee < 0 || s.Fee > MaxPrice:
		return wrong("storage.fee_1e6_per_kwh", s.Fee, fmt.Sprintf("0 to %d", MaxPrice))
	}
	return nil
}

// Validate says what is wrong with the rule's parameters.
func (s Sharing) Validate() error {
	switch {
	case s.Reference < 0 || s.Reference > MaxPrice:
		return wrong("sharing.reference_1e6_per_kwh", s.Reference, fmt.Sprintf("0 to %d", MaxPrice))
	case s.OperatorShare < 0 || s.OperatorShare > energy.PartsOne:
		return wrong("sharing.operator_share_1e6", s.OperatorShare, fmt.Sprintf("0 to %d", energy.PartsOne))
	}
	return nil
}
