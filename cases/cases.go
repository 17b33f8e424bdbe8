// Package cases carries the case folders that come with Sesame, so that the
// binary alone can show them: the reference case first. What a case means is
// package energy's.
package cases

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
)

//go:embed reference
var files embed.FS

// Reference lays the reference case out in a temporary folder and gives its
// path; remove takes the folder away again.
func Reference() (folder string, remove func(), err error) {
	parent, err := os.MkdirTemp("", "sesame-case-")
	if err != nil {
		return "", nil, fmt.Errorf("reference case: %w", err)
	}
	remove = func() { _ = os.RemoveAll(parent) }
	if err := os.CopyFS(parent, files); err != nil {
		remove()
		return "", nil, fmt.Errorf("reference case: %w", err)
	}
	return filepath.Join(parent, "reference"), remove, nil
}
