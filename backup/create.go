package backup

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/sesame-energy/sesame/identity"
)

// source is a file that goes into a backup.
type source struct {
	path string // in the archive
	from string // the copy on disk
	size int64
}

// Create writes the backup of a role's home folder, encrypted to the
// recipients, to a file that must not exist yet: complete or not at all, mode
// 0600. The role's daemon may run meanwhile. Copies of all files lie for that
// time in a folder of mode 0700 within home.
func Create(ctx context.Context, home, file string, recipients ...age.Recipient) (Manifest, error) {
	if _, err := os.Lstat(file); err == nil {
		return Manifest{}, fmt.Errorf("%s: %w", file, ErrExists)
	}
	scratch, err := os.MkdirTemp(home, ".backup-*") // mode 0700
	if err != nil {
		return Manifest{}, fmt.Errorf("backup of %s: %w", home, err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	sources, err := collect(ctx, home, scratch)
	if err != nil {
		return Manifest{}, fmt.Errorf("backup of %s: %w", home, err)
	}
	manifest := Manifest{Version: version, Name: nameOf(home), Made: time.Now().UTC().Truncate(time.Second), Files: len(sources)}
	for _, s := range sources {
		manifest.Bytes += s.size
	}
	if manifest.Files > maxFiles || manifest.Bytes > maxTotal {
		return Manifest{}, fmt.Errorf("backup of %s: %d files of %d bytes: %w", home, manifest.Files, manifest.Bytes, ErrTooBig)
	}
	err = writeNew(file, func(out io.Writer) error { return encrypt(out, manifest, sources, recipients) })
	if err != nil {
		return Manifest{}, fmt.Errorf("backup of %s: %w", home, err)
	}
	return manifest, nil
}

// nameOf is whose folder it is; folders without keys are called by their own name.
func nameOf(home string) string {
	if who, err := identity.Load(home); err == nil {
		return who.Name
	}
	if absolute, err := filepath.Abs(home); err == nil {
		home = absolute
	}
	return filepath.Base(home)
}

// collect copies what belongs in the backup of a folder to scratch and lists it
// in the order of paths.
func collect(ctx context.Context, home, scratch string) ([]source, error) {
	var sources []source
	err := filepath.WalkDir(home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(home, path)
		if err != nil || relative == "." {
			return err
		}
		if entry.IsDir() {
			if strings.HasPrefix(entry.Name(), ".") || relative == dayKeys {
				return fs.SkipDir
			}
			return nil
		}
		if !belongs(relative) {
			return nil
		}
		if !entry.Type().IsRegular() {
			return fmt.Errorf("%s is no regular file", path)
		}
		if err := checkPath(relative); err != nil {
			return err
		}
		kind, err := databaseKind(path)
		if err != nil || kind == companion {
			return err
		}
		found := source{path: filepath.ToSlash(relative), from: filepath.Join(scratch, fmt.Sprint(len(sources)))}
		if kind == database {
			err = copyDatabase(ctx, path, found.from)
		} else {
			err = copyFile(path, found.from)
		}
		if err != nil {
			return err
		}
		info, err := os.Stat(found.from)
		if err != nil {
			return err
		}
		if found.size = info.Size(); found.size > maxFile {
			return fmt.Errorf("%s has %d bytes: %w", path, found.size, ErrTooBig)
		}
		sources = append(sources, found)
		return nil
	})
	return sources, err
}

// encrypt writes the archive.
func encrypt(out io.Writer, manifest Manifest, sources []source, recipients []age.Recipient) error {
	sealed, err := age.Encrypt(out, recipients...)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(sealed)
	head, err := json.Marshal(manifest)
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(head)), Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	if _, err := archive.Write(head); err != nil {
		return err
	}
	for _, s := range sources {
		if err := add(archive, s); err != nil {
			return fmt.Errorf("%s: %w", s.path, err)
		}
	}
	return errors.Join(archive.Close(), sealed.Close())
}

func add(archive *tar.Writer, s source) error {
	file, err := os.Open(s.from)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if err := archive.WriteHeader(&tar.Header{Name: s.path, Mode: 0o600, Size: s.size, Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	_, err = io.Copy(archive, file)
	return err
}

// copyFile copies a file that a daemon may replace meanwhile: keys that are
// rotated are overwritten with zeros right after their successor has taken
// their name. What was replaced while it was read is read again.
func copyFile(from, to string) error {
	const tries = 5
	for range tries {
		same, err := copyOnce(from, to)
		if err != nil || same {
			return err
		}
	}
	return fmt.Errorf("%s changed each of %d times that it was read", from, tries)
}

// copyOnce copies a file and says whether it is still the one that it was.
func copyOnce(from, to string) (same bool, err error) {
	file, err := os.Open(from)
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }()
	before, err := file.Stat()
	if err != nil {
		return false, err
	}
	copied, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return false, err
	}
	_, err = io.Copy(copied, io.LimitReader(file, maxFile+1))
	if err := errors.Join(err, copied.Close()); err != nil {
		return false, err
	}
	after, err := os.Stat(from)
	if err != nil {
		return false, err
	}
	return os.SameFile(before, after) && after.Size() == before.Size() && after.ModTime().Equal(before.ModTime()), nil
}

// writeNew writes a file of mode 0600 under another name first, then links it
// to its own, which fails where there is one already.
func writeNew(path string, write func(io.Writer) error) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".sesame-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	err = write(temporary)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Link(temporary.Name(), path); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w", path, ErrExists)
	} else if err != nil {
		return err
	}
	return nil
}
