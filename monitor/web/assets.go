package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
)

//go:embed assets
var embedded embed.FS

// contentTypes are those of the assets; nothing is guessed.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// assets serves the embedded files. A browser keeps them and asks each time
// whether they have changed.
func assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Clean(r.URL.Path)
		if name == "/" || name == "/record" {
			name = "/index.html"
		}
		content, err := fs.ReadFile(embedded, "assets"+name)
		contentType, known := contentTypes[path.Ext(name)]
		if err != nil || !known {
			fail(w, http.StatusNotFound, "no such page")
			return
		}
		hash := sha256.Sum256(content)
		tag := `"` + hex.EncodeToString(hash[:8]) + `"`
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", tag)
		w.Header().Set("Content-Type", contentType)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(content)
	})
}
