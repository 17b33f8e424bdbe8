package vault

import "github.com/sesame-energy/sesame/vault/group"

// Header says what a deal is. Chain and Dealer are 1..64 bytes, Series 1..64.
type Header struct {
	Chain     string
	Epoch     uint32
	Dealer    string
	Series    string // opaque to this package
	Version   uint32 // of the series: a later one replaces an earlier one
	Day       uint32 // days since 1970-01-01; says which day keys
	Periods   int    // 1..MaxPeriods
	Threshold int
	Members   int
	// Nonce makes the keys of this deal its own; NewDeal sets it.
	Nonce [16]byte
	// Counter rises with each deal of a dealer; the ledger insists.
	Counter uint64
}

// MaxPeriods bounds the length of a series.
const MaxPeriods = 1024

// DealID is the SHA-256 hash that names one deal, all its bytes included.
type DealID [32]byte

// Deal is a sealed series: public, byte for byte on the ledger.
type Deal struct {
	header Header
}

// Header returns what the deal says it is.
func (d *Deal) Header() Header { return d.header }

// ID returns the hash of the deal's encoding.
func (d *Deal) ID() DealID { return DealID{} }

// Polynomial returns the commitment of one period (0-based), decoded once;
// callers must not change it. It panics for a period outside 0..Periods-1.
func (d *Deal) Polynomial(period int) Polynomial { return nil }

// MarshalBinary returns the one encoding of the deal.
func (d *Deal) MarshalBinary() ([]byte, error) { return nil, errNotBuilt }

// UnmarshalDeal reads an encoding and rejects everything that MarshalBinary
// would not have written: other lengths, non-canonical points, trailing bytes.
func UnmarshalDeal(encoded []byte) (*Deal, error) { return nil, errNotBuilt }

// Check reports whether the deal is one for this committee: same chain, epoch,
// threshold and number of members. With the decoding rules that is all that
// anybody without a share can check.
func (d *Deal) Check(committee *Committee) error { return errNotBuilt }

// NewDeal seals values (each below 2^32) for the members whose day keys are
// given in the order of their indices, 1 first. dealerSecret, at least 32
// bytes, protects against a repeated nonce when a machine was restored from a
// copy. header.Nonce is ignored and drawn afresh. The Opening is the dealer's
// own, secret.
func NewDeal(header Header, values []uint64, dayKeys []*DayKeys, dealerSecret []byte) (*Deal, *Opening, error) {
	return nil, nil, errNotBuilt
}

// Polynomial commits to a shared value: C_0 .. C_{t-1}. C_0 is the Pedersen
// commitment to the value itself.
type Polynomial []*group.Point

// MarshalBinary returns the encodings of the points one after the other.
func (p Polynomial) MarshalBinary() ([]byte, error) { return nil, errNotBuilt }

// DecodePolynomial reads threshold points.
func DecodePolynomial(encoded []byte, threshold int) (Polynomial, error) { return nil, errNotBuilt }
