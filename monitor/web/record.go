package web

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/monitor/view"
)

// maxKey is the longest key that is asked for.
const maxKey = 512

// recordBody is a record: what it says, whether it is proven, how to check.
type recordBody struct {
	Key     string       `json:"key"`
	Kind    string       `json:"kind"` // "" where it cannot be read
	Problem string       `json:"problem,omitempty"`
	Fields  []view.Field `json:"fields"`
	Value   []byte       `json:"value"` // canonical encoding
	Height  int64        `json:"height"`
	Proof   proofBody    `json:"proof"`
	Check   string       `json:"check"` // command
}

// proofBody is the light client's word on the record.
type proofBody struct {
	Proven  bool   `json:"proven"`
	Height  int64  `json:"height"`            // of the state that it was proven against
	Present bool   `json:"present"`           // there, or proven to be absent
	Same    bool   `json:"same"`              // the proven value is the one shown
	Problem string `json:"problem,omitempty"` // why it is not proven
}

// record shows one record with the proof that the light client has checked.
// The value shown is the proven one where there is a proof.
func (s *Server) record(ctx context.Context, r *http.Request) (any, bool, error) {
	key := r.URL.Query().Get("key")
	if key == "" || len(key) > maxKey {
		return nil, false, nil
	}
	indexed, there, err := s.view.Record(ctx, key)
	if err != nil {
		return nil, false, err
	}
	proven, problem := s.prove(ctx, key)
	if !there && (problem != "" || !proven.Found) {
		return nil, false, nil
	}
	body := recordBody{
		Key: key, Value: indexed.Value, Height: indexed.Height, Fields: []view.Field{}, Check: s.check + " " + quote(key),
		Proof: proofBody{Proven: problem == "", Height: proven.Height, Present: proven.Found, Problem: problem},
	}
	body.Proof.Same = body.Proof.Proven && there && bytes.Equal(proven.Value, indexed.Value)
	if body.Proof.Proven && proven.Found {
		body.Value = proven.Value
	}
	kind, fields, err := view.DecodeRecord(key, body.Value)
	if err != nil {
		body.Problem = err.Error()
	} else {
		body.Kind, body.Fields = kind, fields
	}
	return body, true, nil
}

// prove asks the light client, a few at a time; the problem is "" where the
// record, or its absence, is proven.
func (s *Server) prove(ctx context.Context, key string) (proven client.Record, problem string) {
	select {
	case s.proving <- struct{}{}:
		defer func() { <-s.proving }()
	case <-ctx.Done():
		return client.Record{}, "too many proofs are being checked: try again"
	}
	proven, err := s.prover.Get(ctx, key)
	if err != nil {
		return client.Record{}, err.Error()
	}
	return proven, ""
}

// quote makes a word for the shell.
func quote(word string) string {
	plain := func(letter rune) bool {
		return letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z' || letter >= '0' && letter <= '9' || strings.ContainsRune("/-_.", letter)
	}
	if strings.IndexFunc(word, func(letter rune) bool { return !plain(letter) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
