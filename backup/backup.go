package backup

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/sesame-energy/sesame/member"
)

// Bounds of a backup, in both directions.
const (
	maxFile  = 8 << 30  // bytes of one file
	maxTotal = 32 << 30 // bytes of all files
	maxFiles = 100_000
	maxPath  = 512 // bytes
)

// manifestName is the archive's first entry. No role has a file of this name.
const manifestName = "sesame-backup.json"

const version = 1

// Manifest says what a backup is.
type Manifest struct {
	Version int       `json:"version"`
	Name    string    `json:"name"` // of the folder's account, or of the folder
	Made    time.Time `json:"made"` // by the clock of the machine that made it
	Files   int       `json:"files"`
	Bytes   int64     `json:"bytes"`
}

// Why a backup is not made or not restored.
var (
	ErrExists  = errors.New("exists already")
	ErrFormat  = errors.New("not a backup of this program")
	ErrTooBig  = errors.New("larger than a backup may be")
	ErrSecret  = errors.New("cannot be opened with this key or passphrase")
	ErrUnnamed = errors.New("the folder holds a consensus key: say what the lost machine signed last")
)

// inNode is the folder of a node's data within a home folder.
var inNode = member.NodeHome("")

const (
	dayKeys = "daykeys"       // a member's folder of day keys
	peerKey = "peer-key.json" // in inNode: who the node is among its peers
)

// belongs says whether a path of a home folder, relative and clean, belongs in
// a backup. It is asked when one is made and again when one is restored, so
// that an archive from elsewhere cannot bring in what must not come from one.
func belongs(path string) bool {
	first, rest, within := strings.Cut(filepath.ToSlash(path), "/")
	switch {
	case strings.HasPrefix(filepath.Base(path), "."): // written just now, under another name
		return false
	case first == inNode:
		return within && rest == peerKey
	case first == dayKeys:
		return false
	}
	return path != manifestName
}

// checkPath refuses paths that are not plain names below a folder.
func checkPath(path string) error {
	if len(path) > maxPath || !filepath.IsLocal(path) || filepath.Clean(path) != path || strings.ContainsAny(path, "\\\x00") {
		return fmt.Errorf("%w: path %q: expected a clean relative path of at most %d bytes", ErrFormat, path, maxPath)
	}
	return nil
}
