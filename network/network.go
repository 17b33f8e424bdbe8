package network

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/days"
	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/schedule"
)

// Options say what network to lay out.
type Options struct {
	Case      *energy.Case
	CasePath  string            // case folder or case.yaml; it is copied
	ChainID   string            //
	Begin     time.Time         // genesis time
	Factor    int64             // ledger seconds per second, 1 in the world
	Members   int               // n
	Threshold int               // t
	Hosts     map[string]string // role to host; 127.0.0.1 for those it does not name
	FreePorts bool              // any free ports in place of the fixed ones
	Padding   int64             // of forecasts, kW; 0 for none
	Noise     float64           // standard deviation of the simulated readings around the forecast, relative
}

// Layout is a network's folders.
type Layout struct {
	Dir      string
	Genesis  string   // path of the genesis document
	Members  []string // configuration files
	Parks    []string
	Grid     string
	Operator string
	Monitor  string
	Observer string
	Meters   string // of the simulated meters
	Battery  string // of the simulated battery
	Hash     []byte // SHA-256 of the genesis document, for the operators to compare
	Warnings []string
}

// GenesisFile is the genesis document's name in a network's folder.
const GenesisFile = "genesis.json"

const configFile = "config.yaml"

// reserved are the names of folders that are not parks'.
var reserved = regexp.MustCompile(`^(member[0-9]+|grid|operator|monitor|observer|simulate|case)$`)

// ErrOccupied says that the folder holds something already.
var ErrOccupied = errors.New("expected a new or an empty folder, this one holds something")

// Unsuitable is the error of a case, options or a folder of which no network
// can be made.
type Unsuitable struct{ Err error }

// Error implements error.
func (u *Unsuitable) Error() string { return u.Err.Error() }

// Unwrap gives the reason.
func (u *Unsuitable) Unwrap() error { return u.Err }

// Open gives the layout of a network that Create has made.
func Open(dir string) (Layout, error) {
	path := filepath.Join(dir, GenesisFile)
	document, encoded, err := genesis.Load(path)
	if err != nil {
		return Layout{}, err
	}
	return layout(dir, document, encoded), nil
}

func layout(dir string, document genesis.Document, encoded []byte) Layout {
	hash := genesis.Hash(encoded)
	l := Layout{
		Dir: dir, Genesis: filepath.Join(dir, GenesisFile),
		Grid: filepath.Join(dir, "grid", configFile), Operator: filepath.Join(dir, "operator", configFile),
		Monitor: filepath.Join(dir, "monitor", configFile), Observer: filepath.Join(dir, "observer", configFile),
		Meters: filepath.Join(dir, "simulate", "meters.yaml"), Battery: filepath.Join(dir, "simulate", "battery.yaml"),
		Hash: hash[:], Warnings: document.Warnings(),
	}
	for _, member := range document.Members {
		l.Members = append(l.Members, filepath.Join(dir, member.Name, configFile))
	}
	for _, park := range document.Parks {
		l.Parks = append(l.Parks, filepath.Join(dir, park.Name, configFile))
	}
	return l
}

// Create draws all keys, writes the genesis document, and a configuration for
// every role. The folder must be new or empty; where laying out fails, it is
// left as it was. The error is an *Unsuitable where the case or the options do
// not make a network.
func Create(dir string, options Options) (Layout, error) {
	entries, err := os.ReadDir(dir)
	switch {
	case err == nil && len(entries) > 0:
		return Layout{}, &Unsuitable{fmt.Errorf("%s: %w", dir, ErrOccupied)}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Layout{}, &Unsuitable{fmt.Errorf("network folder: %w", err)}
	}
	if _, err := days.Of(options.Case); err != nil {
		return Layout{}, &Unsuitable{err}
	}
	if _, err := schedule.FromCase(options.Case, true); err != nil {
		return Layout{}, &Unsuitable{fmt.Errorf("case %s on a ledger: %w", options.Case.Name, err)}
	}
	for _, park := range options.Case.Parks {
		if reserved.MatchString(park.Name) {
			return Layout{}, &Unsuitable{fmt.Errorf("park %s: another role's folder has this name, expected another", park.Name)}
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Layout{}, fmt.Errorf("network folder: %w", err)
	}
	draft := &draft{dir: dir, options: options, addresses: addresses{hosts: options.Hosts, free: options.FreePorts}}
	if err := errors.Join(draft.write(), draft.addresses.release()); err != nil {
		err = fmt.Errorf("lay out network in %s: %w", dir, errors.Join(err, clearFolder(dir)))
		if field := (*genesis.FieldError)(nil); errors.As(err, &field) {
			return Layout{}, &Unsuitable{err}
		}
		return Layout{}, err
	}
	return Open(dir)
}

// clearFolder removes what a folder holds.
func clearFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
	}
	return err
}

// draft is a network while it is laid out.
type draft struct {
	dir       string
	options   Options
	addresses addresses
	document  genesis.Document

	peers []string // "id@host:port" of the members

	urls  []string // of their HTTP APIs
	parks []local  // the parks' own pages and brokers
}

// local is where a park's own services listen.
type local struct{ name, broker, page string }

func (d *draft) write() error {
	for _, step := range []func() error{
		d.writeGenesis, d.writeMembers, d.writeObserver, d.writeParks, d.writeGrid,
		d.writeOperator, d.writeMonitor, d.writeMeters,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// create draws the identity of a role in its folder.
func (d *draft) create(name string) (identity.Public, error) {
	who, err := identity.Create(filepath.Join(d.dir, name), name)
	if err != nil {
		return identity.Public{}, err
	}
	return who.Public(), nil
}

// save writes a role's configuration.
func (d *draft) save(path string, value any) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("folder of a role: %w", err)
	}
	return config.Save(path, value)
}
