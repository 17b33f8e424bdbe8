package vault

import "crypto/sha256"

// The tree over a channel's day keys has the shape of RFC 6962, section 2.1:
// the left part of n leaves holds the largest power of two below n. Leaves and
// nodes differ in prefix and length.

func merkleNode(left, right [32]byte) [32]byte {
	return sha256.Sum256(append(append([]byte("node"), left[:]...), right[:]...))
}

func leftLeaves(n int) int {
	left := 1
	for 2*left < n {
		left *= 2
	}
	return left
}

func merkleRoot(leaves [][32]byte) [32]byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	left := leftLeaves(len(leaves))
	return merkleNode(merkleRoot(leaves[:left]), merkleRoot(leaves[left:]))
}

// merklePath lists the siblings of leaf index, from the leaf up.
func merklePath(leaves [][32]byte, index int) [][32]byte {
	if len(leaves) == 1 {
		return nil
	}
	left := leftLeaves(len(leaves))
	if index < left {
		return append(merklePath(leaves[:left], index), merkleRoot(leaves[left:]))
	}
	return append(merklePath(leaves[left:], index-left), merkleRoot(leaves[:left]))
}

// rootFromPath rebuilds the root over size leaves; not ok where the path is not
// as long as the leaf is deep.
func rootFromPath(leaf [32]byte, index, size int, path [][32]byte) (root [32]byte, ok bool) {
	if size == 1 {
		return leaf, len(path) == 0
	}
	if len(path) == 0 {
		return root, false
	}
	sibling, below := path[len(path)-1], path[:len(path)-1]
	left := leftLeaves(size)
	if index < left {
		own, ok := rootFromPath(leaf, index, left, below)
		return merkleNode(own, sibling), ok
	}
	own, ok := rootFromPath(leaf, index-left, size-left, below)
	return merkleNode(sibling, own), ok
}
