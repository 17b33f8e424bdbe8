// Package index keeps what the ledger's blocks said in SQL, so that a page can
// ask for it in an instant: blocks, transactions, and the newest value of
// every record with the height that wrote it.
//
// It holds nothing that the ledger does not: it can be deleted at any time and
// is rebuilt from the first block, to the same content. It follows the word of
// a node; what matters is read again with proof (package client). What records
// mean is the business of package view.
package index
