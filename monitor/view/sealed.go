package view

import (
	"context"
	"encoding/hex"

	"github.com/sesame-energy/sesame/ledger/contract/vault"
)

// Sealed is a park's sealed series as the ledger, and everybody else, sees it.
type Sealed struct {
	Park    string       `json:"park"`
	Kind    string       `json:"kind"`
	Day     uint32       `json:"day"`
	Version uint32       `json:"version"`
	Height  int64        `json:"height"`
	Parts   []SealedPart `json:"parts"`
	Record  string       `json:"record"`
}

// SealedPart is one sealed series. Curve is what its bytes look like when read
// as numbers, two bytes at evenly spaced places: there is nothing else to see.
type SealedPart struct {
	Series string `json:"series"`
	Bytes  int    `json:"bytes"`
	Head   string `json:"head"` // hexadecimal, of the last bytes
	Curve  []int  `json:"curve"`
}

const (
	curvePoints = 48
	headBytes   = 192
)

// Sealed lists what the parks have sealed for a day, both kinds.
func (v *Viewer) Sealed(ctx context.Context, day uint32) ([]Sealed, error) {
	listed := []Sealed{}
	for _, kind := range []string{vault.Forecast, vault.Reading} {
		found, err := list[vault.Sealed](ctx, v, vault.SealedPrefix(kind, day))
		if err != nil {
			return nil, err
		}
		names := vault.ForecastSeries
		if kind == vault.Reading {
			names = vault.ReadingSeries
		}
		for _, s := range found {
			sealed := Sealed{s.value.Park, kind, day, s.value.Version, s.value.Height, []SealedPart{}, s.key}
			for i, part := range s.value.Parts {
				if i < len(names) {
					sealed.Parts = append(sealed.Parts, sealedPart(names[i], part))
				}
			}
			listed = append(listed, sealed)
		}
	}
	return listed, nil
}

// sealedPart shows the second half of the bytes: the first begins with the
// header, which is public.
func sealedPart(series string, part []byte) SealedPart {
	shown := SealedPart{Series: series, Bytes: len(part), Curve: []int{}}
	body := part[len(part)/2:]
	shown.Head = hex.EncodeToString(body[:min(len(body), headBytes)])
	for point := range curvePoints {
		at := point * len(body) / curvePoints
		if at+1 < len(body) {
			shown.Curve = append(shown.Curve, int(body[at])<<8|int(body[at+1]))
		}
	}
	return shown
}
