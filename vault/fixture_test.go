package vault

import (
	"fmt"
	"testing"

	"github.com/sesame-energy/sesame/vault/group"
)

// A world is a committee with its private keys and channels from some dealers,
// all agreed, over the thirty-one days from day 20000.
type world struct {
	committee Committee
	private   [][]byte
	channels  map[string][]Channel  // per dealer, per member
	dealer    map[string][]*DayKeys // the dealer's copies
	member    map[string][]*DayKeys // the members' copies
}

const firstDay = 20000

func newWorld(t testing.TB, epoch uint32, threshold, members int, dealers ...string) *world {
	t.Helper()
	w := &world{
		committee: Committee{Chain: "sesame-test", Epoch: epoch, Threshold: threshold},
		channels:  map[string][]Channel{}, dealer: map[string][]*DayKeys{}, member: map[string][]*DayKeys{},
	}
	for i := range members {
		private, public, err := GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		w.private = append(w.private, private)
		w.committee.Keepers = append(w.committee.Keepers, Keeper{Index: uint8(i + 1), Key: public, KeyVersion: 1})
	}
	if err := w.committee.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, dealer := range dealers {
		for i, keeper := range w.committee.Keepers {
			id := w.committee.ChannelID(dealer, keeper.Index, firstDay, MaxChannelDays)
			channel, offered, err := OfferChannel(id, keeper.Key)
			if err != nil {
				t.Fatal(err)
			}
			accepted, err := AcceptChannel(id, channel, w.private[i])
			if err != nil {
				t.Fatal(err)
			}
			w.channels[dealer] = append(w.channels[dealer], channel)
			w.dealer[dealer] = append(w.dealer[dealer], offered)
			w.member[dealer] = append(w.member[dealer], accepted)
		}
	}
	return w
}

func (w *world) header(dealer, series string, periods int) Header {
	return Header{
		Chain: w.committee.Chain, Epoch: w.committee.Epoch, Dealer: dealer, Series: series,
		Version: 1, Day: firstDay + 3, Periods: periods,
		Threshold: w.committee.Threshold, Members: len(w.committee.Keepers), Counter: 1,
	}
}

var testSecret = []byte("a dealer's secret of thirty-two b")

func (w *world) deal(t testing.TB, dealer, series string, values []uint64) (*Deal, *Opening) {
	t.Helper()
	deal, opening, err := NewDeal(w.header(dealer, series, len(values)), values, w.dealer[dealer], testSecret)
	if err != nil {
		t.Fatal(err)
	}
	return deal, opening
}

// open opens a form with the members of the given indices, each with its own
// shares.
func (w *world) open(form *Form, deals map[DealID]*Deal, members ...uint8) (Sum, error) {
	polynomial, err := form.Polynomial(deals)
	if err != nil {
		return Sum{}, err
	}
	posts := map[uint8][]Partial{}
	for _, index := range members {
		shares := map[DealID]*Share{}
		for id, deal := range deals {
			share, err := OpenShare(deal, w.member[deal.header.Dealer][index-1])
			if err != nil {
				return Sum{}, err
			}
			shares[id] = share
		}
		partial, err := form.Partial(shares)
		if err != nil {
			return Sum{}, err
		}
		wrong, err := CheckPartials(index, []Polynomial{polynomial}, []Partial{partial})
		if err != nil || wrong != nil {
			return Sum{}, fmt.Errorf("member %d: wrong %v, error %v", index, wrong, err)
		}
		posts[index] = []Partial{partial}
	}
	sums, err := Open(w.committee.Threshold, []Polynomial{polynomial}, posts)
	if err != nil {
		return Sum{}, err
	}
	return sums[0], nil
}

// exampleValues are different, and span zero to the largest value.
func exampleValues(count int) []uint64 {
	values := make([]uint64, count)
	for j := range values {
		values[j] = uint64(j) * 123_457 % MaxValue
	}
	values[count-1] = MaxValue
	return values
}

func one() *group.Scalar { return group.NewScalar(1) }
