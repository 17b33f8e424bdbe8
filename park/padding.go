package park

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"reflect"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/participant"
)

// The forecast's surplus is the last of its series; the deficit follows as
// load - pv - wind + surplus.
const (
	forecastLoad = iota
	forecastPV
	forecastWind
	forecastSurplus
)

// padded hides a forecast where genesis asks for it (docs/ledger.md, rule 5):
// each period's surplus, and with it the deficit that follows, is raised by a
// fresh random value. A forecast that has not changed keeps its padding:
// what is padded again and again is known by its mean.
func (n *Node) padded(ctx context.Context, values, newest [][]uint64) ([][]uint64, error) {
	parameters, found, err := participant.Load[committee.Parameters](ctx, n.ledger, committee.ParametersKey)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errors.New("the ledger has no parameters")
	}
	if parameters.Padding <= 0 {
		return values, nil
	}
	if len(newest) == len(values) && reflect.DeepEqual(newest[:forecastSurplus], values[:forecastSurplus]) {
		return newest, nil
	}
	registered, err := n.registered(ctx)
	if err != nil {
		return nil, err
	}
	return pad(values, parameters.Padding, registered)
}

// pad raises each period's surplus by a random value of 0 to padding, as far as
// surplus and deficit stay within what the park has registered.
func pad(values [][]uint64, padding energy.Watt, registered committee.Park) ([][]uint64, error) {
	surplus := make([]uint64, len(values[forecastSurplus]))
	for t, own := range values[forecastSurplus] {
		deficit := values[forecastLoad][t] + own - values[forecastPV][t] - values[forecastWind][t]
		most := min(padding, registered.SurplusCapacity-energy.Watt(own), registered.DeficitCapacity-energy.Watt(deficit))
		drawn, err := rand.Int(rand.Reader, big.NewInt(int64(max(most, 0))+1))
		if err != nil {
			return nil, fmt.Errorf("padding: %w", err)
		}
		surplus[t] = own + drawn.Uint64()
	}
	return append(append([][]uint64{}, values[:forecastSurplus]...), surplus), nil
}
