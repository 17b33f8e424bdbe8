// Package backup puts what a role's folder holds and cannot be had again into
// one encrypted file, and lays it out again in an empty folder: keys, the
// configuration, the daemon's own databases. docs/operations.md says when to
// make backups and when to destroy them, docs/adr/0011-backups.md why they are
// as they are.
//
// The file is a tar archive, encrypted by age (https://age-encryption.org/v1):
// to hybrid recipients, ML-KEM-768 and X25519 together, or by a passphrase.
// The first entry says what the backup is; the others are regular files with
// clean relative paths. SQLite databases are copied by the database engine
// itself, each as it stood at one moment, so a backup may be made while the
// daemon runs.
//
// Three things are left out. A node's copy of the ledger comes back from its
// peers. A member's day keys come back from the ledger, and a backup of them, or
// of shares that were handed to it, would outlive their erasure. And what a
// validator signed last is true only on the machine that signed: an old copy of
// it is a licence to sign twice. Restore therefore asks how far the lost machine
// can have signed (LastSigned).
package backup
