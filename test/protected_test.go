package test

import (
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var noCores = regexp.MustCompile(`(?m)^Max core file size\s+0\s+0\s`)

// allowCores raises this process's own limit of core dumps, which what it
// starts inherits, so that a daemon's limit of 0 is its own doing.
func allowCores(t *testing.T) {
	t.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Max == 0 {
		t.Skip("this process may not leave core dumps itself")
	}
	raised := unix.Rlimit{Cur: min(limit.Max, 1<<20), Max: limit.Max}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &raised); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &limit) })
}

// A daemon that holds keys leaves no core dump: the kernel's list of its limits
// says so while it runs.
func TestDaemonsLeaveNoCoreDumps(t *testing.T) {
	if _, err := os.Stat("/proc/self/limits"); err != nil {
		t.Skip("the limits of a process cannot be read here:", err)
	}
	allowCores(t)
	a := layOutApart(bounded(t, time.Minute), t, fourParks(t))
	a.start(a.layout.Members[0], "member", "start")
	a.start(a.layout.Parks[0], "park", "start")
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for name, role := range a.roles {
		for protected := false; !protected; {
			limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", role.command.Process.Pid))
			if err != nil {
				t.Fatal(err)
			}
			protected = noCores.Match(limits)
			select {
			case <-look.C:
			case <-a.ctx.Done():
				t.Fatalf("%s may dump its core:\n%s", name, limits)
			}
		}
	}
}
