package web

import (
	"net"
	"net/http"
	"strings"
)

// policy allows the page its own files and nothing else: no inline script, no
// frame, no form, no text that becomes markup.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

var securityHeaders = map[string]string{
	"Content-Security-Policy":      policy,
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
}

const maxQuery = 2048

// guard sets the security headers, allows reading only, and bounds the query.
// Where the page shows a park's own figures it must be asked for by a loopback
// name, so that no foreign page can reach it by a name that it controls.
func guard(next http.Handler, loopbackOnly bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range securityHeaders {
			w.Header().Set(name, value)
		}
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			fail(w, http.StatusMethodNotAllowed, "the monitor only reads: use GET")
		case len(r.URL.RawQuery) > maxQuery || len(r.URL.Path) > maxQuery:
			fail(w, http.StatusRequestURITooLong, "the address is too long")
		case loopbackOnly && !IsLoopback(r.Host):
			fail(w, http.StatusForbidden, "this monitor shows a park's own figures: ask it by a loopback address")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// IsLoopback says whether a "host:port" or "host" names this machine's loopback.
func IsLoopback(address string) bool {
	host := address
	if split, _, err := net.SplitHostPort(address); err == nil {
		host = split
	}
	host = strings.Trim(host, "[]")
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
