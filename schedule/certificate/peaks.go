package certificate

import (
	"encoding/binary"
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// With a demand charge of d per watt of the highest import, a certificate
// divides all imports that a plan's highest can be, from the most down to 0, in
// stretches of whole watts. A plan whose highest import lies above a, where the
// stretch below ends, and not above b keeps a cap of b and pays more than d a, in
// fractions of watts, too. So where a certificate of the problem with
// that cap, and without the charge, proves a bound, that and d a bound such a
// plan, and the least over the stretches bounds every plan.
//
// Its bytes: the version 2, then
//
//	uvarint  number of stretches, at least 1
//	then for each stretch, the first beginning with the most import
//	uvarint  how many watts it holds, at least 1
//	uvarint  length of its certificate; 0, for the last, claims that no plan keeps the cap
//	         a certificate of version 1
//
// The last stretch ends with 0 W.
const versionPeaks = 2

// maxStretches bounds the stretches that the checker accepts.
const maxStretches = 1 << 12

// Stretch is a part of a certificate with a demand charge.
type Stretch struct {
	Watts       energy.Watt // how many imports it holds, from its cap down
	Certificate []byte      // nil where no plan keeps the cap
}

// Above is the import that those of a stretch with that lowest exceed; 0 for
// the last, which need not.
func Above(lowest energy.Watt) energy.Watt { return max(0, lowest-1) }

// EncodePeaks writes a certificate with a demand charge.
func EncodePeaks(stretches []Stretch) []byte {
	out := binary.AppendUvarint([]byte{versionPeaks}, uint64(len(stretches)))
	for _, s := range stretches {
		out = binary.AppendUvarint(out, uint64(s.Watts))
		out = binary.AppendUvarint(out, uint64(len(s.Certificate)))
		out = append(out, s.Certificate...)
	}
	return out
}

// decodePeaks reads a certificate for imports from the most down to 0.
func decodePeaks(data []byte, most energy.Watt) ([]Stretch, error) {
	if len(data) > maxBytes {
		return nil, fmt.Errorf("larger than %d bytes", maxBytes)
	}
	if len(data) == 0 || data[0] != versionPeaks {
		return nil, fmt.Errorf("does not begin with version %d, which a demand charge asks for", versionPeaks)
	}
	r := reader{data: data[1:]}
	count, err := r.unsigned()
	if err != nil {
		return nil, err
	}
	if count < 1 || count > maxStretches {
		return nil, fmt.Errorf("%d stretches, expected 1 to %d", count, maxStretches)
	}
	left := uint64(most) + 1
	var stretches []Stretch
	for i := range count {
		watts, err := r.unsigned()
		if err != nil {
			return nil, fmt.Errorf("stretch %d: %w", i, err)
		}
		length, err := r.unsigned()
		switch {
		case err != nil:
			return nil, fmt.Errorf("stretch %d: %w", i, err)
		case watts < 1 || watts > left:
			return nil, fmt.Errorf("stretch %d: %d W, expected 1 to %d", i, watts, left)
		case length > uint64(len(r.data)):
			return nil, fmt.Errorf("stretch %d: %w", i, errShort)
		case length == 0 && i+1 < count:
			return nil, fmt.Errorf("stretch %d: has no certificate, which only the last need not have", i)
		}
		stretches = append(stretches, Stretch{energy.Watt(watts), r.data[:length]})
		r.data, left = r.data[length:], left-watts
	}
	switch {
	case left > 0:
		return nil, fmt.Errorf("highest imports below %d W are left out", left)
	case len(r.data) > 0:
		return nil, fmt.Errorf("%d bytes too many", len(r.data))
	}
	return stretches, nil
}

// provesPeaks is Proves with a demand charge.
func provesPeaks(m *model.Model, certificate []byte) (energy.Cost, *Failure) {
	top := m.MostPeak()
	stretches, err := decodePeaks(certificate, top)
	if err != nil {
		return 0, &Failure{-1, "certificate", err.Error()}
	}
	least, found := energy.Cost(0), false
	for i, s := range stretches {
		capped, bottom := m.Capped(top), top-s.Watts+1
		if len(s.Certificate) == 0 {
			if !Impossible(capped) {
				return 0, &Failure{-1, "certificate", fmt.Sprintf("stretch %d: claims that no plan keeps a cap of %d W on the community's import", i, top)}
			}
		} else {
			bound, failure := proves(capped, s.Certificate)
			if failure != nil {
				failure.Detail = fmt.Sprintf("stretch %d, cap of %d W on the community's import: %s", i, top, failure.Detail)
				return 0, failure
			}
			if bound += m.PeakCost(Above(bottom)); !found || bound < least {
				least, found = bound, true
			}
		}
		top = bottom - 1
	}
	if !found {
		return 0, &Failure{-1, "certificate", "claims that there is no plan"}
	}
	_, baseline := m.BaselinePeak()
	return least - m.PeakCost(baseline), nil
}
