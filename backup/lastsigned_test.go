package backup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/privval"
	proto "github.com/cometbft/cometbft/proto/tendermint/types"

	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/node"
)

// signerOf signs like the node of a home folder.
func signerOf(t *testing.T, home string) *privval.FilePV {
	t.Helper()
	key, err := member.LoadConsensusKey(home)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(member.NodeHome(home), node.LastSigned)
	signer := privval.NewFilePV(ed25519.PrivKey(key), "", path)
	encoded, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		return signer
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := cmtjson.Unmarshal(encoded, &signer.LastSignState); err != nil {
		t.Fatal(err)
	}
	return signer
}

// vote is for the block whose hash is full of one byte.
func vote(height int64, round int32, kind proto.SignedMsgType, block byte) *proto.Vote {
	hash := make([]byte, 32)
	for i := range hash {
		hash[i] = block
	}
	return &proto.Vote{Type: kind, Height: height, Round: round, BlockID: proto.BlockID{Hash: hash, PartSetHeader: proto.PartSetHeader{Total: 1, Hash: hash}}}
}

// restoredMember is a member's folder that was backed up early, and whose
// machine then signed up to height 50, round 2, and was lost.
func restoredMember(t *testing.T, last func(home string) *LastSigned) (string, error) {
	t.Helper()
	home := memberFolder(t)
	if err := os.Remove(filepath.Join(home, "node", "data", "last-signed.json")); err != nil {
		t.Fatal(err)
	}
	recipient, key := keyed(t)
	file, again := filepath.Join(t.TempDir(), "member1.age"), filepath.Join(t.TempDir(), "member1")
	if _, err := Create(t.Context(), home, file, recipient); err != nil {
		t.Fatal(err)
	}
	lost := signerOf(t, home)
	for _, v := range []*proto.Vote{vote(49, 0, proto.PrevoteType, 1), vote(50, 0, proto.PrevoteType, 1), vote(50, 2, proto.PrevoteType, 2)} {
		if err := lost.SignVote("chain", v); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Restore(file, again, last(home), key)
	return again, err
}

// A restored validator refuses every vote and proposal at a height and round
// at which the lost machine can have signed, and goes on above.
func TestARestoredValidatorNeverSignsTwice(t *testing.T) {
	rescued := func(home string) *LastSigned {
		last, err := ReadLastSigned(filepath.Join(member.NodeHome(home), node.LastSigned))
		if err != nil {
			t.Fatal(err)
		}
		return last
	}
	through := func(string) *LastSigned {
		last, err := SignedThrough(60)
		if err != nil {
			t.Fatal(err)
		}
		return last
	}
	for name, test := range map[string]struct {
		last   func(string) *LastSigned
		height int64 // the first signed after restoring
		round  int32
	}{
		"rescued file":   {rescued, 50, 3},
		"through height": {through, 61, 0},
	} {
		home, err := restoredMember(t, test.last)
		if err != nil {
			t.Fatal(err)
		}
		if paths := listed(t, home); fmt.Sprint(paths) != "[config.yaml consensus-key.json identity.json node/data/last-signed.json node/peer-key.json]" {
			t.Errorf("%s: restored %v", name, paths)
		}
		signer := signerOf(t, home)
		for height := int64(48); height <= test.height; height++ {
			for round := range int32(4) {
				if height == test.height && round >= test.round {
					break
				}
				for _, kind := range []proto.SignedMsgType{proto.PrevoteType, proto.PrecommitType} {
					if err := signer.SignVote("chain", vote(height, round, kind, 9)); err == nil && !(height == 50 && round == 2 && kind == proto.PrecommitType) {
						t.Errorf("%s: signed %v at height %d, round %d", name, kind, height, round)
					}
				}
				if err := signer.SignProposal("chain", &proto.Proposal{Type: proto.ProposalType, Height: height, Round: round}); err == nil {
					t.Errorf("%s: proposed at height %d, round %d", name, height, round)
				}
			}
		}
		if err := signer.SignVote("chain", vote(test.height, test.round, proto.PrevoteType, 9)); err != nil {
			t.Errorf("%s: the chain goes on at height %d, round %d: %v", name, test.height, test.round, err)
		}
	}
}

func TestAValidatorIsNotRestoredWithoutWhatItSignedLast(t *testing.T) {
	home, err := restoredMember(t, func(string) *LastSigned { return nil })
	if !errors.Is(err, ErrUnnamed) {
		t.Errorf("%v, want ErrUnnamed", err)
	}
	if _, err := os.Stat(home); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is there all the same: %v", err)
	}
}

func TestLastSignedThatMakeNoSenseAreRefused(t *testing.T) {
	for _, height := range []int64{0, -1, maxHeight + 1} {
		if _, err := SignedThrough(height); err == nil {
			t.Errorf("signed through height %d was taken", height)
		}
	}
	path := filepath.Join(t.TempDir(), "last-signed.json")
	for _, content := range []string{"", "{}", "[]", `{"height":"-3"}`, `{"height":"x"}`, "\x00"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadLastSigned(path); err == nil {
			t.Errorf("%q was taken", content)
		}
	}
	if _, err := ReadLastSigned(path + ".none"); err == nil {
		t.Error("a file that is not there was taken")
	}
	park, _ := parkFolder(t)
	recipient, key := keyed(t)
	file := filepath.Join(t.TempDir(), "park1.age")
	if _, err := Create(t.Context(), park, file, recipient); err != nil {
		t.Fatal(err)
	}
	last, err := SignedThrough(5)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(file, filepath.Join(t.TempDir(), "park1"), last, key); err == nil {
		t.Error("a park was told what it signed last")
	}
}
