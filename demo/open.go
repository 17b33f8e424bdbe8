package demo

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sesame-energy/sesame/network"
)

// Committee of the demo, as in the paper.
const (
	members   = 5
	threshold = 3
)

// storyFile remembers what a kept network lives through.
const storyFile = "demo.json"

// kept is what must not change when a demo goes on.
type kept struct {
	Case   string  `json:"case"` // a digest of what it says
	Factor int64   `json:"factor"`
	Noise  float64 `json:"noise"`
}

// open lays out the network in dir, or opens the one there.
func (s *story) open(dir string) (network.Layout, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return network.Layout{}, fmt.Errorf("folder of the network: %w", err)
	}
	ours := kept{Case: s.digest(), Factor: s.factor, Noise: s.options.Noise}
	path := filepath.Join(dir, storyFile)
	encoded, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.create(dir, path, ours)
	case err != nil:
		return network.Layout{}, fmt.Errorf("kept demo: %w", err)
	case !s.options.Keep:
		return network.Layout{}, &BadInput{fmt.Errorf("folder %s holds a demo already: --keep goes on with it, or take another folder", dir)}
	}
	var theirs kept
	if err := json.Unmarshal(encoded, &theirs); err != nil {
		return network.Layout{}, &BadInput{fmt.Errorf("%s: %w", path, err)}
	}
	switch {
	case theirs.Case != ours.Case:
		return network.Layout{}, &BadInput{fmt.Errorf("folder %s lives through another case than %s", dir, s.options.CasePath)}
	case theirs.Factor != ours.Factor:
		return network.Layout{}, &BadInput{fmt.Errorf("folder %s lives at %d times the world's pace, not %d", dir, theirs.Factor, ours.Factor)}
	case theirs.Noise != ours.Noise:
		return network.Layout{}, &BadInput{fmt.Errorf("folder %s has readings with noise %v, not %v", dir, theirs.Noise, ours.Noise)}
	}
	return network.Open(dir)
}

// digest tells one case from another, whatever folder it lies in.
func (s *story) digest() string {
	said, err := json.Marshal(s.c)
	if err != nil {
		panic("demo: a case is numbers and names: " + err.Error())
	}
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(said, " %s", s.c.Location)))
}

func (s *story) create(dir, path string, ours kept) (network.Layout, error) {
	layout, err := network.Create(dir, network.Options{
		Case: s.c, CasePath: s.options.CasePath, ChainID: ChainID, Begin: time.Now(),
		Factor: s.factor, Members: members, Threshold: threshold, FreePorts: true, Noise: s.options.Noise,
	})
	if unsuitable := (*network.Unsuitable)(nil); errors.As(err, &unsuitable) {
		return network.Layout{}, &BadInput{err}
	}
	if err != nil {
		return network.Layout{}, err
	}
	encoded, err := json.Marshal(ours)
	if err == nil {
		err = os.WriteFile(path, append(encoded, '\n'), 0o600)
	}
	if err != nil {
		return network.Layout{}, fmt.Errorf("remember the demo: %w", err)
	}
	return layout, nil
}
