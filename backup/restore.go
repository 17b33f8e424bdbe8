package backup

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"

	"github.com/sesame-energy/sesame/member"
)

const (
	maxManifest = 1 << 16 // of the first entry, bytes
	maxRest     = 1 << 20 // of zeros after the last entry, bytes
)

// Restore lays a backup out in home, which must be empty or not exist: folders
// of mode 0700, files of mode 0600, complete or not at all. A folder with a
// consensus key needs to be told what the lost machine signed last
// (ErrUnnamed); for others last is nil.
func Restore(file, home string, last *LastSigned, identities ...age.Identity) (Manifest, error) {
	manifest, err := restore(file, home, last, identities)
	if err != nil {
		return Manifest{}, fmt.Errorf("restore %s: %w", file, err)
	}
	return manifest, nil
}

func restore(file, home string, last *LastSigned, identities []age.Identity) (Manifest, error) {
	if err := refuseUsed(home); err != nil {
		return Manifest{}, err
	}
	parent := filepath.Dir(filepath.Clean(home))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return Manifest{}, err
	}
	fresh, err := os.MkdirTemp(parent, ".restore-*") // mode 0700
	if err != nil {
		return Manifest{}, err
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	encrypted, err := os.Open(file)
	if err != nil {
		return Manifest{}, err
	}
	defer func() { _ = encrypted.Close() }()
	manifest, err := unpack(encrypted, fresh, identities)
	if err != nil {
		return Manifest{}, err
	}
	if err := settle(fresh, last); err != nil {
		return Manifest{}, err
	}
	if err := os.Remove(home); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, err
	}
	return manifest, os.Rename(fresh, home)
}

// refuseUsed keeps what is there from being written over.
func refuseUsed(home string) error {
	entries, err := os.ReadDir(home)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && len(entries) > 0 {
		return fmt.Errorf("folder %s is not empty: %w", home, ErrExists)
	}
	return err
}

// settle writes what a validator may not sign any more.
func settle(folder string, last *LastSigned) error {
	_, err := os.Lstat(filepath.Join(folder, member.ConsensusKeyFile))
	switch isValidator := err == nil; {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case isValidator && last == nil:
		return ErrUnnamed
	case isValidator:
		return last.write(folder)
	case last != nil:
		return errors.New("this backup holds no consensus key: nothing was ever signed with it")
	}
	return nil
}

// unpack decrypts and lays out an archive in an empty folder.
func unpack(encrypted io.Reader, folder string, identities []age.Identity) (Manifest, error) {
	opened, err := age.Decrypt(encrypted, identities...)
	if noMatch := (*age.NoIdentityMatchError)(nil); errors.As(err, &noMatch) {
		return Manifest{}, ErrSecret
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return layOut(opened, folder)
}

// layOut writes a decrypted archive's files below an empty folder.
func layOut(opened io.Reader, folder string) (Manifest, error) {
	archive := tar.NewReader(opened)
	manifest, err := readManifest(archive)
	if err != nil {
		return Manifest{}, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return Manifest{}, err
	}
	defer func() { _ = root.Close() }()
	var files int
	var total int64
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Manifest{}, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		files, total = files+1, total+header.Size
		if files > manifest.Files || total > manifest.Bytes {
			return Manifest{}, fmt.Errorf("%w: more than the %d files of %d bytes that it names", ErrFormat, manifest.Files, manifest.Bytes)
		}
		if err := extract(root, header, archive); err != nil {
			return Manifest{}, err
		}
	}
	if files != manifest.Files || total != manifest.Bytes {
		return Manifest{}, fmt.Errorf("%w: %d files of %d bytes, it names %d of %d", ErrFormat, files, total, manifest.Files, manifest.Bytes)
	}
	// Only the encryption's own end says that nothing was cut off.
	switch rest, err := io.Copy(io.Discard, io.LimitReader(opened, maxRest)); {
	case err != nil:
		return Manifest{}, fmt.Errorf("%w: its end: %w", ErrFormat, err)
	case rest == maxRest:
		return Manifest{}, fmt.Errorf("%w: more than %d bytes after the last file", ErrFormat, maxRest)
	}
	return manifest, nil
}

func readManifest(archive *tar.Reader) (Manifest, error) {
	header, err := archive.Next()
	if err != nil || header.Name != manifestName || header.Size > maxManifest {
		return Manifest{}, errors.Join(ErrFormat, err)
	}
	encoded, err := io.ReadAll(io.LimitReader(archive, maxManifest))
	if err != nil {
		return Manifest{}, errors.Join(ErrFormat, err)
	}
	var manifest Manifest
	if err := json.Unmarshal(encoded, &manifest); err != nil {
		return Manifest{}, fmt.Errorf("%w: %s: %w", ErrFormat, manifestName, err)
	}
	switch {
	case manifest.Version != version:
		return Manifest{}, fmt.Errorf("%w: version %d, expected %d", ErrFormat, manifest.Version, version)
	case manifest.Files < 0 || manifest.Files > maxFiles || manifest.Bytes < 0 || manifest.Bytes > maxTotal:
		return Manifest{}, fmt.Errorf("%d files of %d bytes: %w", manifest.Files, manifest.Bytes, ErrTooBig)
	}
	return manifest, nil
}

// extract writes one file. root keeps it below the folder whatever its path
// says; the checks before give the reason in words.
func extract(root *os.Root, header *tar.Header, content io.Reader) error {
	if err := checkPath(header.Name); err != nil {
		return err
	}
	if header.Typeflag != tar.TypeReg {
		return fmt.Errorf("%w: %q is no regular file", ErrFormat, header.Name)
	}
	if !belongs(header.Name) {
		return fmt.Errorf("%w: %q must not come from a backup", ErrFormat, header.Name)
	}
	if header.Size < 0 || header.Size > maxFile {
		return fmt.Errorf("%q has %d bytes: %w", header.Name, header.Size, ErrTooBig)
	}
	path := filepath.FromSlash(header.Name)
	if err := root.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := root.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if _, err = io.CopyN(file, content, header.Size); err != nil {
		err = fmt.Errorf("%w: %s: %w", ErrFormat, header.Name, err)
	}
	return errors.Join(err, file.Sync(), file.Close())
}
