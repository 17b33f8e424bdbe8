package identity

import (
	"bytes"
	"crypto/hpke"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// NextFile is the name of the file of the sealing key that a member is about to
// take, in its home folder.
const NextFile = "identity-next.json"

// ErrNoKey says that a home folder has no private key to a public one.
var ErrNoKey = errors.New("the sealing key is not in this home folder")

// SealingKeys are the sealing keys of a home folder: the identity's own, and
// the next one while the member rotates it.
type SealingKeys struct{ Dir string }

// DrawNext draws the next sealing key and keeps it beside the identity; where
// there is one already it gives that one's public half.
func (s SealingKeys) DrawNext() (public []byte, err error) {
	current, err := s.read(File)
	if err != nil {
		return nil, err
	}
	next, err := s.read(NextFile)
	if err == nil {
		return next.Public().SealingKey, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	drawn, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return nil, fmt.Errorf("draw next sealing key of %s: %w", current.Name, err)
	}
	if current.SealingKey, err = drawn.Bytes(); err != nil {
		return nil, fmt.Errorf("encode next sealing key of %s: %w", current.Name, err)
	}
	if err := s.put(NextFile, current); err != nil {
		return nil, err
	}
	return drawn.PublicKey().Bytes(), nil
}

// Find gives the private key to a public one, ErrNoKey where it is not here.
func (s SealingKeys) Find(public []byte) ([]byte, error) {
	current, err := s.read(File)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(current.Public().SealingKey, public) {
		return current.SealingKey, nil
	}
	next, err := s.read(NextFile)
	if err == nil && bytes.Equal(next.Public().SealingKey, public) {
		return next.SealingKey, nil
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = ErrNoKey
	}
	return nil, err
}

// Promote makes the next key the identity's own, where public is its public
// half, and destroys the one before. It is called when nothing is sealed to
// that any more; else it changes nothing.
func (s SealingKeys) Promote(public []byte) error {
	next, err := s.read(NextFile)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !bytes.Equal(next.Public().SealingKey, public) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.put(File, next); err != nil {
		return err
	}
	return destroy(filepath.Join(s.Dir, NextFile), os.Remove)
}

func (s SealingKeys) read(name string) (Identity, error) { return read(filepath.Join(s.Dir, name)) }

// put writes an identity under a name, whole or not at all, in the place of
// what stood there, which is overwritten with zeros.
func (s SealingKeys) put(name string, identity Identity) error {
	return place(s.Dir, identity, func(complete string) error {
		return destroy(filepath.Join(s.Dir, name), func(path string) error { return os.Rename(complete, path) })
	})
}

// destroy lets replace take a file away and fills what it held with zeros.
func destroy(path string, replace func(path string) error) error {
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return replace(path)
	}
	if err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	defer func() { _ = old.Close() }()
	info, err := old.Stat()
	if err == nil {
		err = replace(path)
	}
	if err == nil {
		_, err = old.WriteAt(make([]byte, info.Size()), 0)
	}
	if err = errors.Join(err, old.Sync()); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	return nil
}
