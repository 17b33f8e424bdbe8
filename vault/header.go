package vault

import (
	"crypto/sha256"
	"fmt"
	"math"

	"github.com/sesame-energy/sesame/vault/shamir"
)

// MaxPeriods bounds the length of a series.
const MaxPeriods = 1024

const dealLabel = "sesame-deal/1"

// Header says what a deal is.
type Header struct {
	Chain     string // 1..64 bytes
	Epoch     uint32
	Dealer    string // 1..64 bytes
	Series    string // 1..64 bytes, opaque to this package
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

func (h *Header) check() error {
	for _, field := range []struct{ what, name string }{
		{"chain", h.Chain}, {"dealer", h.Dealer}, {"series", h.Series},
	} {
		if err := checkName(field.what, field.name); err != nil {
			return err
		}
	}
	if h.Periods < 1 || h.Periods > MaxPeriods {
		return fmt.Errorf("%d periods, want 1..%d", h.Periods, MaxPeriods)
	}
	if h.Day > math.MaxUint32-MaxChannelDays {
		return fmt.Errorf("day %d, want at most %d", h.Day, uint32(math.MaxUint32-MaxChannelDays))
	}
	return shamir.CheckThreshold(h.Threshold, h.Members)
}

func (h *Header) encode(e *encoder) {
	e.name(h.Chain)
	e.u32(h.Epoch)
	e.name(h.Dealer)
	e.name(h.Series)
	e.u32(h.Version)
	e.u32(h.Day)
	e.u16(uint16(h.Periods))
	e.u8(uint8(h.Threshold))
	e.u8(uint8(h.Members))
	e.raw(h.Nonce[:])
	e.u64(h.Counter)
}

func decodeHeader(d *decoder) Header {
	h := Header{
		Chain: d.name("chain"), Epoch: d.u32("epoch"), Dealer: d.name("dealer"), Series: d.name("series"),
		Version: d.u32("version"), Day: d.u32("day"), Periods: int(d.u16("periods")),
		Threshold: int(d.u8("threshold")), Members: int(d.u8("members")),
	}
	copy(h.Nonce[:], d.raw("nonce", len(h.Nonce)))
	h.Counter = d.u64("counter")
	if d.err == nil {
		if err := h.check(); err != nil {
			d.fail("%w", err)
		}
	}
	return h
}

// Check reports whether what the header is of is for the committee
// (ErrCommittee).
func (h *Header) Check(committee *Committee) error {
	switch {
	case h.Chain != committee.Chain:
		return fmt.Errorf("%w: chain %q, want %q", ErrCommittee, h.Chain, committee.Chain)
	case h.Epoch != committee.Epoch:
		return fmt.Errorf("%w: epoch %d, want %d", ErrCommittee, h.Epoch, committee.Epoch)
	case h.Threshold != committee.Threshold || h.Members != len(committee.Keepers):
		return fmt.Errorf("%w: %d of %d members, want %d of %d", ErrCommittee,
			h.Threshold, h.Members, committee.Threshold, len(committee.Keepers))
	}
	return nil
}

// context is the hash of the header that all keys of the deal depend on.
func (h *Header) context() [32]byte {
	var e encoder
	e.name(dealLabel)
	h.encode(&e)
	return sha256.Sum256(e.bytes)
}
