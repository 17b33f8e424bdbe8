package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/privval"

	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/node"
)

// LastSigned is the last vote of a validator whose machine was lost. Two
// different votes for one height and round are double signing: the ledger
// removes the member. So the restored one goes on above it, and its consensus
// engine refuses to sign anything at or below.
type LastSigned struct {
	state privval.FilePVLastSignState
}

// maxHeight leaves room above, so that nothing overflows.
const maxHeight = math.MaxInt64 / 2

// SignedThrough is for a machine of which nothing is left: it can have signed
// for heights up to this one, and nothing above. Take the height that another
// member shows now and add a few blocks; in those the chain does without this
// member's vote.
func SignedThrough(height int64) (*LastSigned, error) {
	if height < 1 || height > maxHeight {
		return nil, fmt.Errorf("signed through height %d: expected 1 to %d", height, int64(maxHeight))
	}
	last := &LastSigned{}
	last.state.Height = height + 1 // round 0, step 0: nothing yet at this height
	return last, nil
}

// ReadLastSigned reads the file that was rescued from the lost machine's disk,
// as the machine left it: node.LastSigned in its node folder.
func ReadLastSigned(path string) (*LastSigned, error) {
	encoded, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("what was signed last: %w", err)
	}
	last := &LastSigned{}
	if err := cmtjson.Unmarshal(encoded, &last.state); err != nil {
		return nil, fmt.Errorf("what was signed last: %s: %w", path, err)
	}
	if last.state.Height < 1 || last.state.Height > maxHeight {
		return nil, fmt.Errorf("what was signed last: %s: height %d: expected 1 to %d", path, last.state.Height, int64(maxHeight))
	}
	return last, nil
}

// Height is the first at which the restored validator may sign something.
func (l *LastSigned) Height() int64 { return l.state.Height }

// write puts the state where the node of a home folder reads it.
func (l *LastSigned) write(home string) (err error) {
	path := filepath.Join(member.NodeHome(home), node.LastSigned)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s: %w", path, ErrExists), err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	defer func() { // the engine has no other way to say that it cannot write
		if failed := recover(); failed != nil {
			err = fmt.Errorf("write %s: %v", path, failed)
		}
	}()
	signer := privval.NewFilePV(ed25519.GenPrivKey(), "", path)
	state := &signer.LastSignState
	state.Height, state.Round, state.Step = l.state.Height, l.state.Round, l.state.Step
	state.Signature, state.SignBytes = l.state.Signature, l.state.SignBytes
	state.Save()
	return nil
}
