package sharefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const example = "time,value\n2024-07-15T00:00+08:00,0\n2024-07-15T01:00+08:00,412.5\n2024-07-15T02:00+08:00,4294967.295\nanything else,0.001\n"

// split shares the example and sends everything through its files.
func split(t testing.TB, text string, threshold, members int) (*Public, []*Share) {
	t.Helper()
	series, err := ParseSeries([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	public, shares, err := Split(series, threshold, members)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParsePublic(encode(t, public))
	if err != nil {
		t.Fatal(err)
	}
	for i, share := range shares {
		if shares[i], err = ParseShare(encode(t, share)); err != nil {
			t.Fatal(err)
		}
	}
	return again, shares
}

func encode(t testing.TB, value json.Marshaler) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAnyThreeOfFiveFilesGiveTheSeriesBackByteForByte(t *testing.T) {
	public, shares := split(t, example, 3, 5)
	for _, share := range shares {
		if err := public.Verify(share); err != nil {
			t.Errorf("share %d: %v", share.Member, err)
		}
	}
	for _, chosen := range [][]int{{0, 1, 2}, {0, 1, 3}, {0, 1, 4}, {0, 2, 3}, {0, 2, 4}, {0, 3, 4}, {1, 2, 3}, {1, 2, 4}, {1, 3, 4}, {4, 3, 2}, {4, 3, 2, 1, 0}} {
		var picked []*Share
		for _, i := range chosen {
			picked = append(picked, shares[i])
		}
		series, err := public.Combine(picked)
		if err != nil {
			t.Fatalf("shares %v: %v", chosen, err)
		}
		if got := string(series.CSV()); got != example {
			t.Errorf("shares %v give\n%s\nwant\n%s", chosen, got, example)
		}
	}
	if _, err := public.Combine(shares[:2]); err == nil {
		t.Error("two shares gave a series")
	}
}

// Every series that parses is written back byte for byte.
func TestSeriesComeBackByteForByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		text.WriteString("time,value\n")
		for range rapid.IntRange(1, 5).Draw(t, "rows") {
			watts := rapid.OneOf(rapid.Uint64Range(0, 1<<32-1), rapid.Uint64Range(0, 2000)).Draw(t, "watts")
			text.WriteString(rapid.StringMatching(`[^",\x00-\x1f\x7f-\x{9f}]{1,20}`).Draw(t, "time"))
			text.WriteString("," + kilowatts(watts) + "\n")
		}
		series, err := ParseSeries([]byte(text.String()))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(series.CSV()); got != text.String() {
			t.Fatalf("%q comes back as %q", text.String(), got)
		}
	})
}

