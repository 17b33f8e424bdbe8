package vault

import "testing"

type benchmarkSize struct {
	name                        string
	periods, threshold, members int
}

var benchmarkSizes = []benchmarkSize{
	{"24-periods-3-of-5", 24, 3, 5},
	{"96-periods-34-of-50", 96, 34, 50},
}

func eachSize(b *testing.B, run func(b *testing.B, w *world, values []uint64)) {
	for _, size := range benchmarkSizes {
		w := newWorld(b, 1, size.threshold, size.members, "park1")
		b.Run(size.name, func(b *testing.B) {
			b.ReportAllocs()
			run(b, w, exampleValues(size.periods))
		})
	}
}

// The dealer's work: sharing, commitments, sealing, encoding.
func BenchmarkDeal(b *testing.B) {
	eachSize(b, func(b *testing.B, w *world, values []uint64) {
		header := w.header("park1", "load", len(values))
		bytes := 0
		for b.Loop() {
			deal, _, err := NewDeal(header, values, w.dealer["park1"], testSecret)
			if err != nil {
				b.Fatal(err)
			}
			bytes = len(deal.encoded)
		}
		b.ReportMetric(float64(bytes), "bytes/deal")
	})
}

// Anybody's work on arrival: decoding all points.
func BenchmarkDecodeDeal(b *testing.B) {
	eachSize(b, func(b *testing.B, w *world, values []uint64) {
		deal, _ := w.deal(b, "park1", "load", values)
		for b.Loop() {
			if _, err := UnmarshalDeal(deal.encoded); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// One member's work: taking its share out and checking it.
func BenchmarkVerifyShare(b *testing.B) {
	eachSize(b, func(b *testing.B, w *world, values []uint64) {
		deal, _ := w.deal(b, "park1", "load", values)
		keys := w.member["park1"][len(w.private)-1]
		for b.Loop() {
			if _, err := OpenShare(deal, keys); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// The ledger's work per member and round: one post of partials.
func BenchmarkCheckPartials(b *testing.B) {
	eachSize(b, func(b *testing.B, w *world, values []uint64) {
		deal, _ := w.deal(b, "park1", "load", values)
		polynomials, posts := postsFor(b, w, deal)
		for b.Loop() {
			if wrong, err := CheckPartials(1, polynomials, posts[1]); err != nil || wrong != nil {
				b.Fatal(wrong, err)
			}
		}
	})
}

// The ledger's work once a round: interpolation and the check at zero.
func BenchmarkOpen(b *testing.B) {
	eachSize(b, func(b *testing.B, w *world, values []uint64) {
		deal, _ := w.deal(b, "park1", "load", values)
		polynomials, posts := postsFor(b, w, deal)
		for b.Loop() {
			if _, err := Open(w.committee.Threshold, polynomials, posts); err != nil {
				b.Fatal(err)
			}
		}
	})
}
