package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/sesame-energy/sesame/park"
)

const maxPage = 4 << 20

// ownPage is the address of a park's own page, which its owner may read.
type ownPage string

// day asks the park for all that it knows of a local date.
func (p ownPage) day(ctx context.Context, date string) (park.Day, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+string(p)+"/v1/day/"+date, nil)
	if err != nil {
		return park.Day{}, fmt.Errorf("park's own page: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return park.Day{}, fmt.Errorf("park's own page: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return park.Day{}, fmt.Errorf("park's own page: %s", response.Status)
	}
	var day park.Day
	if err := json.NewDecoder(io.LimitReader(response.Body, maxPage)).Decode(&day); err != nil {
		return park.Day{}, fmt.Errorf("park's own page: %w", err)
	}
	return day, nil
}
