// Package sharefile shares a series in files, for people who want only the
// vault: a CSV of times and powers in, one public file and a share per member
// out, and the same bytes back from any threshold of them.
//
// The public file holds the times, in clear, and the commitments; it says
// nothing about the powers. A share names the public file that it belongs to by
// hash and is checked against the commitments, so a wrong one is always known.
// The formats are in docs/protocol.md. Files, permissions and exit codes are
// the command's business (cmd/sesame).
package sharefile
