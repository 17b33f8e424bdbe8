package identity

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// asChild makes this test binary the protected process, with the memory lock's
// limit as the variable says.
const asChild = "SESAME_TEST_PROTECT"

func TestMain(m *testing.M) {
	if limit := os.Getenv(asChild); limit != "" {
		protectedChild(limit == "limited")
		return
	}
	os.Exit(m.Run())
}

// protectedChild protects itself, allocates, says whether it can be dumped and
// waits for the end of its input.
func protectedChild(limited bool) {
	var words bytes.Buffer
	var cores unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &cores); err != nil {
		fmt.Println(err)
		return
	}
	cores.Cur = min(cores.Max, 1<<20) // so that 0 is its own doing
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &cores); err != nil {
		fmt.Println(err)
		return
	}
	if limited { // as a user without rights has it
		few := &unix.Rlimit{Cur: 1 << 16, Max: 1 << 16}
		fewest := errors.Join(unix.Setrlimit(unix.RLIMIT_MEMLOCK, few), unix.Setuid(65534))
		if fewest != nil {
			fmt.Println("cannot limit", fewest)
			return
		}
	}
	ProtectMemory(slog.New(slog.NewTextHandler(&words, nil)))
	used := make([]byte, 64<<20)
	for i := range used {
		used[i] = byte(i)
	}
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	fmt.Println("dumpable", dumpable, err, used[1], "lines", strings.Count(words.String(), "\n"), strings.TrimSpace(words.String()))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// child starts the protected process and returns what it says and what the
// kernel shows of it.
func child(t *testing.T, limit string) (said, status, limits string) {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), asChild+"="+limit)
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 4096)
	n, err := output.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		content, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", command.Process.Pid, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	status, limits = read("status"), read("limits")
	_ = input.Close()
	if err := command.Wait(); err != nil {
		t.Fatal(err)
	}
	return string(line[:n]), status, limits
}

// field is what follows a name in a list of the kernel's, with single spaces.
func field(list, name string) string {
	for line := range strings.Lines(list) {
		if rest, found := strings.CutPrefix(line, name); found {
			return strings.Join(strings.Fields(rest), " ")
		}
	}
	return ""
}

func TestProtectedProcessIsNeitherDumpedNorSwapped(t *testing.T) {
	said, status, limits := child(t, "free")
	if !strings.HasPrefix(said, "dumpable 0 <nil>") {
		t.Errorf("the process says %q, want dumpable 0", said)
	}
	if core := field(limits, "Max core file size"); core != "0 0 bytes" {
		t.Errorf("core file size %q, want 0", core)
	}
	if strings.Contains(said, "no swapping") {
		t.Skipf("memory cannot be locked here: %s", said)
	}
	var kilobytes int
	if _, err := fmt.Sscan(field(status, "VmLck:"), &kilobytes); err != nil || kilobytes < 64<<10 {
		t.Errorf("%d kB are locked, error %v, want at least the 64 MiB that it has taken since", kilobytes, err)
	}
}

// Also where little may be locked, the keys' own bytes are, and the copies that
// reading them made are cleared.
func TestLoadedKeysAreLocked(t *testing.T) {
	dir := t.TempDir()
	created, err := Create(dir, "park1")
	if err != nil {
		t.Fatal(err)
	}
	lockedNow := func() (kilobytes int) {
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscan(field(string(status), "VmLck:"), &kilobytes); err != nil {
			t.Fatal(err)
		}
		return kilobytes
	}
	before := lockedNow()
	loaded, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !loaded.AccountKey.Equal(created.AccountKey) || !bytes.Equal(loaded.SealingKey, created.SealingKey) {
		t.Error("other keys came back")
	}
	if probe, err := unix.Mmap(-1, 0, 1, unix.PROT_READ, unix.MAP_ANON|unix.MAP_PRIVATE); err != nil || unix.Mlock(probe) != nil {
		t.Skip("not one page may be locked here")
	}
	if grown := lockedNow() - before; grown < 8 {
		t.Errorf("%d kB more are locked, want a page for each key", grown)
	}
	secret := []byte("a secret")
	moved := locked(secret)
	if string(moved) != "a secret" || !bytes.Equal(secret, make([]byte, len(secret))) {
		t.Errorf("%q moved, %q left behind", moved, secret)
	}
}

// Without the right to lock memory there is one line that says how to get it,
// and the process lives on.
func TestAProcessThatMayNotLockMemorySaysSoAndLivesOn(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give up the right to lock memory for this test")
	}
	said, status, limits := child(t, "limited")
	if !strings.Contains(said, "lines 1 ") || !strings.Contains(said, "LimitMEMLOCK=infinity") || !strings.HasPrefix(said, "dumpable 0 <nil>") {
		t.Errorf("the process says %q, want one line with LimitMEMLOCK=infinity, and dumpable 0", said)
	}
	if all := field(status, "VmLck:"); all != "0 kB" {
		t.Errorf("%q are locked, want nothing", all)
	}
	if core := field(limits, "Max core file size"); core != "0 0 bytes" {
		t.Errorf("core file size %q, want 0", core)
	}
}
