package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/sesame-energy/sesame/ledger/feed"
)

// Bounds of what a node may answer, bytes; more is refused, not read.
const (
	maxSmall = 1 << 20  // status, inclusion, light block
	maxLarge = 32 << 20 // block, list, proven record
)

// answerTime is how long one node has for one answer.
const answerTime = 15 * time.Second

// answerError is a node's answer that is not what was asked for.
type answerError struct {
	url    string
	status int
	reason string
}

func (e *answerError) Error() string {
	return fmt.Sprintf("%s answers %d: %s", e.url, e.status, e.reason)
}

// withStatus matches answers with that status in a tree of errors.
type withStatus int

func (s withStatus) Error() string { return http.StatusText(int(s)) }

// Is implements the matching of errors.Is.
func (e *answerError) Is(target error) bool {
	status, ok := target.(withStatus)
	return ok && int(status) == e.status
}

// answered says whether a node's answer with that status is among the errors.
func answered(err error, status int) bool { return errors.Is(err, withStatus(status)) }

// each tries the nodes one after another, the one that answered last first,
// until attempt succeeds with one. The error joins what all of them said.
func (c *Client) each(ctx context.Context, attempt func(ctx context.Context, base string) error) error {
	first := c.preferred.Load()
	var failures []error
	for i := range c.urls {
		at := (int(first) + i) % len(c.urls)
		err := attempt(ctx, c.urls[at])
		if err == nil {
			c.preferred.CompareAndSwap(first, int64(at))
			return nil
		}
		failures = append(failures, err)
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failures...)
}

// get reads the JSON at a path of one node.
func get[T any](ctx context.Context, c *Client, base, path string, limit int64) (T, error) {
	return request[T](ctx, c, http.MethodGet, base+path, nil, limit)
}

// anyOf reads the JSON at a path of the first node that gives it.
func anyOf[T any](ctx context.Context, c *Client, path string, limit int64) (value T, err error) {
	err = c.each(ctx, func(ctx context.Context, base string) error {
		value, err = get[T](ctx, c, base, path, limit)
		return err
	})
	return value, err
}

func request[T any](ctx context.Context, c *Client, method, url string, body []byte, limit int64) (value T, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	prepared, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return value, fmt.Errorf("%s: %w", url, err)
	}
	response, err := c.http.Do(prepared)
	if err != nil {
		return value, err // names the URL
	}
	defer func() { _ = response.Body.Close() }()
	encoded, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return value, fmt.Errorf("%s: %w", url, err)
	}
	if int64(len(encoded)) > limit {
		return value, fmt.Errorf("%s: answers more than %d bytes", url, limit)
	}
	if response.StatusCode/100 != 2 {
		return value, failure(url, response.StatusCode, encoded)
	}
	if err := json.Unmarshal(encoded, &value); err != nil {
		return value, fmt.Errorf("%s: answer: %w", url, err)
	}
	return value, nil
}

func failure(url string, status int, encoded []byte) error {
	var told feed.Failure
	if json.Unmarshal(encoded, &told) != nil || told.Error == "" {
		told.Error = fmt.Sprintf("%.200q", encoded)
	}
	return &answerError{url, status, told.Error}
}

// pause waits, or returns ctx's error.
func pause(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
