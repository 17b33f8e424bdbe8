package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// News says that a block was indexed.
type News struct {
	Height       int64  `json:"height"`
	LedgerTime   int64  `json:"ledger_time"`
	BlockTime    int64  `json:"block_time"` // Unix milliseconds
	Proposer     string `json:"proposer"`   // consensus address
	Transactions int    `json:"transactions"`
}

// maxListeners bounds the open event streams.
const maxListeners = 256

const (
	heartbeat   = 10 * time.Second
	writeWithin = 10 * time.Second
)

// Hub hands news to all who listen. A slow listener misses news, never the
// newest. The zero value is ready.
type Hub struct {
	mutex     sync.Mutex
	newest    *News
	listeners map[chan News]struct{}
}

// Publish hands news to all listeners without waiting for any.
func (h *Hub) Publish(news News) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.newest = &news
	for listener := range h.listeners {
		select {
		case <-listener: // what it has not taken yet is old now
		default:
		}
		listener <- news
	}
}

// listen starts with the newest news; false where too many listen.
func (h *Hub) listen() (listener chan News, stop func(), ok bool) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if len(h.listeners) >= maxListeners {
		return nil, nil, false
	}
	if h.listeners == nil {
		h.listeners = map[chan News]struct{}{}
	}
	listener = make(chan News, 1)
	h.listeners[listener] = struct{}{}
	if h.newest != nil {
		listener <- *h.newest
	}
	return listener, func() {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		delete(h.listeners, listener)
	}, true
}

// streamEvents sends news as server-sent events until the reader leaves.
func (s *Server) streamEvents(w http.ResponseWriter, r *http.Request) {
	listener, stop, ok := s.events.listen()
	if !ok {
		fail(w, http.StatusServiceUnavailable, "too many pages are open: try again later")
		return
	}
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	stream := http.NewResponseController(w)
	send := func(text string) error {
		_ = stream.SetWriteDeadline(time.Now().Add(writeWithin))
		if _, err := fmt.Fprint(w, text); err != nil {
			return err
		}
		return stream.Flush()
	}
	if send("retry: 2000\n\n") != nil {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		text := ": still here\n\n"
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
		case news := <-listener:
			encoded, err := json.Marshal(news)
			if err != nil {
				return
			}
			text = "event: block\ndata: " + string(encoded) + "\n\n"
		}
		if send(text) != nil {
			return
		}
	}
}
