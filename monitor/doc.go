// Package monitor is the daemon that shows the ledger: it follows the feed of
// one or several nodes, keeps an index of it, and serves the page, a JSON API
// and metrics.
//
// It takes part in nothing: it has no key and sends no transaction. Alerts are
// raised on the ledger by the contracts; the monitor shows them, and says what
// only an outsider can see, that the ledger stands still. A park's own figures
// it shows only beside the park's own node, on that machine (park_api).
//
// Packages: index keeps blocks and records in SQL, view turns them into what
// the page asks for, web serves it, metrics tells Prometheus, fixture makes
// blocks for tests.
package monitor
