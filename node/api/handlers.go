package api

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/sesame-energy/sesame/ledger/feed"
)

// Limits of a list of records.
const (
	defaultRecords = 1000
	maxRecords     = 10_000
	maxKey         = 512 // bytes
)

func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	status, err := s.ledger.Status()
	if err != nil {
		s.refuseFor(w, r, err)
		return
	}
	answer(w, http.StatusOK, status)
}

func (s *Server) genesis(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(s.ledger.Genesis())
}

func (s *Server) submit(maxTransaction int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		transaction, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTransaction))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			refuse(w, http.StatusRequestEntityTooLarge, fmt.Errorf("transaction: more than %d bytes", maxTransaction))
			return
		case err != nil:
			refuse(w, http.StatusBadRequest, fmt.Errorf("transaction: %w", err))
			return
		case len(transaction) == 0:
			refuse(w, http.StatusBadRequest, errors.New("transaction: the body is empty"))
			return
		}
		hash, err := s.ledger.Submit(r.Context(), transaction)
		if err != nil {
			s.refuseFor(w, r, err)
			return
		}
		answer(w, http.StatusAccepted, feed.Submitted{Hash: hash})
	}
}

func (s *Server) transaction(w http.ResponseWriter, r *http.Request) {
	hash, err := hex.DecodeString(r.PathValue("hash"))
	if err != nil || len(hash) != 32 {
		refuse(w, http.StatusBadRequest, fmt.Errorf("transaction: %.80q is not the hexadecimal of 32 bytes", r.PathValue("hash")))
		return
	}
	inclusion, found, err := s.ledger.Inclusion(hash)
	switch {
	case err != nil:
		s.refuseFor(w, r, err)
	case !found:
		refuse(w, http.StatusNotFound, fmt.Errorf("transaction %x: in no block", hash))
	default:
		answer(w, http.StatusOK, inclusion)
	}
}

func (s *Server) block(w http.ResponseWriter, r *http.Request) {
	height, ok := s.height(w, r.PathValue("height"))
	if !ok {
		return
	}
	encoded, found, err := s.ledger.Block(height)
	switch {
	case err != nil:
		s.refuseFor(w, r, err)
	case !found:
		refuse(w, http.StatusNotFound, fmt.Errorf("block %d: not known here", height))
	default:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(encoded)
	}
}

// height reads a height from a request, and answers where it is none.
func (s *Server) height(w http.ResponseWriter, text string) (int64, bool) {
	height, err := strconv.ParseInt(text, 10, 64)
	if err != nil || height < 1 {
		refuse(w, http.StatusBadRequest, fmt.Errorf("height: %.80q is not a number from 1 on", text))
		return 0, false
	}
	return height, true
}

func (s *Server) light(w http.ResponseWriter, r *http.Request) {
	height, ok := s.height(w, r.PathValue("height"))
	if !ok {
		return
	}
	block, err := s.ledger.LightBlock(height)
	if err != nil {
		s.refuseFor(w, r, err)
		return
	}
	answer(w, http.StatusOK, block)
}

// records proves one key, or lists a prefix.
func (s *Server) records(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	key, prefix := query.Get("key"), query.Get("prefix")
	switch {
	case query.Has("key") == query.Has("prefix"):
		refuse(w, http.StatusBadRequest, errors.New("records: give either key or prefix"))
	case len(key) > maxKey || len(prefix) > maxKey:
		refuse(w, http.StatusBadRequest, fmt.Errorf("records: a key has at most %d bytes", maxKey))
	case query.Has("prefix"):
		s.list(w, r, prefix)
	case key == "":
		refuse(w, http.StatusBadRequest, errors.New("records: the key is empty"))
	default:
		s.prove(w, r, key, query.Get("height"))
	}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request, prefix string) {
	query, limit, height := r.URL.Query(), defaultRecords, int64(0)
	if text := query.Get("height"); text != "" {
		var ok bool
		if height, ok = s.height(w, text); !ok {
			return
		}
	}
	if text := query.Get("limit"); text != "" {
		var err error
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > maxRecords {
			refuse(w, http.StatusBadRequest, fmt.Errorf("limit: %.80q is not within 1..%d", text, maxRecords))
			return
		}
	}
	after := query.Get("after")
	if len(after) > maxKey {
		refuse(w, http.StatusBadRequest, fmt.Errorf("records: a key has at most %d bytes", maxKey))
		return
	}
	records, err := s.ledger.List(prefix, after, height, limit)
	if err != nil {
		s.refuseFor(w, r, err)
		return
	}
	answer(w, http.StatusOK, records)
}

func (s *Server) prove(w http.ResponseWriter, r *http.Request, key, text string) {
	height, ok := int64(0), true
	if text != "" {
		if height, ok = s.height(w, text); !ok {
			return
		}
	}
	record, err := s.ledger.Prove(key, height)
	if err != nil {
		s.refuseFor(w, r, err)
		return
	}
	answer(w, http.StatusOK, record)
}
