package test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// binaryFolder holds the binary while the tests run.
var binaryFolder string

func TestMain(m *testing.M) {
	code := m.Run()
	if binaryFolder != "" {
		_ = os.RemoveAll(binaryFolder)
	}
	os.Exit(code)
}

// buildOnce builds the command for all tests that run it as a user does.
var buildOnce = sync.OnceValues(func() (string, error) {
	var err error
	if binaryFolder, err = os.MkdirTemp("", "sesame-binary-"); err != nil {
		return "", err
	}
	path := filepath.Join(binaryFolder, "sesame")
	command := exec.Command("go", "build", "-o", path, "../cmd/sesame")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return "", errors.Join(err, errors.New(string(output)))
	}
	return path, nil
})

func built(t *testing.T) string {
	t.Helper()
	path, err := buildOnce()
	if err != nil {
		t.Fatalf("build sesame: %v", err)
	}
	return path
}

// process is a running command.
type process struct {
	t              *testing.T
	name           string
	command        *exec.Cmd
	stdout, stderr *bytes.Buffer // to be read when it has ended
	ended          chan struct{}
}

// launch starts a command of the binary. What still runs at the test's end is
// interrupted, and has to end well.
func launch(ctx context.Context, t *testing.T, name string, environment []string, arguments ...string) *process {
	t.Helper()
	p := &process{t, name, exec.CommandContext(ctx, built(t), arguments...), new(bytes.Buffer), new(bytes.Buffer), make(chan struct{})}
	p.command.Env = append(os.Environ(), environment...)
	p.command.Stdout, p.command.Stderr = p.stdout, p.stderr
	if err := p.command.Start(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	go func() {
		_ = p.command.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		select {
		case <-p.ended:
		default:
			if code := p.interrupt(); code != 0 {
				t.Errorf("%s ends with exit code %d when interrupted:\n%s", name, code, p.tail())
			}
		}
	})
	return p
}

// wait returns the exit code when the command has ended, -1 where a signal or
// the test's time has ended it.
func (p *process) wait() int {
	<-p.ended
	return p.command.ProcessState.ExitCode()
}

// interrupt is Ctrl-C.
func (p *process) interrupt() int {
	_ = p.command.Process.Signal(syscall.SIGINT) // an error means that it has just ended
	return p.wait()
}

// kill lets the process do nothing more at all.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	p.wait()
}

// tail is the end of what an ended process has said on standard error.
func (p *process) tail() string {
	const most = 4000
	text := p.stderr.String()
	return text[max(0, len(text)-most):]
}

// sesame runs a command to its end.
func sesame(ctx context.Context, t *testing.T, arguments ...string) (code int, stdout, stderr string) {
	t.Helper()
	p := launch(ctx, t, arguments[0], nil, arguments...)
	code = p.wait()
	return code, p.stdout.String(), p.stderr.String()
}
