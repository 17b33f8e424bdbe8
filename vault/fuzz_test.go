package vault

import (
	"bytes"
	"encoding"
	"testing"
)

// fuzzDecoder states the law of every decoder: it does not panic, and whatever
// it accepts encodes to exactly the bytes that it was given.
func fuzzDecoder[T encoding.BinaryMarshaler](f *testing.F, decode func([]byte) (T, error), seeds ...string) {
	for _, seed := range seeds {
		encoded := bytesOf(f, seed)
		f.Add(encoded)
		if _, err := decode(encoded); err != nil {
			f.Fatalf("seed: %v", err)
		}
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		value, err := decode(encoded)
		if err != nil {
			return
		}
		again, err := value.MarshalBinary()
		if err != nil || !bytes.Equal(again, encoded) {
			t.Fatalf("%x comes back as %x, %v", encoded, again, err)
		}
	})
}

func FuzzUnmarshalDeal(f *testing.F) { fuzzDecoder(f, UnmarshalDeal, readVectors(f).Deal) }
func FuzzDecodeShare(f *testing.F)   { fuzzDecoder(f, DecodeShare, readVectors(f).Shares...) }
func FuzzDecodeOpening(f *testing.F) { fuzzDecoder(f, DecodeOpening, readVectors(f).Opening) }
func FuzzDecodePartial(f *testing.F) { fuzzDecoder(f, DecodePartial, readVectors(f).Partials...) }
func FuzzDecodeSum(f *testing.F)     { fuzzDecoder(f, DecodeSum, readVectors(f).Sum) }
func FuzzDecodeChannel(f *testing.F) {
	fuzzDecoder(f, DecodeChannel, readVectors(f).Channels[0].Channel)
}

func FuzzDecodeRefusal(f *testing.F) {
	fuzzDecoder(f, DecodeRefusal, readVectors(f).Channels[1].Reveal)
}

func FuzzDecodePolynomial(f *testing.F) {
	decode := func(encoded []byte) (Polynomial, error) { return DecodePolynomial(encoded, 2) }
	fuzzDecoder(f, decode, readVectors(f).Polynomial)
}

func FuzzDecodeDayKeys(f *testing.F) {
	v := readVectors(f)
	channel, err := DecodeChannel(bytesOf(f, v.Channels[0].Channel))
	if err != nil {
		f.Fatal(err)
	}
	keys, err := AcceptChannel(v.channelID(0), channel, bytesOf(f, v.Private[0]))
	if err != nil {
		f.Fatal(err)
	}
	whole := hexOf(f, keys)
	keys.EraseThrough(v.Day)
	fuzzDecoder(f, DecodeDayKeys, whole, hexOf(f, keys))
}

// FuzzPeekDeal: what decodes has the header that a look at it shows.
func FuzzPeekDeal(f *testing.F) {
	f.Add(bytesOf(f, readVectors(f).Deal))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		header, peeked := PeekDeal(encoded)
		deal, err := UnmarshalDeal(encoded)
		if err == nil && (peeked != nil || header != deal.Header()) {
			t.Fatalf("header %+v, %v; the deal says %+v", header, peeked, deal.Header())
		}
	})
}

// FuzzCheckClaim: no bytes but those of the published proof prove its claim.
func FuzzCheckClaim(f *testing.F) {
	v := readVectors(f)
	deal, err := UnmarshalDeal(bytesOf(f, v.Deal))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bytesOf(f, v.ClaimProof))
	f.Fuzz(func(t *testing.T, proof []byte) {
		if (ClaimedProof{vectorClaim(deal), proof}).Check() == nil && string(proof) != string(bytesOf(t, v.ClaimProof)) {
			t.Fatalf("another proof passes: %x", proof)
		}
	})
}

// handedSample is a hand-over of a deal, and the deal as it was handed over.
func handedSample(t testing.TB) (*Handover, *Deal) {
	t.Helper()
	w := newWorld(t, 1, 2, 3, "park1")
	origin, _ := w.deal(t, "park1", "load", []uint64{5, 6})
	next := newWorld(t, 2, 2, 3, senders(3)...)
	handovers := handoversOf(t, origin, openAll(t, w, origin), []uint8{1, 3}, next)
	handed, err := HandOver(origin, handovers)
	if err != nil {
		t.Fatal(err)
	}
	return handovers[0], handed
}

// FuzzPeekHandover: what decodes has the header that a look at it shows.
func FuzzPeekHandover(f *testing.F) {
	handover, _ := handedSample(f)
	f.Add(bytesOf(f, hexOf(f, handover)))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		from, header, peeked := PeekHandover(encoded)
		handover, err := UnmarshalHandover(encoded)
		if err == nil && (peeked != nil || header != handover.Header() || from != handover.From()) {
			t.Fatalf("member %d, header %+v, %v; the hand-over says %d, %+v", from, header, peeked, handover.From(), handover.Header())
		}
	})
}

// FuzzUnmarshalHanded: what is accepted encodes to the bytes that were given.
func FuzzUnmarshalHanded(f *testing.F) {
	_, handed := handedSample(f)
	encoded, err := handed.MarshalHanded()
	if err != nil {
		f.Fatal(err)
	}
	if read, err := UnmarshalHanded(encoded); err != nil || read.ID() != handed.ID() {
		f.Fatalf("%v: read back as %v, want %v", err, read, handed.ID())
	}
	f.Add(encoded)
	f.Fuzz(func(t *testing.T, encoded []byte) {
		handed, err := UnmarshalHanded(encoded)
		if err != nil {
			return
		}
		if again, err := handed.MarshalHanded(); err != nil || !bytes.Equal(again, encoded) {
			t.Fatalf("%x comes back as %x, %v", encoded, again, err)
		}
	})
}
