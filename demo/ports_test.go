package demo

import (
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/grid"
)

func TestKeptNetworkWhosePortsAreTakenIsNotStarted(t *testing.T) {
	options := Options{CasePath: "../cases/reference", Days: 1, Speed: 1, Dir: filepath.Join(t.TempDir(), "network"), Keep: true}
	kept, err := Prepare(options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Prepare(options); err != nil {
		t.Fatalf("with its ports free: %v", err)
	}
	settings, err := config.Load[grid.Config](kept.layout.Grid)
	if err != nil {
		t.Fatal(err)
	}
	other, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	_, err = Prepare(options)
	if bad := new(BadInput); !errors.As(err, &bad) || !strings.Contains(err.Error(), "grid listens at "+settings.Listen) {
		t.Errorf("with the grid company's port taken: %v", err)
	}
}
