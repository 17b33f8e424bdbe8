package keeper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

const offerSuffix = ".offer"

// offer is what the member needs to hand its shares on to the keepers of an
// epoch: its channels to them, and their keys, secret.
type offer struct {
	channels [][]byte // as published, one per new keeper
	keys     []*sealing.DayKeys
}

// storedOffer is an offer's file.
type storedOffer struct {
	_        struct{} `cbor:",toarray"`
	Channels [][]byte
	Keys     [][]byte
}

func offerName(epoch uint32) string { return fmt.Sprintf("to-%06d%s", epoch, offerSuffix) }

// keepOffer stores an offer before anything of it is published.
func (s *Store) keepOffer(epoch uint32, made offer) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	err := s.write(filepath.Join(s.folder, offerName(epoch)), func() ([]byte, error) {
		stored := storedOffer{Channels: made.channels}
		for _, keys := range made.keys {
			encoded, err := keys.MarshalBinary()
			if err != nil {
				return nil, err
			}
			stored.Keys = append(stored.Keys, encoded)
		}
		return record.Encode(stored), nil
	})
	if err != nil {
		return fmt.Errorf("channels to epoch %d: %w", epoch, err)
	}
	return nil
}

// offerTo gives the offer to an epoch, and whether there is one.
func (s *Store) offerTo(epoch uint32) (offer, bool, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	encoded, err := read(filepath.Join(s.folder, offerName(epoch)))
	if errors.Is(err, fs.ErrNotExist) {
		return offer{}, false, nil
	}
	var stored storedOffer
	if err == nil {
		stored, err = record.Decode[storedOffer](encoded)
	}
	made := offer{channels: stored.Channels}
	for _, one := range stored.Keys {
		var keys *sealing.DayKeys
		if err == nil {
			keys, err = sealing.DecodeDayKeys(one)
			made.keys = append(made.keys, keys)
		}
	}
	if err != nil {
		return offer{}, false, fmt.Errorf("channels to epoch %d: %w", epoch, err)
	}
	return made, true, nil
}

// epochs lists the epochs of which anything is kept.
func (s *Store) epochs() (map[uint32]bool, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	epochs := map[uint32]bool{}
	for _, keys := range s.keys {
		epochs[keys.ID().Epoch] = true
	}
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return nil, fmt.Errorf("kept shares: %w", err)
	}
	for _, entry := range entries {
		if h, ok := heldIn(entry.Name()); ok {
			epochs[h.epoch] = true
		}
		if epoch, ok := offerIn(entry.Name()); ok {
			epochs[epoch] = true
		}
	}
	return epochs, nil
}

func offerIn(name string) (uint32, bool) {
	digits := strings.TrimSuffix(strings.TrimPrefix(name, "to-"), offerSuffix)
	epoch, err := strconv.ParseUint(digits, 10, 32)
	return uint32(epoch), err == nil && offerName(uint32(epoch)) == name
}

// erase forgets the keys that gone names, and the handed-over shares and the
// offers of the epochs that are over for these.
func (s *Store) erase(gone func(sealing.ChannelID) bool, shares, offers func(epoch uint32) bool) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for of, keys := range s.keys {
		if !gone(keys.ID()) {
			continue
		}
		path, err := s.path(of)
		if err != nil {
			return err
		}
		delete(s.keys, of)
		if err := s.remove(filepath.Base(path)); err != nil {
			return err
		}
	}
	if err := s.removeHanded(func(h held) bool { return shares(h.epoch) }); err != nil {
		return err
	}
	return s.removeFiles(func(name string) bool {
		epoch, ok := offerIn(name)
		return ok && offers(epoch)
	})
}
