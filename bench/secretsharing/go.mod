module github.com/sesame-energy/sesame/bench/secretsharing

go 1.26.0

require (
	github.com/cloudflare/circl v1.6.5
	github.com/hashicorp/vault v1.21.4
	github.com/sesame-energy/sesame v0.0.0
	golang.org/x/sys v0.49.0
)

require (
	github.com/bwesterb/go-ristretto v1.2.4 // indirect
	github.com/oasisprotocol/curve25519-voi v0.0.0-20230904125328-1f23a7beb09a // indirect
	golang.org/x/crypto v0.58.0 // indirect
)

replace github.com/sesame-energy/sesame => ../..
