package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// How Follow deals with nodes that fall silent.
const (
	silence    = 20 * time.Second // a node that is connected to the others has blocks all the time
	firstPause = 100 * time.Millisecond
	lastPause  = 3 * time.Second
)

// Follow visits every block from height from on (1 is the first, 0 means from
// the newest on), in order and each once, and goes on until ctx ends or visit
// fails; it returns the reason. It reconnects and moves to another node by
// itself, also from one that answers but has no new blocks, and all other
// questions go to the node that it follows. The blocks are the node's word.
func (c *Client) Follow(ctx context.Context, from int64, visit func(Block) error) error {
	follower := follower{client: c, next: from, visit: visit}
	wait := firstPause
	for at := int(c.preferred.Load()); ; at++ {
		visited := follower.visited
		err := follower.listen(ctx, at%len(c.urls))
		switch {
		case follower.failed != nil:
			return follower.failed
		case ctx.Err() != nil:
			return ctx.Err()
		}
		c.logger.Debug("following is interrupted", "next", follower.next, "error", err)
		if wait = min(2*wait, lastPause); follower.visited > visited {
			wait = firstPause
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// follower is one caller's place in the chain.
type follower struct {
	client  *Client
	next    int64 // 0: whichever comes
	visited int64 // how many
	visit   func(Block) error
	failed  error // visit's
}

// listen visits blocks from the node at a place of the list until something
// ends it; why is returned.
func (f *follower) listen(ctx context.Context, at int) error {
	base := f.client.urls[at]
	status, err := f.client.statusOf(ctx, base)
	if err != nil {
		return err
	}
	if f.next == 0 {
		f.next = max(status.Height, 1)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	alarm := time.AfterFunc(f.client.silence, cancel)
	defer alarm.Stop()
	url := fmt.Sprintf("%s/v1/stream?from=%d", base, f.next)
	prepared, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	response, err := f.client.http.Do(prepared)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		encoded, _ := io.ReadAll(io.LimitReader(response.Body, maxSmall))
		return failure(url, response.StatusCode, encoded)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(make([]byte, 64<<10), maxLarge)
	for lines.Scan() {
		visited := f.visited
		if err := f.line(lines.Bytes()); err != nil {
			return fmt.Errorf("%s: %w", url, err)
		}
		if f.visited > visited { // a comment says that the node is alive, not that it is of use
			alarm.Reset(f.client.silence)
			f.client.preferred.Store(int64(at))
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	return fmt.Errorf("%s: the stream has ended", url)
}

var errVisit = errors.New("visit failed")

// line takes one line of the stream; only those with data matter.
func (f *follower) line(line []byte) error {
	data, found := bytes.CutPrefix(line, []byte("data:"))
	if !found {
		return nil
	}
	var block Block
	if err := json.Unmarshal(data, &block); err != nil {
		return fmt.Errorf("block: %w", err)
	}
	if block.Height != f.next {
		return fmt.Errorf("block %d comes where %d should", block.Height, f.next)
	}
	if f.failed = f.visit(block); f.failed != nil {
		return errVisit
	}
	f.next++
	f.visited++
	return nil
}
