// Package arm64 holds the test that a plan does not depend on the processor:
// members of a committee run on different ones and must find the same bytes.
package arm64

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// cases is how many random cases are solved on each processor.
const cases = "1000"

// build compiles the command plans for a processor.
func build(t *testing.T, architecture string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "plans-"+architecture)
	command := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./plans")
	command.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0", "GOARCH="+architecture)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build for %s: %v\n%s", architecture, err, out)
	}
	return program
}

func output(t *testing.T, program string, arguments ...string) [][]byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	return bytes.Split(bytes.TrimSpace(out), []byte("\n"))
}

// emulator is the program that runs arm64 programs here.
func emulator(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skipf("compares amd64 with arm64 on linux/amd64, this is %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	for _, name := range []string{"qemu-aarch64-static", "qemu-aarch64"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("qemu-aarch64 is not installed (Debian package qemu-user-static)")
	return ""
}

func TestPlansAndCertificatesAreTheSameOnAMD64AndARM64(t *testing.T) {
	qemu := emulator(t)
	here := output(t, build(t, "amd64"), cases)
	there := output(t, qemu, build(t, "arm64"), cases)
	if len(here) != len(there) {
		t.Fatalf("%d plans on amd64, %d on arm64", len(here), len(there))
	}
	infeasible := 0
	for i := range here {
		if !bytes.Equal(here[i], there[i]) {
			t.Fatalf("case %d\namd64 %s\narm64 %s", i, here[i], there[i])
		}
		if bytes.Contains(here[i], []byte(`"status":"infeasible"`)) {
			infeasible++
		}
	}
	t.Logf("%d cases, %d of them infeasible", len(here), infeasible)
	if infeasible > len(here)/3 {
		t.Errorf("%d of %d cases have no plan to compare", infeasible, len(here))
	}
}
