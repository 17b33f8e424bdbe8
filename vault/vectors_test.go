package vault

import (
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

const vectorFile = "testdata/vectors.json"

// vectors are one sealed series with everything that follows from it, bytes in
// hexadecimal. docs/protocol.md says how each comes about.
type vectors struct {
	Chain     string   `json:"chain"`
	Epoch     uint32   `json:"epoch"`
	Threshold int      `json:"threshold"`
	Dealer    string   `json:"dealer"`
	Private   []string `json:"private_keys"`
	Channels  []struct {
		Channel string `json:"channel"`
		DayKey  string `json:"day_key"`
		Reveal  string `json:"refusal"`
	} `json:"channels"`
	FirstDay     uint32       `json:"first_day"`
	Days         int          `json:"days"`
	Day          uint32       `json:"day"`
	DealerSecret string       `json:"dealer_secret"`
	Fresh        string       `json:"fresh"`
	Values       []uint64     `json:"values"`
	Context      string       `json:"context"`
	Deal         string       `json:"deal"`
	DealID       string       `json:"deal_id"`
	Opening      string       `json:"opening"`
	Shares       []string     `json:"shares"`
	Form         []vectorTerm `json:"form"`
	Polynomial   string       `json:"polynomial"`
	Partials     []string     `json:"partials"`
	SumValue     int64        `json:"sum_value"`
	Sum          string       `json:"sum"`
	ClaimContext string       `json:"claim_context"`
	ClaimProof   string       `json:"claim_proof"`
}

// vectorClaim is the claim of the vectors' claim_proof: the deal within the
// whole range, and the deal less itself, which is zero, with nothing allowed.
func vectorClaim(deal *Deal) *Claim {
	return &Claim{Deals: []*Deal{deal}, Apart: []int{0, 1}, Series: []Bounded{
		{Name: "load", Terms: []Summand{{}}, Most: MaxValue},
		{Name: "nothing", Terms: []Summand{{}, {Minus: true}}},
	}}
}

type vectorTerm struct {
	Period int   `json:"period"`
	Weight int64 `json:"weight"`
}

// vectorInputs are the chosen part of the vectors. Encapsulations and the
// claim's proof are random, so they are kept from the file unless it is written
// anew.
func vectorInputs() vectors {
	v := vectors{
		Chain: "sesame-vectors", Epoch: 7, Threshold: 2, Dealer: "park1",
		FirstDay: 20650, Days: 31, Day: 20663, Values: []uint64{0, 400_000, MaxValue},
		Form: []vectorTerm{{0, 1}, {1, -3}, {2, 1 << 20}},
	}
	for i := range 3 {
		seed := sha256.Sum256([]byte(fmt.Sprintf("sesame vector, member %d", i+1)))
		v.Private = append(v.Private, hex.EncodeToString(seed[:]))
	}
	secret, fresh := sha256.Sum256([]byte("sesame vector, dealer's secret")), sha256.Sum256([]byte("sesame vector, fresh"))
	v.DealerSecret, v.Fresh = hex.EncodeToString(secret[:]), hex.EncodeToString(fresh[:])
	v.Channels = make([]struct {
		Channel string `json:"channel"`
		DayKey  string `json:"day_key"`
		Reveal  string `json:"refusal"`
	}, 3)
	return v
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	raw, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func bytesOf(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func hexOf(t testing.TB, value encoding.BinaryMarshaler) string {
	t.Helper()
	encoded, err := value.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(encoded)
}

// offerVectorChannels draws new channels into v.
func offerVectorChannels(t *testing.T, v *vectors) {
	for i := range v.Private {
		public, err := PublicKey(bytesOf(t, v.Private[i]))
		if err != nil {
			t.Fatal(err)
		}
		channel, _, err := OfferChannel(v.channelID(i), public)
		if err != nil {
			t.Fatal(err)
		}
		v.Channels[i].Channel = hexOf(t, channel)
	}
}

func (v *vectors) channelID(i int) ChannelID {
	return ChannelID{
		Chain: v.Chain, Epoch: v.Epoch, Dealer: v.Dealer, Member: uint8(i + 1),
		KeyVersion: 1, First: v.FirstDay, Days: uint16(v.Days),
	}
}

// derive computes all that follows from the inputs and the channels.
func (v *vectors) derive(t *testing.T) {
	var keys []*DayKeys
	for i := range v.Private {
		channel, err := DecodeChannel(bytesOf(t, v.Channels[i].Channel))
		if err != nil {
			t.Fatal(err)
		}
		accepted, err := AcceptChannel(v.channelID(i), channel, bytesOf(t, v.Private[i]))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, accepted)
	}
	header := Header{
		Chain: v.Chain, Epoch: v.Epoch, Dealer: v.Dealer, Series: "forecast/load", Version: 2, Day: v.Day,
		Periods: len(v.Values), Threshold: v.Threshold, Members: len(v.Private), Counter: 41,
	}
	deal, opening, err := newDeal(header, v.Values, keys, bytesOf(t, v.DealerSecret), [32]byte(bytesOf(t, v.Fresh)))
	if err != nil {
		t.Fatal(err)
	}
	context := deal.header.context()
	v.Context, v.Deal, v.Opening = hex.EncodeToString(context[:]), hexOf(t, deal), hexOf(t, opening)
	v.DealID = hex.EncodeToString(deal.id[:])
	v.deriveOpening(t, deal, keys)
	claim := vectorClaim(deal)
	v.ClaimContext = hex.EncodeToString(claim.context())
	if v.ClaimProof == "" {
		proof, err := claim.Prove([]*Opening{opening})
		if err != nil {
			t.Fatal(err)
		}
		v.ClaimProof = hex.EncodeToString(proof)
	}
	if err := (ClaimedProof{claim, bytesOf(t, v.ClaimProof)}).Check(); err != nil {
		t.Error(err)
	}
}

func (v *vectors) deriveOpening(t *testing.T, deal *Deal, keys []*DayKeys) {
	form := Form{}
	for _, term := range v.Form {
		form.Add(deal.ID(), term.Period, term.Weight)
	}
	polynomial, err := form.Polynomial(map[DealID]*Deal{deal.ID(): deal})
	if err != nil {
		t.Fatal(err)
	}
	v.Polynomial, v.Shares, v.Partials = hexOf(t, polynomial), nil, nil
	posts := map[uint8][]Partial{}
	for i, own := range keys {
		share, err := OpenShare(deal, own)
		if err != nil {
			t.Fatal(err)
		}
		partial, err := form.Partial(map[DealID]*Share{deal.ID(): share})
		if err != nil {
			t.Fatal(err)
		}
		posts[uint8(i+1)] = []Partial{partial}
		v.Shares, v.Partials = append(v.Shares, hexOf(t, share)), append(v.Partials, hexOf(t, partial))
		revealed, err := own.Reveal(v.Day)
		if err != nil {
			t.Fatal(err)
		}
		v.Channels[i].DayKey = hex.EncodeToString(revealed.Key[:])
		v.Channels[i].Reveal = hexOf(t, &Refusal{Deal: deal.ID(), Member: uint8(i + 1), Revealed: revealed})
	}
	sums, err := Open(v.Threshold, []Polynomial{polynomial}, posts)
	if err != nil {
		t.Fatal(err)
	}
	v.Sum, v.SumValue = hexOf(t, sums[0]), sums[0].Value.Int64()
}

// The published vectors come out of the code byte for byte.
func TestVectorsComeOutByteForByte(t *testing.T) {
	got := vectorInputs()
	if *update {
		offerVectorChannels(t, &got)
		got.derive(t)
		writeVectors(t, got)
	}
	published := readVectors(t)
	for i := range got.Channels {
		got.Channels[i].Channel = published.Channels[i].Channel
	}
	got.ClaimProof = published.ClaimProof
	got.derive(t)
	want, have := asMap(t, published), asMap(t, got)
	for name := range want {
		if string(have[name]) != string(want[name]) {
			t.Errorf("%s is %.200s, want %.200s", name, have[name], want[name])
		}
	}
	if want := int64(-3*400_000 + MaxValue<<20); got.SumValue != want {
		t.Errorf("sum %d, want %d", got.SumValue, want)
	}
}

// asMap gives the vectors' fields as JSON texts.
func asMap(t *testing.T, v vectors) (fields map[string]json.RawMessage) {
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

func writeVectors(t *testing.T, v vectors) {
	raw, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectorFile, append(raw, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
