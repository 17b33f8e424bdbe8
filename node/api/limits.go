package api

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What one remote address may ask for. A machine with many roles asks through
// one address, hence the generous burst.
const (
	requestsPerSecond = 300
	requestBurst      = 1000
	openPerRemote     = 128 // requests at once, streams included
	remembered        = 10_000
	forgetAfter       = 5 * time.Minute
)

// limits keeps count of each remote address.
type limits struct {
	mutex   sync.Mutex
	remotes map[string]*remote
}

type remote struct {
	bucket *rate.Limiter
	open   int
	last   time.Time
}

var errTooMany = errors.New("too many requests from this address, slow down")

// limit refuses what goes beyond the limits.
func (l *limits) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			host = r.RemoteAddr
		}
		if !l.enter(host) {
			w.Header().Set("Retry-After", "1")
			refuse(w, http.StatusTooManyRequests, errTooMany)
			return
		}
		defer l.leave(host)
		next.ServeHTTP(w, r)
	})
}

func (l *limits) enter(host string) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.remotes == nil {
		l.remotes = map[string]*remote{}
	}
	now := time.Now()
	known := l.remotes[host]
	if known == nil {
		if len(l.remotes) >= remembered {
			l.forget(now)
		}
		if len(l.remotes) >= remembered {
			return false
		}
		known = &remote{bucket: rate.NewLimiter(requestsPerSecond, requestBurst)}
		l.remotes[host] = known
	}
	known.last = now
	if known.open >= openPerRemote || !known.bucket.AllowN(now, 1) {
		return false
	}
	known.open++
	return true
}

func (l *limits) leave(host string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.remotes[host].open--
}

// forget drops remotes that have been silent for long.
func (l *limits) forget(now time.Time) {
	for host, r := range l.remotes {
		if r.open == 0 && now.Sub(r.last) > forgetAfter {
			delete(l.remotes, host)
		}
	}
}
