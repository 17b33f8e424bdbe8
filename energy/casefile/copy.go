package casefile

import (
	"fmt"
	"os"
	"path/filepath"
)

// Copy writes the case at path (folder or case.yaml) as a folder of its own:
// the case file and the two tables that it names. The folder must not be there.
func Copy(path, folder string) error {
	info, err := os.Stat(path)
	if err != nil {
		return openError(path, err)
	}
	file := path
	if info.IsDir() {
		file = filepath.Join(path, "case.yaml")
	}
	document, err := readDocument(file)
	if err != nil {
		return err
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return fmt.Errorf("copy case: %w", err)
	}
	if err := copyFile(file, filepath.Join(folder, "case.yaml")); err != nil {
		return err
	}
	from := &reading{folder: filepath.Dir(file)}
	for _, name := range []string{document.text("series"), document.text("tariff")} {
		if filepath.IsAbs(name) {
			continue // it is found where it is
		}
		target := filepath.Join(folder, name)
		if !filepath.IsLocal(name) {
			return &Error{File: file, Field: name, Expected: "a table within the case's folder, so that the case can be copied"}
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return fmt.Errorf("copy case: %w", err)
		}
		if err := copyFile(from.path(name), target); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o644)
	}
	if err != nil {
		return fmt.Errorf("copy case: %w", err)
	}
	return nil
}
