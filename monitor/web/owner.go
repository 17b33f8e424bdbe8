package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
)

// Owner is a park's own node on this machine: it knows the park's series in
// clear. What it says goes to the page of its owner and nowhere else.
type Owner interface {
	Park() string
	// Day is the park's own day, as JSON; false where it has none.
	Day(ctx context.Context, day uint32) (json.RawMessage, bool, error)
}

// own shows a park's own figures from its own node.
func (s *Server) own(ctx context.Context, r *http.Request) (any, bool, error) {
	day, err := strconv.ParseUint(r.PathValue("day"), 10, 32)
	if err != nil {
		return nil, false, nil
	}
	for _, owner := range s.owners {
		if owner.Park() != r.PathValue("park") {
			continue
		}
		own, there, err := owner.Day(ctx, uint32(day))
		return own, there, err
	}
	return nil, false, nil
}
