package node_test

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/node"
	"github.com/sesame-energy/sesame/node/nodetest"
)

// The child of TestNodeSurvivesBeingKilled finds its folder and genesis time here.
const homeVariable, timeVariable = "SESAME_TEST_NODE_HOME", "SESAME_TEST_NODE_TIME"

func TestMain(m *testing.M) {
	if os.Getenv(homeVariable) == "" {
		os.Exit(m.Run())
	}
	if err := runUntilKilled(os.Getenv(homeVariable), os.Getenv(timeVariable)); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runUntilKilled runs a chain of one member and prints a line per block:
// height and app hash.
func runUntilKilled(home, genesisTime string) error {
	nanoseconds, err := strconv.ParseInt(genesisTime, 10, 64)
	if err != nil {
		return err
	}
	seed := sha256.Sum256([]byte("killed"))
	key := ed25519.NewKeyFromSeed(seed[:])
	store, err := merkle.Open(home, 20)
	if err != nil {
		return err
	}
	running, err := node.Start(context.Background(), node.Config{
		Home: home, Name: "killed", Listen: "127.0.0.1:0", Timeouts: node.Timeouts{Commit: time.Millisecond},
	}, node.Parts{
		Genesis: node.Genesis{
			ChainID: "killed", Time: time.Unix(0, nanoseconds), Document: []byte("{}"),
			Validators: []node.Validator{{Name: "killed", PublicKey: key.Public().(ed25519.PublicKey)}},
		},
		Key: key, Machine: &nodetest.Toy{Store: store}, State: store,
	})
	if err != nil {
		return err
	}
	for last := int64(0); ; {
		newest, grown := running.Newest()
		if newest.Height > last {
			last = newest.Height
			fmt.Println(newest.Height, newest.AppHash)
		}
		select {
		case <-grown:
		case <-running.Done():
			return running.Err()
		}
	}
}

// Killed at any moment, a node comes back with the state that it had told of,
// and goes on.
func TestNodeSurvivesBeingKilled(t *testing.T) {
	home := t.TempDir()
	started := strconv.FormatInt(time.Now().UnixNano(), 10)
	told := map[int64]string{}
	highest := int64(0)
	for round := range 6 {
		command := exec.CommandContext(t.Context(), os.Args[0])
		command.Env = append(os.Environ(), homeVariable+"="+home, timeVariable+"="+started)
		command.Stderr = os.Stderr
		output, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		lines, blocks := bufio.NewScanner(output), 0
		for lines.Scan() && blocks < 7+13*round {
			var height int64
			var hash string
			if _, err := fmt.Sscan(lines.Text(), &height, &hash); err != nil {
				t.Fatalf("%q: %v", lines.Text(), err)
			}
			if before, known := told[height]; known && before != hash {
				t.Fatalf("height %d had app hash %s, now %s", height, before, hash)
			}
			if blocks == 0 && height < highest {
				t.Fatalf("came back at %d after telling of %d", height, highest)
			}
			told[height] = hash
			highest = max(highest, height)
			blocks++
		}
		_ = command.Process.Kill()
		_ = command.Wait()
		if blocks == 0 {
			t.Fatalf("round %d: no block", round)
		}
	}
	if highest < 100 {
		t.Fatalf("highest block is %d", highest)
	}
	t.Logf("killed six times, reached block %d", highest)
}
