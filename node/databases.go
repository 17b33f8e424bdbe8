package node

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	db "github.com/cometbft/cometbft-db"
	"github.com/cometbft/cometbft/config"
)

// databases holds the engine's databases open until the node itself closes
// them. The engine closes its own too early: goroutines of its reactors
// outlive Stop for up to two seconds and panic on a closed database, which
// would take the whole process down.
type databases struct {
	mutex sync.Mutex
	open  map[string]*lastingDatabase
}

// provide implements the engine's DBProvider.
func (d *databases) provide(context *config.DBContext) (db.DB, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if existing, found := d.open[context.ID]; found {
		return existing, nil
	}
	database, err := db.NewDB(context.ID, db.BackendType(context.Config.DBBackend), context.Config.DBDir())
	if err != nil {
		return nil, fmt.Errorf("open %s in %s: %w", context.ID, context.Config.DBDir(), err)
	}
	if d.open == nil {
		d.open = map[string]*lastingDatabase{}
	}
	d.open[context.ID] = &lastingDatabase{DB: database}
	return d.open[context.ID], nil
}

// close closes all databases. The engine must have stopped.
func (d *databases) close() error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	var failures []error
	for _, database := range d.open {
		failures = append(failures, database.finish())
	}
	return errors.Join(failures...)
}

// lastingDatabase is a database whose Close does nothing. After finish, a
// goroutine that still asks it for something ends there and then: it belongs
// to an engine that has stopped, and no answer would be the right one.
type lastingDatabase struct {
	db.DB
	mutex    sync.RWMutex
	finished bool
}

// Close implements db.DB: the node closes, not the engine.
func (d *lastingDatabase) Close() error { return nil }

func (d *lastingDatabase) finish() error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.finished = true
	return d.DB.Close()
}

// enter keeps the database open until the returned function is called, and
// ends the calling goroutine where it is closed.
func (d *lastingDatabase) enter() (leave func()) {
	d.mutex.RLock()
	if d.finished {
		d.mutex.RUnlock()
		runtime.Goexit()
	}
	return d.mutex.RUnlock
}

// Get implements db.DB.
func (d *lastingDatabase) Get(key []byte) ([]byte, error) {
	defer d.enter()()
	return d.DB.Get(key)
}

// Has implements db.DB.
func (d *lastingDatabase) Has(key []byte) (bool, error) {
	defer d.enter()()
	return d.DB.Has(key)
}

// Set implements db.DB.
func (d *lastingDatabase) Set(key, value []byte) error {
	defer d.enter()()
	return d.DB.Set(key, value)
}

// SetSync implements db.DB.
func (d *lastingDatabase) SetSync(key, value []byte) error {
	defer d.enter()()
	return d.DB.SetSync(key, value)
}

// Delete implements db.DB.
func (d *lastingDatabase) Delete(key []byte) error {
	defer d.enter()()
	return d.DB.Delete(key)
}

// DeleteSync implements db.DB.
func (d *lastingDatabase) DeleteSync(key []byte) error {
	defer d.enter()()
	return d.DB.DeleteSync(key)
}

// Iterator implements db.DB.
func (d *lastingDatabase) Iterator(start, end []byte) (db.Iterator, error) {
	defer d.enter()()
	return d.DB.Iterator(start, end)
}

// ReverseIterator implements db.DB.
func (d *lastingDatabase) ReverseIterator(start, end []byte) (db.Iterator, error) {
	defer d.enter()()
	return d.DB.ReverseIterator(start, end)
}
