package keeper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

const handedSuffix = ".shares"

// held names the member's shares of one sealed series in an epoch to which the
// series was handed over: they follow from nothing else and are kept.
type held struct {
	epoch   uint32
	kind    string
	day     uint32
	version uint32
	park    string
}

// name is the file's: "000002.forecast.019919.001.park1.shares".
func (h held) name() string {
	return fmt.Sprintf("%06d.%s.%06d.%03d.%s%s", h.epoch, h.kind, h.day, h.version, h.park, handedSuffix)
}

// heldIn reads a file's name.
func heldIn(name string) (h held, ok bool) {
	fields := strings.Split(strings.TrimSuffix(name, handedSuffix), ".")
	if len(fields) != 5 || !strings.HasSuffix(name, handedSuffix) {
		return held{}, false
	}
	h.kind, h.park = fields[1], fields[4]
	_, err := fmt.Sscanf(fields[0]+" "+fields[2]+" "+fields[3], "%d %d %d", &h.epoch, &h.day, &h.version)
	return h, err == nil && h.name() == name
}

// keepHanded stores the shares of a series' parts in their order.
func (s *Store) keepHanded(h held, shares []*sealing.Share) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !dealerPattern.MatchString(h.park) || strings.ContainsAny(h.kind, "./\\") {
		return fmt.Errorf("handed-over shares of %q, %q: not names of a park and a kind", h.park, h.kind)
	}
	err := s.write(filepath.Join(s.folder, h.name()), func() ([]byte, error) {
		encoded := make([][]byte, len(shares))
		for i, share := range shares {
			var err error
			if encoded[i], err = share.MarshalBinary(); err != nil {
				return nil, err
			}
		}
		return record.Encode(encoded), nil
	})
	if err != nil {
		return fmt.Errorf("handed-over shares: %s: %w", h.name(), err)
	}
	return nil
}

// handed gives the shares of a series' parts, and whether they are here.
func (s *Store) handed(h held) ([]*sealing.Share, bool, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	stored, err := read(filepath.Join(s.folder, h.name()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	var encoded [][]byte
	if err == nil {
		encoded, err = record.Decode[[][]byte](stored)
	}
	var shares []*sealing.Share
	for _, one := range encoded {
		var share *sealing.Share
		if err == nil {
			share, err = sealing.DecodeShare(one)
			shares = append(shares, share)
		}
	}
	if err != nil {
		return nil, false, fmt.Errorf("handed-over shares: %s: %w", h.name(), err)
	}
	return shares, true, nil
}

// removeHanded removes the shares that gone names. The caller holds the lock.
func (s *Store) removeHanded(gone func(held) bool) error {
	return s.removeFiles(func(name string) bool {
		h, ok := heldIn(name)
		return ok && gone(h)
	})
}

// removeFiles removes what the folder holds under names that are gone. The
// caller holds the lock.
func (s *Store) removeFiles(gone func(name string) bool) error {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return fmt.Errorf("kept shares: %w", err)
	}
	for _, entry := range entries {
		if gone(entry.Name()) {
			if err := s.remove(entry.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// remove overwrites a file and removes it. The caller holds the lock.
func (s *Store) remove(name string) error {
	path := filepath.Join(s.folder, name)
	if err := s.overwrite(path, func() error { return os.Remove(path) }); err != nil {
		return fmt.Errorf("erase %s: %w", name, err)
	}
	return nil
}
