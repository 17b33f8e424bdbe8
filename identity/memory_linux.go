package identity

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// protectMemory says what it could not do.
func protectMemory() (missing []string) {
	note := func(what string, err error) {
		if err != nil {
			missing = append(missing, fmt.Sprintf("%s: %v", what, err))
		}
	}
	note("no core dumps", unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}))
	note("no reading by others", unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0))
	note("no swapping", lockMemory())
	return missing
}

// lockMemory locks pages as they come into use. A limit would make a later
// allocation fail and end the process, so it locks only without one.
func lockMemory() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
		return err
	}
	if limit.Cur != unix.RLIM_INFINITY {
		unlimited := &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
		if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, unlimited); err != nil {
			return fmt.Errorf("at most %d bytes may be locked, want no limit (LimitMEMLOCK=infinity): %w", limit.Cur, err)
		}
	}
	return unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | unix.MCL_ONFAULT)
}

// locked moves a secret into pages of its own, which are never swapped out,
// dumped or moved, and clears where it came from. Small limits allow that where
// they do not allow to lock everything. Where even that is refused the secret
// lies there unlocked.
func locked(secret []byte) []byte {
	page, err := unix.Mmap(-1, 0, len(secret), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return secret
	}
	_, _ = unix.Mlock(page), unix.Madvise(page, unix.MADV_DONTDUMP)
	copy(page, secret)
	clear(secret)
	return page
}
