package keeper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	sealing "github.com/sesame-energy/sesame/vault"
)

// channel names a dealer's channel to this member.
type channel struct {
	dealer string
	number uint32 // of the dealer
}

func (c channel) String() string { return fmt.Sprintf("channel %d of %s", c.number, c.dealer) }

// Store keeps what the keeper must not lose in a folder that only its owner may
// read: the day keys of channels, one file per channel; the shares that were
// handed over, one file per series (handed.go); and the keys with which it
// hands over (offer.go). It is safe for concurrent use.
type Store struct {
	folder string

	mutex sync.Mutex
	keys  map[channel]*sealing.DayKeys
}

const suffix = ".daykeys"

var dealerPattern = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// OpenStore opens the store in a folder, made if absent.
func OpenStore(folder string) (*Store, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("day keys: %w", err)
	}
	store := &Store{folder: folder, keys: map[channel]*sealing.DayKeys{}}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("day keys: %w", err)
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), suffix) {
			continue
		}
		if err := store.load(entry.Name()); err != nil {
			return nil, fmt.Errorf("day keys: %s: %w", filepath.Join(folder, entry.Name()), err)
		}
	}
	return store, nil
}

func (s *Store) load(name string) error {
	path := filepath.Join(s.folder, name)
	encoded, err := read(path)
	if err != nil {
		return err
	}
	keys, err := sealing.DecodeDayKeys(encoded)
	if err != nil {
		return err
	}
	dealer := keys.ID().Dealer
	number, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(name, dealer+"-"), suffix), 10, 32)
	of := channel{dealer, uint32(number)}
	if expected, wrong := s.path(of); err != nil || wrong != nil || expected != path {
		return fmt.Errorf("it holds keys of %s", dealer)
	}
	s.keys[of] = keys
	return nil
}

// read reads a file that only its owner may read.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("mode %04o: expected 0600, keys are for their owner only", mode)
	}
	return os.ReadFile(path)
}

func (s *Store) path(of channel) (string, error) {
	if !dealerPattern.MatchString(of.dealer) {
		return "", fmt.Errorf("dealer %q: expected 1 to 64 of a-z, 0-9 and -", of.dealer)
	}
	return filepath.Join(s.folder, of.dealer+"-"+strconv.FormatUint(uint64(of.number), 10)+suffix), nil
}

// find gives the keys of a channel. Nobody else changes them.
func (s *Store) find(of channel) (*sealing.DayKeys, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	keys, found := s.keys[of]
	return keys, found
}

// keysOf gives the keys of a dealer's channel to an epoch, nil without.
func (s *Store) keysOf(dealer string, epoch uint32) *sealing.DayKeys {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for of, keys := range s.keys {
		if of.dealer == dealer && keys.ID().Epoch == epoch {
			return keys
		}
	}
	return nil
}

// keep stores a channel's keys; they are on disk when it returns.
func (s *Store) keep(of channel, keys *sealing.DayKeys) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	path, err := s.path(of)
	if err != nil {
		return err
	}
	if err := s.write(path, keys.MarshalBinary); err != nil {
		return fmt.Errorf("day keys: %s: %w", of, err)
	}
	s.keys[of] = keys
	return nil
}

// eraseThrough forgets the keys and the handed-over shares of all days up to
// and including day. A file that holds no key any more is removed.
func (s *Store) eraseThrough(day uint32) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if err := s.removeHanded(func(h held) bool { return h.day <= day }); err != nil {
		return err
	}
	for of, keys := range s.keys {
		id := keys.ID()
		last := id.First + uint32(id.Days) - 1
		oldest := id.First
		for oldest <= last && !keys.Has(oldest) {
			oldest++
		}
		if oldest > day {
			continue
		}
		keys.EraseThrough(day)
		path, err := s.path(of)
		if err != nil {
			return err
		}
		if day >= last {
			delete(s.keys, of)
			err = s.overwrite(path, func() error { return os.Remove(path) })
		} else {
			err = s.write(path, keys.MarshalBinary)
		}
		if err != nil {
			return fmt.Errorf("day keys: erase %s through day %d: %w", of, day, err)
		}
	}
	return nil
}

// write puts a secret in the place of the file at path, whole or not at all, and
// overwrites what stood there with zeros. (A disk that moves its blocks may
// keep a copy all the same; only encryption of the disk helps against that.)
func (s *Store) write(path string, encode func() ([]byte, error)) error {
	encoded, err := encode()
	if err != nil {
		return err
	}
	defer clear(encoded)
	temporary, err := os.CreateTemp(s.folder, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.Write(encoded)
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return s.overwrite(path, func() error { return os.Rename(temporary.Name(), path) })
}

// overwrite lets replace take the file at path away and then fills it with zeros.
func (s *Store) overwrite(path string, replace func() error) error {
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.Join(replace(), s.syncFolder())
	}
	if err != nil {
		return err
	}
	defer func() { _ = old.Close() }()
	info, err := old.Stat()
	if err != nil {
		return err
	}
	if err := errors.Join(replace(), s.syncFolder()); err != nil {
		return err
	}
	_, err = old.WriteAt(make([]byte, info.Size()), 0)
	return errors.Join(err, old.Sync())
}

// syncFolder makes a rename outlive a crash of the machine.
func (s *Store) syncFolder() error {
	folder, err := os.Open(s.folder)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
