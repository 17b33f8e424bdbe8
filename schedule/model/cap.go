package model

import "github.com/sesame-energy/sesame/energy"

// capped gives the cap on the community's import, NoLimit where there is none.
func (m *Model) capped() energy.Watt {
	if m.Import == nil {
		return energy.NoLimit
	}
	return m.Import.Cap
}

// beside is what the cap leaves beside a power, NoLimit where there is none.
func (m *Model) beside(power energy.Watt) energy.Watt {
	if limit := m.capped(); limit != energy.NoLimit {
		return max(0, limit-power)
	}
	return energy.NoLimit
}

// beyondCap is deficit that the storage must serve, without local trade,
// because the cap does not let it be bought.
func (m *Model) beyondCap(t int) energy.Watt {
	if limit := m.capped(); limit != energy.NoLimit {
		return max(0, m.Deficit[t]-limit)
	}
	return 0
}

// shareCap is the merit order of charging with local trade under a cap, which
// deficit that is bought and purchases for the storage share. Below are the
// steps taken while the storage rests, the last first, without the fee.
//
// Until the cap is used up the steps come as they stand. From then on only more
// surplus is left to charge: directly, or in that a watt of it serves a deficit
// that was bought, the dearest first, so that the storage can buy instead.
// That pays where the purchase costs less than the deficit's buying price,
// less the fee of local trade, and the storage's fee.
func (m *Model) shareCap(steps, below []step) []step {
	left := m.capped()
	var served []step // deficit that is bought, cheapest first, without the fee
	for i := len(below) - 1; i >= 0; i-- {
		if below[i].isGiven() {
			served = append(served, below[i])
			left -= below[i].power
		}
	}
	var out, rest, waiting []step
	for _, s := range steps {
		if s.kind == surplus {
			if left > 0 {
				out = append(out, s)
			} else {
				rest = append(rest, s)
			}
			continue
		}
		part := s
		part.power = min(s.power, left)
		left, s.power = left-part.power, s.power-part.power
		out = appendStep(out, part)
		if s.isGiven() {
			part.price -= m.Storage.Fee
			served = appendStep(served, part)
		} else {
			waiting = appendStep(waiting, s)
		}
	}
	return append(out, m.swap(rest, served, waiting)...)
}

// swap goes on with surplus once the cap is used up.
func (m *Model) swap(rest, served, waiting []step) []step {
	var out []step
	for i := range rest {
		s := rest[i]
		for s.power > 0 && len(served) > 0 && len(waiting) > 0 {
			dearest, purchase := &served[len(served)-1], &waiting[0]
			change := purchase.price - dearest.price
			if change >= m.Storage.Fee {
				break
			}
			power := min(s.power, dearest.power, purchase.power)
			out = append(out, step{power, s.price - m.Storage.Fee + change, s.class, swapped})
			s.power, dearest.power, purchase.power = s.power-power, dearest.power-power, purchase.power-power
			if dearest.power == 0 {
				served = served[:len(served)-1]
			}
			if purchase.power == 0 {
				waiting = waiting[1:]
			}
		}
		out = appendStep(out, s)
	}
	return out
}
