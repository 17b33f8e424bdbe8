package api

import (
	"fmt"
	"net/http"
	"time"
)

// How the stream behaves towards slow and silent readers.
const (
	heartbeat   = 10 * time.Second // a comment, so that both ends notice a dead connection
	writeWithin = 30 * time.Second
)

// stream sends every block from a height on, one server-sent event per block
// with the height as its id, and goes on as new ones come. A browser that
// reconnects by itself names the last id it has seen.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	next, ok := s.streamStart(w, r)
	if !ok {
		return
	}
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		refuse(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	send := func(text []byte) bool {
		if control.SetWriteDeadline(time.Now().Add(writeWithin)) != nil {
			return false
		}
		if _, err := w.Write(text); err != nil {
			return false
		}
		return control.Flush() == nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	if !send([]byte(": stream of blocks\n\n")) {
		return
	}
	for {
		newest, grown := s.ledger.Newest()
		for ; next <= newest.Height; next++ {
			encoded, found, err := s.ledger.Block(next)
			if err != nil || !found || !send(fmt.Appendf(nil, "id: %d\ndata: %s\n\n", next, encoded)) {
				return
			}
		}
		select {
		case <-r.Context().Done():
			return
		case <-grown:
		case <-beat.C:
			if !send([]byte(": alive\n\n")) {
				return
			}
		}
	}
}

// streamStart is the first height to send: ?from=H, or the one after the
// reader's last, or the next to come.
func (s *Server) streamStart(w http.ResponseWriter, r *http.Request) (int64, bool) {
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		height, ok := s.height(w, last)
		return height + 1, ok
	}
	if from := r.URL.Query().Get("from"); from != "" {
		return s.height(w, from)
	}
	newest, _ := s.ledger.Newest()
	return newest.Height + 1, true
}
