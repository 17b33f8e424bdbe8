// Package client talks to the HTTP API of the nodes for every role that is not
// a node itself: it submits transactions until they are in a block, follows
// the blocks, and reads records with proof.
//
// It trusts the genesis document and nothing else. Get verifies headers from
// the genesis validators on (light client) and the record against the app hash
// of a verified header. Status, List, Block and Follow are the node's word;
// what matters is read again by Get.
package client
