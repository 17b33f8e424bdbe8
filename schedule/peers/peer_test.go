package peers

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

var (
	caseCount = flag.Int("peers.cases", 60, "random cases on which all solvers must agree")
	timeLimit = flag.Duration("peers.limit", time.Minute, "time that a foreign solver gets for one model")
)

// outcome is what a solver says of a model.
type outcome int

const (
	optimal outcome = iota
	infeasible
	outOfTime
)

func (o outcome) String() string { return [...]string{"optimal", "infeasible", "out of time"}[o] }

// answer is a foreign solver's answer to a model.
type answer struct {
	outcome
	cost float64 // currency, where optimal

	// Processor time: solve without, total with reading the file and writing the solution.
	solve, total time.Duration
}

// task is a model in a file and what may be spent on it.
type task struct {
	file  string
	gap   float64 // relative gap at which a solver may stop
	limit time.Duration
	timed bool // the time to solve is wanted, too
}

// peer is a foreign solver. One peer solves one model at a time.
type peer interface {
	name() string
	solve(ctx context.Context, t task) (answer, error)
	close()
}

// openers start the peers; each gives an error of what is missing, in words.
var openers = []func() (peer, error){
	func() (peer, error) { return openGLPK() },
	func() (peer, error) { return openCBC() },
	func() (peer, error) { return openHiGHS() },
}

// openPeers starts the peers that are installed.
func openPeers(t testing.TB) []peer {
	t.Helper()
	var peers []peer
	for _, open := range openers {
		p, err := open()
		if err != nil {
			t.Logf("left out: %v", err)
			continue
		}
		peers = append(peers, p)
		t.Cleanup(p.close)
	}
	if len(peers) == 0 {
		t.Skip("no foreign solver is installed; `make test` installs them")
	}
	return peers
}

func lookFor(program, debian string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("%s is not installed (Debian package %s)", program, debian)
	}
	return path, nil
}

// solving is what remains of a process's time without that of a process which
// only reads the file.
func solving(ctx context.Context, t task, took time.Duration, program string, arguments ...string) (time.Duration, error) {
	if !t.timed {
		return 0, nil
	}
	_, reading, err := run(ctx, program, arguments...)
	return max(took-reading, time.Microsecond), err
}

// run runs a program to its end and gives what it printed and its processor
// time.
func run(ctx context.Context, program string, arguments ...string) (string, time.Duration, error) {
	command := exec.CommandContext(ctx, program, arguments...)
	out, err := command.CombinedOutput()
	if err != nil {
		return "", 0, fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return string(out), command.ProcessState.UserTime() + command.ProcessState.SystemTime(), nil
}

// grace is what a solver gets beyond its limit before it is ended: some look
// at the clock seldom.
const grace = 20 * time.Second

// runWithin runs a solver that is told its limit; late says that it had to be
// ended.
func runWithin(ctx context.Context, t task, program string, arguments ...string) (out string, took time.Duration, late bool, err error) {
	inTime, cancel := context.WithTimeout(ctx, t.limit+grace)
	defer cancel()
	out, took, err = run(inTime, program, arguments...)
	if err != nil && errors.Is(inTime.Err(), context.DeadlineExceeded) {
		return "", took, true, nil
	}
	return out, took, false, err
}

// writeTask puts a model into a file.
func writeTask(folder string, number int, lp string, gap float64) (task, error) {
	file := fmt.Sprintf("%s/case%d.lp", folder, number)
	return task{file: file, gap: gap, limit: *timeLimit}, os.WriteFile(file, []byte(lp), 0o600)
}

// after is the text behind the first mark, trimmed, up to the end of the line.
func after(text, mark string) (string, bool) {
	_, rest, found := strings.Cut(text, mark)
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line), found
}
