package battery_test

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/simonvetter/modbus"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/simulate/battery"
	"github.com/sesame-energy/sesame/sunspec"
)

// announcement is a log that tells when the server answers.
type announcement struct {
	slog.Handler
	made chan struct{}
}

func (a announcement) Enabled(context.Context, slog.Level) bool { return true }

func (a announcement) Handle(_ context.Context, entry slog.Record) error {
	if strings.HasPrefix(entry.Message, "simulated battery answers") {
		close(a.made)
	}
	return nil
}

func TestBatteryOfAConfigurationFileAnswersAndKeepsItsState(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "battery.yaml")
	content := `listen: ` + address + `
serial: test-1
state: battery.json
storage:
  power_w: 400000
  capacity_wh: 1000000
  minimum_wh: 100000
  maximum_wh: 900000
  start_wh: 500000
  charge_efficiency_1e4: 9474
  discharge_efficiency_1e4: 9474
faults:
  - {kind: derated, power_w: 5000, from: 2020-01-01T00:00:00Z}
`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := config.Load[battery.Config](path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ready := announcement{slog.DiscardHandler, make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- battery.Run(ctx, loaded, slog.New(ready)) }()
	select {
	case <-ready.made:
	case err := <-ended:
		t.Fatal(err)
	}
	ask(t, address)
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "battery.json")); err != nil {
		t.Errorf("state: %v", err)
	}
}

// ask reads the battery over TCP and has it charge.
func ask(t *testing.T, address string) {
	t.Helper()
	client, err := modbus.NewClient(&modbus.ClientConfiguration{URL: "tcp://" + address, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Open(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	registers, err := client.ReadRegisters(sunspec.Base, sunspec.IdentityLength, modbus.HOLDING_REGISTER)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := sunspec.DecodeIdentity(registers)
	if err != nil || identity.Serial != "test-1" {
		t.Errorf("identity %+v, %v", identity, err)
	}
	if err := client.WriteRegisters(sunspec.BeatStart, sunspec.BeatRegisters(1, 60)); err != nil {
		t.Fatal(err)
	}
	if err := client.WriteRegisters(sunspec.ControlStart, sunspec.Control{Enabled: true, Power: 10_000}.Registers()); err != nil {
		t.Fatal(err)
	}
	if registers, err = client.ReadRegisters(sunspec.Schedule, sunspec.StateLength, modbus.HOLDING_REGISTER); err != nil {
		t.Fatal(err)
	}
	state, err := sunspec.DecodeState(registers)
	if err != nil || state.Power != 5_000 || state.Alarms != sunspec.AlarmDerated {
		t.Errorf("state %+v, %v: expected 5000 W, derated", state, err)
	}
}

func TestConfigurationNamesTheWrongKey(t *testing.T) {
	good := battery.Config{Listen: "127.0.0.1:1", Storage: reference}
	for expected, change := range map[string]func(*battery.Config){
		"listen":                   func(c *battery.Config) { c.Listen = "" },
		"genesis":                  func(c *battery.Config) { c.Nodes = []string{"http://127.0.0.1:1"} },
		"power_w":                  func(c *battery.Config) { c.Storage.Power = 0 },
		"start_wh":                 func(c *battery.Config) { c.Storage.Start = 1_000_000 },
		"minimum_wh":               func(c *battery.Config) { c.Storage.Minimum = 950_000 },
		"discharge_efficiency_1e4": func(c *battery.Config) { c.Storage.DischargeEfficiency = 10_001 },
		"faults[0]: kind":          func(c *battery.Config) { c.Faults = []battery.Fault{{Kind: "tired"}} },
	} {
		changed := good
		change(&changed)
		if err := changed.Validate(); err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%v: expected an error that names %s", err, expected)
		}
	}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}
