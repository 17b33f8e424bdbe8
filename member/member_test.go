package member_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/node"
	"github.com/sesame-energy/sesame/node/nodetest"
	"github.com/sesame-energy/sesame/participant"
	sealing "github.com/sesame-energy/sesame/vault"
)

// committee is three members on this machine, with the park that the test plays.
type committee struct {
	t        *testing.T
	folder   string
	document genesis.Document
	configs  []member.Config
	stops    []func() error
	park     *participant.Participant
}

func newCommittee(t *testing.T) *committee {
	t.Helper()
	c := &committee{t: t, folder: t.TempDir()}
	paper := ledgertest.ReferenceCase(t)
	founding := genesis.Founding{
		ChainID: "sesame-members", Time: time.Now().UTC().Truncate(time.Millisecond), Factor: 1, Threshold: 2,
		Parks: map[string]genesis.Keys{}, Grid: ledgertest.NewParty("grid").Public(t), Operator: ledgertest.NewParty("operator").Public(t),
	}
	for _, park := range paper.Parks {
		public := c.create(park.Name)
		founding.Parks[park.Name] = genesis.Keys{Signing: public.Key, Sealing: public.SealingKey}
	}
	var peers []string
	for i := range 3 {
		name := fmt.Sprintf("member%d", i+1)
		public := c.create(name)
		home := filepath.Join(c.folder, name)
		consensus, err := member.CreateConsensusKey(home)
		if err != nil {
			t.Fatal(err)
		}
		founding.Members = append(founding.Members, genesis.Member{
			Name: name, Owner: "owner of " + name, Index: uint8(i + 1),
			Key: public.Key, ConsensusKey: consensus, SealingKey: public.SealingKey,
		})
		listen := nodetest.FreeAddress(t)
		id, err := node.PeerID(member.NodeHome(home))
		if err != nil {
			t.Fatal(err)
		}
		peers = append(peers, id+"@"+listen)
		c.configs = append(c.configs, member.Config{
			Home: home, Genesis: filepath.Join(c.folder, "genesis.json"), Node: member.Node{Listen: listen, API: nodetest.FreeAddress(t)},
		})
	}
	for i := range c.configs {
		for j, peer := range peers {
			if i != j {
				c.configs[i].Node.Peers = append(c.configs[i].Node.Peers, peer)
			}
		}
	}
	c.found(paper.Name, func() (genesis.Document, error) { return genesis.FromCase(paper, founding) })
	return c
}

func (c *committee) create(name string) identity.Public {
	c.t.Helper()
	created, err := identity.Create(filepath.Join(c.folder, name), name)
	if err != nil {
		c.t.Fatal(err)
	}
	return created.Public()
}

func (c *committee) found(name string, draw func() (genesis.Document, error)) {
	c.t.Helper()
	var err error
	if c.document, err = draw(); err != nil {
		c.t.Fatal(name, err)
	}
	encoded, err := genesis.Encode(c.document)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.folder, "genesis.json"), encoded, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// start runs a daemon in the background; the function stops it and gives its error.
func start(run func(ctx context.Context) error) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	return func() error { cancel(); return <-ended }
}

func (c *committee) startMember(i int) {
	stop := start(func(ctx context.Context) error { return member.Run(ctx, c.configs[i], slog.New(slog.DiscardHandler)) })
	if i < len(c.stops) {
		c.stops[i] = stop
	} else {
		c.stops = append(c.stops, stop)
	}
}

func (c *committee) openChannels(ctx context.Context, day uint32) {
	c.t.Helper()
	body := vault.OpenChannel{Number: 1, Epoch: 1, FirstDay: day, Days: 3}
	for _, founder := range c.document.Members {
		channel, _, err := sealing.OfferChannel(sealing.ChannelID{
			Chain: c.document.ChainID, Epoch: 1, Dealer: c.park.Identity.Name, Member: founder.Index, First: day, Days: 3,
		}, founder.SealingKey)
		if err != nil {
			c.t.Fatal(err)
		}
		encoded, err := channel.MarshalBinary()
		if err != nil {
			c.t.Fatal(err)
		}
		body.Channels = append(body.Channels, encoded)
	}
	for {
		err := c.park.Submit(ctx, "vault/channel", body)
		if refused := (*client.Refused)(nil); errors.As(err, &refused) || ctx.Err() != nil {
			c.t.Fatal(err)
		}
		if err == nil {
			return
		}
	}
}

var errSeen = errors.New("seen")

// acknowledged waits until that many members have acknowledged the channels.
func (c *committee) acknowledged(ctx context.Context, day uint32, count int) {
	c.t.Helper()
	err := c.park.Follow(ctx, 1, func(block client.Block) error {
		for _, change := range block.Changes {
			if change.Key != vault.ChannelKey(c.park.Identity.Name, 1) {
				continue
			}
			channel, err := record.Decode[vault.Channel](change.Value)
			if err != nil {
				return err
			}
			if len(channel.Acknowledged) == count {
				return errSeen
			}
		}
		return nil
	})
	if !errors.Is(err, errSeen) {
		c.t.Fatalf("waiting for %d acknowledgements: %v", count, err)
	}
}