func TestBadSeriesNameTheirLine(t *testing.T) {
	row := func(value string) string { return "time,value\na,1\nb," + value + "\n" }
	for text, want := range map[string]string{
		"":                               "line 1:",
		"time,value":                     "line 1: does not end",
		"time,value\n":                   "line 2: missing",
		"time,kw\na,1\n":                 "line 1:",
		"\ufefftime,value\na,1\n":        "line 1:",
		"time,value\r\na,1\r\n":          "line 1:",
		"time,value\na,1\r\n":            "line 2:",
		"time,value\na,1\nb,2":           "line 3: does not end",
		"time,value\na,1\n\n":            "line 3:",
		"time,value\na,1,2\n":            "line 2:",
		"time,value\na\n":                "line 2:",
		"time,value\n,1\n":               "line 2: time of 0 bytes",
		"time,value\n\"a\",1\n":          "line 2:",
		"time,value\na\tb,1\n":           "line 2:",
		"time,value\n\xff,1\n":           "line 2: time",
		row(""):                          "line 3: value",
		row("-1"):                        "line 3: value",
		row("+1"):                        "line 3: value",
		row(" 1"):                        "line 3: value",
		row("1 "):                        "line 3: value",
		row("1e3"):                       "line 3: value",
		row("0x10"):                      "line 3: value",
		row("NaN"):                       "line 3: value",
		row("1_000"):                     "line 3: value",
		row("."):                         "line 3: value",
		row(".5"):                        "line 3: value",
		row("5."):                        "line 3: value",
		row("01"):                        "line 3: value",
		row("00"):                        "line 3: value",
		row("1.50"):                      "line 3: value",
		row("1.0"):                       "line 3: value",
		row("0.0"):                       "line 3: value",
		row("1.2345"):                    "line 3: value",
		row("1.2.3"):                     "line 3: value",
		row("4294967.296"):               "line 3: value",
		row("4294968"):                   "line 3: value",
		row("99999999"):                  "line 3: value",
		row("9999999999999999999999"):    "line 3: value",
		row("\u0661"):                    "line 3: value",
		row(strings.Repeat("1", 100)):    "line 3: value",
		row("1")[:10] + "\n\n" + "x,1\n": "line 2:",
	} {
		series, err := ParseSeries([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, error %v, want %s", text, series, err, want)
		}
	}
	long := "time,value\n" + strings.Repeat("a,1\n", MaxRows+1)
	if _, err := ParseSeries([]byte(long)); err == nil {
		t.Errorf("%d rows passed", MaxRows+1)
	}
	if series, err := ParseSeries([]byte(row("4294967.295"))); err != nil || series.Values[1] != 4294967295 {
		t.Errorf("the largest value: %v, %v", series, err)
	}
}

func TestWrongSharesAreFound(t *testing.T) {
	public, shares := split(t, example, 3, 5)
	_, others := split(t, example, 3, 5)
	change := func(share *Share, with func(*Share)) *Share {
		changed := *share
		changed.partials = append(changed.partials[:0:0], share.partials...)
		with(&changed)
		return &changed
	}
	for name, share := range map[string]*Share{
		"of another split":            others[0],
		"of another split, disguised": change(others[0], func(s *Share) { s.public = shares[0].public }),
		"another member's":            change(shares[0], func(s *Share) { s.Member = 2 }),
		"no member's":                 change(shares[0], func(s *Share) { s.Member = 6 }),
		"member 256":                  change(shares[0], func(s *Share) { s.Member = 256 + 1 }),
		"a row short":                 change(shares[0], func(s *Share) { s.partials = s.partials[1:] }),
		"without rows":                change(shares[0], func(s *Share) { s.partials = nil }),
		"rows exchanged":              change(shares[0], func(s *Share) { s.partials[0], s.partials[1] = s.partials[1], s.partials[0] }),
		"one row mixed in":            change(shares[0], func(s *Share) { s.partials[2] = others[0].partials[2] }),
		"zero row":                    change(shares[0], func(s *Share) { clear(s.partials[2:3]) }),
	} {
		if err := public.Verify(share); !errors.Is(err, ErrWrongShare) {
			t.Errorf("%s: %v, want ErrWrongShare", name, err)
		}
	}
}

// A public file that was changed in anything no longer has any right share.
func TestChangedPublicFilesHaveNoRightShare(t *testing.T) {
	public, shares := split(t, example, 3, 5)
	reread := func(change func(*publicFile)) (*Public, error) {
		var file publicFile
		if err := decodeStrictly(encode(t, public), &file); err != nil {
			t.Fatal(err)
		}
		change(&file)
		text, err := json.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		return ParsePublic(text)
	}
	for name, change := range map[string]func(*publicFile){
		"time":           func(f *publicFile) { f.Rows[0].Time = "2024-07-15T00:30+08:00" },
		"members":        func(f *publicFile) { f.Members = 6 },
		"rows exchanged": func(f *publicFile) { f.Rows[0], f.Rows[1] = f.Rows[1], f.Rows[0] },
		"row left out":   func(f *publicFile) { f.Rows = f.Rows[1:] },
		"row twice":      func(f *publicFile) { f.Rows = append(f.Rows, f.Rows[0]) },
		"points exchanged": func(f *publicFile) {
			c := f.Rows[0].Commitments
			f.Rows[0].Commitments = append(c[32:64:64], append(c[:32:32], c[64:]...)...)
		},
		"other row's": func(f *publicFile) { f.Rows[0].Commitments = f.Rows[1].Commitments },
	} {
		changed, err := reread(change)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, share := range shares {
			if err := changed.Verify(share); !errors.Is(err, ErrWrongShare) {
				t.Errorf("%s: share %d: %v, want ErrWrongShare", name, share.Member, err)
			}
		}
	}
	for name, change := range map[string]func(*publicFile){
		"threshold": func(f *publicFile) { f.Threshold = 2 },
		"threshold and count": func(f *publicFile) {
			f.Threshold, f.Rows[0].Commitments = 4, append(f.Rows[0].Commitments, f.Rows[0].Commitments[:32]...)
		},
		"threshold over all":    func(f *publicFile) { f.Members = 2 },
		"threshold of one":      func(f *publicFile) { f.Threshold = 1 },
		"no rows":               func(f *publicFile) { f.Rows = nil },
		"no commitments":        func(f *publicFile) { f.Rows[1].Commitments = nil },
		"a byte less":           func(f *publicFile) { f.Rows[1].Commitments = f.Rows[1].Commitments[1:] },
		"non-canonical point":   func(f *publicFile) { f.Rows[1].Commitments[31] |= 0x80 },
		"neutral element":       func(f *publicFile) { clear(f.Rows[1].Commitments[:32]) },
		"time with line feed":   func(f *publicFile) { f.Rows[1].Time = "a\nb" },
		"time with a comma":     func(f *publicFile) { f.Rows[1].Time = "a,b" },
		"another format":        func(f *publicFile) { f.Format = "sesame-split/2" },
		"members beyond a byte": func(f *publicFile) { f.Members = 256 },
	} {
		if _, err := reread(change); err == nil {
			t.Errorf("%s: passed", name)
		}
	}
}

func TestOtherFilesAreNotTakenForShares(t *testing.T) {
	public, shares := split(t, example, 2, 2)
	for name, text := range map[string][]byte{
		"nothing": nil, "no JSON": []byte("share"), "a list": []byte("[]"), "null twice": []byte("null null"),
		"public file": encode(t, public), "two objects": bytes.Repeat(encode(t, shares[0]), 2),
		"unknown key": []byte(`{"format":"sesame-split/1","x":1}`),
	} {
		if _, err := ParseShare(text); !errors.Is(err, ErrNotJSON) {
			t.Errorf("%s: %v, want ErrNotJSON", name, err)
		}
	}
	if _, err := ParsePublic(encode(t, shares[0])); !errors.Is(err, ErrNotJSON) {
		t.Errorf("a share as public file: %v, want ErrNotJSON", err)
	}
	good := shareFile{Format: format, Public: strings.Repeat("00", 32), Member: 1}
	for name, change := range map[string]func(*shareFile){
		"format":        func(f *shareFile) { f.Format = "" },
		"digest":        func(f *shareFile) { f.Public = "zz" },
		"short digest":  func(f *shareFile) { f.Public = "00" },
		"member 0":      func(f *shareFile) { f.Member = 0 },
		"member 256":    func(f *shareFile) { f.Member = 256 },
		"short row":     func(f *shareFile) { f.Rows = [][]byte{make([]byte, 63)} },
		"large scalars": func(f *shareFile) { f.Rows = [][]byte{bytes.Repeat([]byte{0xff}, 64)} },
	} {
		changed := good
		change(&changed)
		text, err := json.Marshal(changed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseShare(text); !errors.Is(err, ErrWrongShare) {
			t.Errorf("%s: %v, want ErrWrongShare", name, err)
		}
	}
}

func FuzzParseSeries(f *testing.F) {
	f.Add([]byte(example))
	f.Fuzz(func(t *testing.T, text []byte) {
		series, err := ParseSeries(text)
		if err == nil && !bytes.Equal(series.CSV(), text) {
			t.Fatalf("%q comes back as %q", text, series.CSV())
		}
	})
}

// Whatever public file and share are taken for right, the pair is one that
// Split made or says exactly the same.
func FuzzParseFiles(f *testing.F) {
	public, shares := split(f, "time,value\na,1\nb,2.5\n", 2, 3)
	right := encode(f, shares[1])
	f.Add(encode(f, public), right)
	f.Fuzz(func(t *testing.T, publicText, shareText []byte) {
		p, err := ParsePublic(publicText)
		if err != nil {
			return
		}
		s, err := ParseShare(shareText)
		if err != nil || p.Verify(s) != nil {
			return
		}
		original, _ := public.Digest()
		if digest, _ := p.Digest(); digest == original && s.Member == 2 && !bytes.Equal(encode(t, s), right) {
			t.Fatalf("another share of member 2 passes: %s", shareText)
		}
	})
}
