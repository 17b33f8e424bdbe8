package index

import "strings"

// schemaVersion changes with the schema. An index of another version is
// emptied and rebuilt from the ledger, so there are no migrations.
const schemaVersion = "1"

// tables lists what the schema makes, in the order of the schema.
var tables = []string{"meta", "block", "sent", "record", "change"}

// schema is the same for both databases but for the type of bytes. Texts are
// compared byte by byte, as the ledger orders its keys.
const schema = `
CREATE TABLE IF NOT EXISTS meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS block (
  height       BIGINT PRIMARY KEY,
  block_time   BIGINT NOT NULL,
  ledger_time  BIGINT NOT NULL,
  hash         {bytes} NOT NULL,
  app_hash     {bytes} NOT NULL,
  proposer     {bytes} NOT NULL,
  transactions BIGINT NOT NULL,
  changes      BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS sent (
  height   BIGINT NOT NULL,
  position BIGINT NOT NULL,
  hash     {bytes} NOT NULL,
  code     BIGINT NOT NULL,
  log      TEXT NOT NULL,
  bytes    {bytes} NOT NULL,
  PRIMARY KEY (height, position)
);
CREATE INDEX IF NOT EXISTS sent_hash ON sent (hash);
CREATE TABLE IF NOT EXISTS record (
  key    {text} PRIMARY KEY,
  value  {bytes} NOT NULL,
  height BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS change (
  height  BIGINT NOT NULL,
  key     {text} NOT NULL,
  deleted BIGINT NOT NULL,
  PRIMARY KEY (height, key)
);
`

// dialect is what differs between the databases.
type dialect struct {
	driver string
	bytes  string
	text   string
}

var (
	sqlite   = dialect{driver: "sqlite", bytes: "BLOB", text: "TEXT"}
	postgres = dialect{driver: "pgx", bytes: "BYTEA", text: `TEXT COLLATE "C"`}
)

func (d dialect) schema() string {
	return strings.NewReplacer("{bytes}", d.bytes, "{text}", d.text).Replace(schema)
}