// Three members validate and keep shares; one without keeper validates only,
// and acknowledges what it has missed when it is started anew. An observer
// sees the same chain.
func TestMembersValidateAndKeepShares(t *testing.T) {
	if testing.Short() {
		t.Skip("runs three consensus nodes")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := newCommittee(t)
	c.configs[2].Keeper = "off"
	for i := range c.configs {
		c.startMember(i)
	}
	var err error
	c.park, err = participant.Open(participant.Config{
		Home: filepath.Join(c.folder, "park1"), Genesis: c.configs[0].Genesis, Nodes: []string{"http://" + c.configs[0].Node.API},
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	day := uint32(c.document.Clock.Start / 86_400)
	c.openChannels(ctx, day)
	c.acknowledged(ctx, day, 2)

	if err := c.stops[2](); err != nil {
		t.Fatalf("stop member3: %v", err)
	}
	c.configs[2].Keeper = "on"
	c.startMember(2)
	c.acknowledged(ctx, day, 3)
	c.observe(ctx)
	for i, stop := range c.stops {
		if err := stop(); err != nil {
			t.Errorf("stop member%d: %v", i+1, err)
		}
	}
	keys, err := filepath.Glob(filepath.Join(c.folder, "member*", "daykeys", "park1-*"))
	if err != nil || len(keys) != 3 {
		t.Errorf("%d files of day keys, %v: expected one per member", len(keys), err)
	}
}

// observe runs an observer until it has told of a block.
func (c *committee) observe(ctx context.Context) {
	c.t.Helper()
	observer := member.ObserverConfig{
		Home: filepath.Join(c.folder, "observer"), Genesis: c.configs[0].Genesis, Name: "observer",
		Node: member.Node{Listen: nodetest.FreeAddress(c.t), API: nodetest.FreeAddress(c.t)},
	}
	for i := range c.configs {
		id, err := node.PeerID(member.NodeHome(c.configs[i].Home))
		if err != nil {
			c.t.Fatal(err)
		}
		observer.Node.Peers = append(observer.Node.Peers, id+"@"+c.configs[i].Node.Listen)
	}
	stop := start(func(ctx context.Context) error { return member.Observe(ctx, observer, slog.New(slog.DiscardHandler)) })
	anchor := client.Anchor{ChainID: c.document.ChainID, Time: c.document.GenesisTime}
	for _, founder := range c.document.Members {
		anchor.Validators = append(anchor.Validators, client.Validator{PublicKey: founder.ConsensusKey, Power: node.Power})
	}
	reader, err := client.New(client.Config{URLs: []string{"http://" + observer.Node.API}, Anchor: anchor})
	if err != nil {
		c.t.Fatal(err)
	}
	err = reader.Follow(ctx, 1, func(client.Block) error { return errSeen })
	if !errors.Is(err, errSeen) {
		c.t.Errorf("observer: %v", err)
	}
	if err := stop(); err != nil {
		c.t.Errorf("stop observer: %v", err)
	}
}

func TestMemberThatWaitsForTheGenesisTimeStopsWhenAsked(t *testing.T) {
	c := newCommittee(t)
	c.document.GenesisTime = time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
	c.found("later", func() (genesis.Document, error) { return c.document, nil })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := member.Run(ctx, c.configs[0], slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
}

func TestConfigurationSaysWhatIsWrong(t *testing.T) {
	for content, expected := range map[string]string{
		"home: h\ngenesis: g\nnode: {listen: '127.0.0.1:1', api: '127.0.0.1:2'}\nkeeper: maybe\n": "keeper",
		"genesis: g\nnode: {listen: '127.0.0.1:1', api: '127.0.0.1:2'}\n":                         "home",
		"home: h\nnode: {listen: '127.0.0.1:1', api: '127.0.0.1:2'}\n":                            "genesis",
		"home: h\ngenesis: g\nnode: {listen: nowhere, api: '127.0.0.1:2'}\n":                      "node.listen",
		"home: h\ngenesis: g\nnode: {listen: '127.0.0.1:1'}\n":                                    "node.api",
		"home: h\ngenesis: g\nvote: no\n":                                                         ":3:",
	} {
		path := filepath.Join(t.TempDir(), "member.yaml")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load[member.Config](path); err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%q: %v: expected an error that names %q", content, err, expected)
		}
	}
}

func TestConsensusKeyIsWrittenOnceForTheOwnerOnly(t *testing.T) {
	home := t.TempDir()
	public, err := member.CreateConsensusKey(home)
	if err != nil {
		t.Fatal(err)
	}
	private, err := member.LoadConsensusKey(home)
	if err != nil {
		t.Fatal(err)
	}
	if !public.Equal(private.Public()) {
		t.Error("another key came back")
	}
	if _, err := member.CreateConsensusKey(home); !errors.Is(err, member.ErrKeyExists) {
		t.Errorf("%v: expected %v", err, member.ErrKeyExists)
	}
	if err := os.Chmod(filepath.Join(home, member.ConsensusKeyFile), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := member.LoadConsensusKey(home); err == nil {
		t.Error("a key that others may read was taken")
	}
}
