package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"

	"github.com/sesame-energy/sesame/client/light"
)

// saveEvery is how many blocks newer a verified header must be to be kept anew.
const saveEvery = 100

// trustFile keeps the newest verified header, so that a restarted role goes on
// from there and not from genesis.
type trustFile struct {
	path   string
	anchor Anchor

	mutex sync.Mutex
	saved int64
}

// trusted is the file's content.
type trusted struct {
	Anchor     Anchor `json:"anchor"`
	LightBlock []byte `json:"light_block"`
}

// load believes what the file has. A file of another chain is left aside.
func (t *trustFile) load(chain *light.Chain) error {
	encoded, err := os.ReadFile(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("verified header: %w", err)
	}
	var content trusted
	if err := json.Unmarshal(encoded, &content); err != nil {
		return fmt.Errorf("verified header in %s (delete the file to begin from genesis): %w", t.path, err)
	}
	if !sameAnchor(content.Anchor, t.anchor) {
		return nil
	}
	if err := chain.Import(content.LightBlock); err != nil {
		return fmt.Errorf("verified header in %s (delete the file to begin from genesis): %w", t.path, err)
	}
	t.saved = chain.Newest()
	return nil
}

// save keeps the newest believed header where it is much newer than the kept one.
func (t *trustFile) save(chain *light.Chain) error {
	if t == nil {
		return nil
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	newest := chain.Newest()
	if t.saved > 0 && newest < t.saved+saveEvery {
		return nil
	}
	block, err := chain.Export()
	if err != nil {
		return err
	}
	encoded, err := json.Marshal(trusted{t.anchor, block})
	if err != nil {
		return fmt.Errorf("verified header: %w", err)
	}
	fresh := t.path + ".new"
	if err := os.WriteFile(fresh, encoded, 0o600); err != nil {
		return fmt.Errorf("verified header: %w", err)
	}
	if err := os.Rename(fresh, t.path); err != nil {
		return fmt.Errorf("verified header: %w", err)
	}
	t.saved = newest
	return nil
}

func sameAnchor(a, b Anchor) bool {
	return a.ChainID == b.ChainID && a.Time.Equal(b.Time) &&
		slices.EqualFunc(a.Validators, b.Validators, func(v, w Validator) bool {
			return v.Power == w.Power && v.PublicKey.Equal(w.PublicKey)
		})
}
