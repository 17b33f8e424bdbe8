package peers

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// highs is HiGHS in a Node process that lives as long as the peer, so that its
// start counts nowhere.
type highs struct {
	program string
	process *exec.Cmd
	to      io.WriteCloser
	from    *bufio.Reader
}

func openHiGHS() (peer, error) {
	program, err := lookFor("node", "nodejs")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat("highs/node_modules/highs"); err != nil {
		return nil, errors.New("HiGHS is not installed (`npm ci` in schedule/peers/highs)")
	}
	return &highs{program: program}, nil
}

func (*highs) name() string { return "highs" }

func (h *highs) start() (err error) {
	h.process = exec.Command(h.program, "solve.mjs")
	h.process.Dir, h.process.Stderr = "highs", os.Stderr
	if h.to, err = h.process.StdinPipe(); err != nil {
		return err
	}
	from, err := h.process.StdoutPipe()
	if err != nil {
		return err
	}
	h.from = bufio.NewReader(from)
	return h.process.Start()
}

func (h *highs) close() {
	if h.process != nil {
		_ = h.process.Process.Kill()
		_ = h.process.Wait()
		h.process = nil
	}
}

func (h *highs) solve(ctx context.Context, t task) (answer, error) {
	if h.process == nil {
		if err := h.start(); err != nil {
			return answer{}, err
		}
	}
	question, err := json.Marshal(map[string]any{"file": t.file, "gap": t.gap, "seconds": t.limit.Seconds()})
	if err != nil {
		return answer{}, err
	}
	process := h.process.Process
	alarm := time.AfterFunc(t.limit+grace, func() { _ = process.Kill() })
	stop := context.AfterFunc(ctx, func() { _ = process.Kill() })
	defer stop()
	if _, err := h.to.Write(append(question, '\n')); err != nil {
		return answer{}, fmt.Errorf("highs: %w", err)
	}
	line, err := h.from.ReadBytes('\n')
	if !alarm.Stop() {
		h.close()
		return answer{outcome: outOfTime}, nil
	}
	if err != nil {
		h.close()
		return answer{}, fmt.Errorf("highs: its process ended: %w", err)
	}
	return readHiGHS(line)
}

func readHiGHS(line []byte) (answer, error) {
	var said struct {
		Status, Error string
		Cost          float64
		Read, Solve   float64 // s
	}
	if err := json.Unmarshal(line, &said); err != nil {
		return answer{}, fmt.Errorf("highs: %w", err)
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	a := answer{cost: said.Cost, solve: seconds(said.Solve), total: seconds(said.Read + said.Solve)}
	switch said.Status {
	case "optimal":
	case "infeasible", "unboundedOrInfeasible":
		a.outcome = infeasible
	case "timeLimit":
		a.outcome = outOfTime
	default:
		return answer{}, fmt.Errorf("highs: %s%s", said.Status, said.Error)
	}
	return a, nil
}
