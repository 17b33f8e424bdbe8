package participant

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/ledger/transaction"
)

// fakeLedger keeps records and what was submitted.
type fakeLedger struct {
	records   map[string][]byte
	submitted [][]byte
	refuse    error
}

func (f *fakeLedger) Status(context.Context) (client.Status, error) {
	return client.Status{Height: 41}, nil
}

func (f *fakeLedger) Submit(_ context.Context, transaction []byte) (client.Inclusion, error) {
	f.submitted = append(f.submitted, transaction)
	return client.Inclusion{}, f.refuse
}

func (f *fakeLedger) Follow(_ context.Context, _ int64, visit func(client.Block) error) error {
	return visit(client.Block{Height: 1, LedgerTime: 1_721_000_000})
}

func (f *fakeLedger) Get(_ context.Context, key string) (client.Record, error) {
	value, found := f.records[key]
	return client.Record{Key: key, Value: value, Found: found}, nil
}

func (f *fakeLedger) List(context.Context, string, int) ([]feed.Record, error) { return nil, nil }

func newParticipant(t *testing.T) (*Participant, *fakeLedger) {
	t.Helper()
	who, err := identity.Create(t.TempDir(), "park1")
	if err != nil {
		t.Fatal(err)
	}
	ledger := &fakeLedger{records: map[string][]byte{}}
	participant := &Participant{Identity: who, Observer: &Observer{Clock: client.NewClock(1, 0), ledger: ledger}}
	participant.Genesis.ChainID = "chain"
	return participant, ledger
}

func TestSubmitSignsInTheParticipantsName(t *testing.T) {
	participant, ledger := newParticipant(t)
	if err := participant.Submit(t.Context(), "alerts/raise", []byte{1}); err != nil {
		t.Fatal(err)
	}
	envelope, err := transaction.Decode(ledger.submitted[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := envelope.Verify(participant.Identity.Public().Key); err != nil {
		t.Fatal(err)
	}
	if envelope.Chain != "chain" || envelope.Sender != "park1" || envelope.Kind != "alerts/raise" || envelope.ValidUntil != 41+lifetime {
		t.Fatalf("%+v", envelope)
	}
}

func TestRefusalReachesTheCaller(t *testing.T) {
	participant, ledger := newParticipant(t)
	ledger.refuse = &client.Refused{Reason: "gate has passed"}
	var refused *client.Refused
	if err := participant.Submit(t.Context(), "vault/deal", []byte{1}); !errors.As(err, &refused) || refused.Reason != "gate has passed" {
		t.Fatalf("%v", err)
	}
}

func TestFollowKeepsTheClock(t *testing.T) {
	participant, _ := newParticipant(t)
	if _, known := participant.Clock.Now(); known {
		t.Fatal("the clock knows the time before the first block")
	}
	if err := participant.Follow(t.Context(), 0, func(client.Block) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if now, known := participant.Clock.Now(); !known || now.Unix() < 1_721_000_000 {
		t.Fatalf("clock shows %v, %v", now, known)
	}
}

func TestOnlyTheRegisteredAccountMayAct(t *testing.T) {
	participant, ledger := newParticipant(t)
	if err := participant.Registered(t.Context(), committee.RolePark); !errors.Is(err, ErrStranger) {
		t.Fatalf("unknown account: %v", err)
	}
	public := participant.Identity.Public()
	account := committee.Account{Name: "park1", Role: committee.RolePark, Key: public.Key, SealingKey: public.SealingKey}
	ledger.records[committee.AccountKey("park1")] = record.Encode(account)
	if err := participant.Registered(t.Context(), committee.RolePark); err != nil {
		t.Fatal(err)
	}
	if err := participant.Registered(t.Context(), committee.RoleGrid); err == nil {
		t.Fatal("a park passed as the grid company")
	}
	account.Key = make([]byte, 32)
	ledger.records[committee.AccountKey("park1")] = record.Encode(account)
	if err := participant.Registered(t.Context(), committee.RolePark); !errors.Is(err, ErrStranger) || !strings.Contains(err.Error(), "other keys") {
		t.Fatalf("other keys: %v", err)
	}
}

func TestDatabaseIsTheOwnersOnlyAndOutlivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a #?%25 folder")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(path, "park.db")
	const schema = "create table if not exists thing (value integer)"
	database, err := OpenDatabase(path, schema)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := database.Exec("insert into thing values (7)"); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o", path+suffix, info.Mode().Perm())
		}
	}
	if err := database.Close(); err != nil {
		t.Fatal(err)
	}
	if database, err = OpenDatabase(path, schema); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = database.Close() }()
	var value int
	if err := database.QueryRow("select value from thing").Scan(&value); err != nil || value != 7 {
		t.Fatalf("value %d, %v", value, err)
	}
}

func TestLocalPageIsForThisMachineOnly(t *testing.T) {
	for _, listen := range []string{"0.0.0.0:0", ":0", "192.0.2.1:80", ""} {
		if _, err := StartLocal(listen, nil); err == nil || !strings.Contains(err.Error(), "loopback") {
			t.Errorf("listen %q: %v", listen, err)
		}
	}
	local, err := StartLocal("127.0.0.1:0", http.HandlerFunc(func(writer http.ResponseWriter, _ *http.Request) {
		Answer(writer, http.StatusOK, map[string]int{"a": 1}, nil)
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = local.Close() }()
	for host, want := range map[string]int{"": 200, "localhost:1": 200, "localhost": 200, "evil.example": 403, "evil.example:80": 403} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, local.URL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("host %q: status %d, expected %d: %s", host, response.StatusCode, want, body)
		}
	}
}

func TestConfigNamesWhatIsMissing(t *testing.T) {
	full := Config{Home: "h", Nodes: []string{"http://x"}, Genesis: "g"}
	if err := full.Validate(); err != nil {
		t.Fatal(err)
	}
	for key, config := range map[string]Config{
		"home": {Nodes: full.Nodes, Genesis: "g"}, "nodes": {Home: "h", Genesis: "g"}, "genesis": {Home: "h", Nodes: full.Nodes},
	} {
		if err := config.Validate(); err == nil || !strings.Contains(err.Error(), key+" is missing") {
			t.Errorf("%s: %v", key, err)
		}
	}
}
