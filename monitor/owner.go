package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxOwnAnswer is the largest answer of a park's node, bytes.
const maxOwnAnswer = 1 << 20

// owner asks a park's own node.
type owner struct {
	park   string
	url    string
	client http.Client
}

func newOwner(park ParkAPI) *owner {
	return &owner{park: park.Name, url: strings.TrimRight(park.URL, "/"), client: http.Client{Timeout: 5 * time.Second}}
}

// Park implements web.Owner.
func (o *owner) Park() string { return o.park }

// Day implements web.Owner.
func (o *owner) Day(ctx context.Context, day uint32) (json.RawMessage, bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/days/%d", o.url, day), nil)
	if err != nil {
		return nil, false, fmt.Errorf("park node of %s: %w", o.park, err)
	}
	response, err := o.client.Do(request)
	if err != nil {
		return nil, false, fmt.Errorf("park node of %s: %w", o.park, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusNotFound {
		return nil, false, nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxOwnAnswer))
	if err != nil {
		return nil, false, fmt.Errorf("park node of %s: %w", o.park, err)
	}
	if response.StatusCode != http.StatusOK || !json.Valid(body) {
		return nil, false, fmt.Errorf("park node of %s: answered %s, expected the day as JSON", o.park, response.Status)
	}
	return body, true, nil
}
