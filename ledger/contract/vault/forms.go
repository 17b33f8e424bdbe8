package vault

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// Forms rebuilds what a round opens, one form per purpose, from the sealed
// series of its parks in the round's order: the same code for the contract,
// for members and for everybody who checks. A forecast's deficit is
// load - pv - wind + surplus.
func Forms(round Round, series []Sealed) ([]sealing.Form, map[sealing.DealID]*sealing.Deal, error) {
	if len(series) != len(round.Parks) {
		return nil, nil, fmt.Errorf("%d sealed series: %s has %d parks", len(series), round.ID, len(round.Parks))
	}
	deals := map[sealing.DealID]*sealing.Deal{}
	parks := make([]map[string]*sealing.Deal, len(series))
	for i, sealed := range series {
		participant := round.Parks[i]
		if sealed.Park != participant.Park || sealed.Version != participant.Version {
			return nil, nil, fmt.Errorf("series %d is version %d of %s: %s has version %d of %s",
				i+1, sealed.Version, sealed.Park, round.ID, participant.Version, participant.Park)
		}
		parts, err := DecodedAt(sealed, round.Epoch)
		if err != nil {
			return nil, nil, err
		}
		parks[i] = parts
		for _, deal := range parts {
			deals[deal.ID()] = deal
		}
	}
	forms := make([]sealing.Form, len(round.Purposes))
	for k, purpose := range round.Purposes {
		for _, parts := range parks {
			addPark(&forms[k], round.Kind, parts, purpose)
		}
	}
	return forms, deals, nil
}

// DealtTo is the epoch to whose keepers the series was dealt, 0 where it cannot
// be read.
func (s Sealed) DealtTo() uint32 {
	if len(s.Parts) == 0 {
		return 0
	}
	header, err := sealing.PeekDeal(s.Parts[0])
	if err != nil {
		return 0
	}
	return header.Epoch
}

// HeldAt says whether an epoch's keepers hold shares of a series, as DecodedAt
// finds them, without decoding a point.
func HeldAt(sealed Sealed, epoch uint32) bool {
	parts := len(SeriesOf(sealed.Kind))
	return sealed.DealtTo() == epoch && len(sealed.Parts) == parts ||
		slices.ContainsFunc(sealed.Handed, func(h Handed) bool { return h.Epoch == epoch && len(h.Parts) == parts })
}

// DecodedAt gives the deals of a sealed series by the series' names as an
// epoch's keepers hold shares of them: as they were dealt, or handed over.
func DecodedAt(sealed Sealed, epoch uint32) (map[string]*sealing.Deal, error) {
	if sealed.DealtTo() == epoch {
		return Decoded(sealed)
	}
	names := SeriesOf(sealed.Kind)
	for _, handed := range sealed.Handed {
		if handed.Epoch != epoch || len(handed.Parts) != len(names) {
			continue
		}
		parts := map[string]*sealing.Deal{}
		for i, encoded := range handed.Parts {
			var err error
			if parts[names[i]], err = sealing.UnmarshalHanded(encoded); err != nil {
				return nil, fmt.Errorf("%s of %s: %s: %w", sealed.Kind, sealed.Park, names[i], err)
			}
		}
		return parts, nil
	}
	return nil, fmt.Errorf("%s of %s, version %d: the keepers of epoch %d hold no shares of it", sealed.Kind, sealed.Park, sealed.Version, epoch)
}

// Decoded gives the deals of a sealed series by the series' names, as they were
// dealt: the commitments to the values stay these for ever.
func Decoded(sealed Sealed) (map[string]*sealing.Deal, error) {
	names := SeriesOf(sealed.Kind)
	if len(sealed.Parts) != len(names) {
		return nil, fmt.Errorf("%s of %s: %d sealed series, expected %d", sealed.Kind, sealed.Park, len(sealed.Parts), len(names))
	}
	parts := map[string]*sealing.Deal{}
	for i, encoded := range sealed.Parts {
		deal, err := sealing.UnmarshalDeal(encoded)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %s: %w", sealed.Kind, sealed.Park, names[i], err)
		}
		parts[names[i]] = deal
	}
	return parts, nil
}

// addPark adds one park's part of a purpose to its form.
func addPark(form *sealing.Form, kind string, parts map[string]*sealing.Deal, purpose Purpose) {
	for t, weight := range purpose.SurplusWeights {
		if weight != 0 {
			form.Add(parts["surplus"].ID(), t, weight)
		}
	}
	for t, weight := range purpose.DeficitWeights {
		if weight == 0 {
			continue
		}
		if kind == Reading {
			form.Add(parts["deficit"].ID(), t, weight)
			continue
		}
		form.Add(parts["load"].ID(), t, weight)
		form.Add(parts["pv"].ID(), t, -weight)
		form.Add(parts["wind"].ID(), t, -weight)
		form.Add(parts["surplus"].ID(), t, weight)
	}
}

// PurposeID is the name of one opening in a round that has been frozen.
// Whatever makes it another opening is in it: the series with their versions,
// the set of parks and the weights.
func PurposeID(chain string, round Round, purpose Purpose) []byte {
	hash := sha256.Sum256(record.Encode(struct {
		_              struct{} `cbor:",toarray"`
		Domain         string
		Chain          string
		Series         string
		Day            uint32
		Kind           string
		Period         int
		SurplusWeights []int64
		DeficitWeights []int64
		Parks          []Participant
	}{
		Domain: "sesame/purpose/1", Chain: chain, Series: round.Kind, Day: round.Day,
		Kind: purpose.Kind, Period: purpose.Period,
		SurplusWeights: purpose.SurplusWeights, DeficitWeights: purpose.DeficitWeights, Parks: round.Parks,
	}))
	return hash[:]
}

// SurplusOf is the purpose of the community's surplus in a period.
func SurplusOf(period int) Purpose {
	return Purpose{Kind: PurposeSurplus, Period: period, SurplusWeights: unit(period), DeficitWeights: []int64{}}
}

// DeficitOf is the purpose of the community's deficit in a period.
func DeficitOf(period int) Purpose {
	return Purpose{Kind: PurposeDeficit, Period: period, SurplusWeights: []int64{}, DeficitWeights: unit(period)}
}

func unit(period int) []int64 {
	weights := make([]int64, period+1)
	weights[period] = 1
	return weights
}
