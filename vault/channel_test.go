package vault

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestBothEndsOfAChannelHaveTheSameDayKeys(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	for i := range w.committee.Keepers {
		dealer, member := w.dealer["park1"][i], w.member["park1"][i]
		for day := uint32(firstDay); day < firstDay+MaxChannelDays; day++ {
			a, errA := dealer.key(day)
			b, errB := member.key(day)
			if errA != nil || errB != nil || *a != *b {
				t.Fatalf("member %d, day %d: %v, %v, keys equal: %v", i+1, day, errA, errB, *a == *b)
			}
		}
		if dealer.Root() != member.Root() || dealer.Root() != w.channels["park1"][i].Root {
			t.Errorf("member %d: roots differ", i+1)
		}
	}
}

func TestKeysOfAllDaysAndMembersDiffer(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1", "park2")
	seen := map[[32]byte]bool{}
	for _, dealer := range []string{"park1", "park2"} {
		for _, keys := range w.dealer[dealer] {
			for _, key := range keys.keys {
				if seen[*key] {
					t.Fatal("a day key occurs twice")
				}
				seen[*key] = true
			}
		}
	}
}

func TestChannelsThatAreNotTheMembersAreRejected(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	id := w.committee.ChannelID("park1", 2, firstDay, MaxChannelDays)
	channel := w.channels["park1"][1]
	if _, err := AcceptChannel(id, channel, w.private[1]); err != nil {
		t.Fatal(err)
	}
	badRoot := channel
	badRoot.Root[31] ^= 1
	badSecret := channel
	badSecret.Encapsulation = append([]byte(nil), channel.Encapsulation...)
	badSecret.Encapsulation[500] ^= 1
	short := channel
	short.Encapsulation = channel.Encapsulation[:1119]
	for name, test := range map[string]struct {
		id      ChannelID
		channel Channel
		private []byte
	}{
		"another's key":         {id, channel, w.private[0]},
		"another root":          {id, badRoot, w.private[1]},
		"another secret":        {id, badSecret, w.private[1]},
		"short secret":          {id, short, w.private[1]},
		"another dealer":        {with(id, func(id *ChannelID) { id.Dealer = "park2" }), channel, w.private[1]},
		"another chain":         {with(id, func(id *ChannelID) { id.Chain = "other" }), channel, w.private[1]},
		"another epoch":         {with(id, func(id *ChannelID) { id.Epoch++ }), channel, w.private[1]},
		"another member":        {with(id, func(id *ChannelID) { id.Member++ }), channel, w.private[1]},
		"another key version":   {with(id, func(id *ChannelID) { id.KeyVersion++ }), channel, w.private[1]},
		"another first day":     {with(id, func(id *ChannelID) { id.First++ }), channel, w.private[1]},
		"another count of days": {with(id, func(id *ChannelID) { id.Days-- }), channel, w.private[1]},
	} {
		if keys, err := AcceptChannel(test.id, test.channel, test.private); !errors.Is(err, ErrChannel) || keys != nil {
			t.Errorf("%s: %v, want ErrChannel", name, err)
		}
	}
}

func with(id ChannelID, change func(*ChannelID)) ChannelID {
	change(&id)
	return id
}

func TestImpossibleChannelsAreRefusedOnBothSides(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	id := w.committee.ChannelID("park1", 1, firstDay, MaxChannelDays)
	for name, bad := range map[string]ChannelID{
		"nothing":       {},
		"member 0":      with(id, func(id *ChannelID) { id.Member = 0 }),
		"no days":       with(id, func(id *ChannelID) { id.Days = 0 }),
		"too many days": with(id, func(id *ChannelID) { id.Days = 32 }),
		"end of time":   with(id, func(id *ChannelID) { id.First = math.MaxUint32 }),
		"no chain":      with(id, func(id *ChannelID) { id.Chain = "" }),
		"no dealer":     with(id, func(id *ChannelID) { id.Dealer = "" }),
		"not a keeper":  w.committee.ChannelID("park1", 4, firstDay, 31),
		"keeper 0":      w.committee.ChannelID("park1", 0, firstDay, 31),
		"negative days": w.committee.ChannelID("park1", 1, firstDay, -1),
	} {
		if _, _, err := OfferChannel(bad, w.committee.Keepers[0].Key); err == nil {
			t.Errorf("%s: offered", name)
		}
		if _, err := AcceptChannel(bad, w.channels["park1"][0], w.private[0]); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if err := w.channels["park1"][0].CheckDayKey(bad, RevealedKey{}); err == nil {
			t.Errorf("%s: a day key passed", name)
		}
	}
	if _, _, err := OfferChannel(id, []byte("no key")); err == nil {
		t.Error("offered to something that is no key")
	}
	if _, err := AcceptChannel(id, w.channels["park1"][0], []byte("no key")); err == nil {
		t.Error("accepted with something that is no key")
	}
}

// For every length of a channel the key of every day proves itself, and for no
// other day.
func TestDayKeysProveThemselvesForTheirDayOnly(t *testing.T) {
	_, public, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	for days := uint16(1); days <= MaxChannelDays; days++ {
		id := ChannelID{Chain: "c", Dealer: "d", Member: 1, First: 100, Days: days}
		channel, keys, err := OfferChannel(id, public)
		if err != nil {
			t.Fatal(err)
		}
		for day := id.First; day <= id.last(); day++ {
			revealed, err := keys.Reveal(day)
			if err != nil {
				t.Fatal(err)
			}
			if err := channel.CheckDayKey(id, revealed); err != nil {
				t.Errorf("%d days, day %d: %v", days, day, err)
			}
			for other := id.First - 1; other <= id.last()+1; other++ {
				moved := revealed
				moved.Day = other
				if err := channel.CheckDayKey(id, moved); other != day && !errors.Is(err, ErrChannel) {
					t.Errorf("%d days: the key of day %d passes for day %d", days, day, other)
				}
			}
			flipped := revealed
			flipped.Key[0] ^= 1
			longer := revealed
			longer.Path = append(revealed.Path[:len(revealed.Path):len(revealed.Path)], [32]byte{})
			for name, forged := range map[string]RevealedKey{"flipped key": flipped, "longer path": longer} {
				if err := channel.CheckDayKey(id, forged); !errors.Is(err, ErrChannel) {
					t.Errorf("%d days, day %d, %s: %v, want ErrChannel", days, day, name, err)
				}
			}
			if len(revealed.Path) > 0 {
				shorter := revealed
				shorter.Path = revealed.Path[1:]
				if err := channel.CheckDayKey(id, shorter); !errors.Is(err, ErrChannel) {
					t.Errorf("%d days, day %d, shorter path: %v, want ErrChannel", days, day, err)
				}
			}
			if len(revealed.Path) > maxPath {
				t.Errorf("%d days: path of %d hashes, want at most %d", days, len(revealed.Path), maxPath)
			}
		}
	}
}

func TestErasedDaysAreGoneAndTheRestGoesOn(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	keys := w.member["park1"][0]
	before, err := keys.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	erased, err := keys.key(firstDay + 3)
	if err != nil {
		t.Fatal(err)
	}
	lost := *erased
	if !bytes.Contains(before, lost[:]) {
		t.Fatal("the key is not in the encoding before it is erased")
	}
	keys.EraseThrough(firstDay + 3)
	if *erased != ([32]byte{}) {
		t.Error("the erased key is still in memory")
	}
	after, err := keys.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(after, lost[:]) {
		t.Error("the erased key is still in the encoding")
	}
	again, err := DecodeDayKeys(after)
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]*DayKeys{"memory": keys, "storage": again} {
		if k.Has(firstDay+3) || k.Has(firstDay) || !k.Has(firstDay+4) || k.Has(firstDay+31) {
			t.Errorf("%s: wrong days are left", name)
		}
		if _, err := k.Reveal(firstDay + 2); !errors.Is(err, ErrNoDayKey) {
			t.Errorf("%s: revealing an erased day: %v, want ErrNoDayKey", name, err)
		}
		revealed, err := k.Reveal(firstDay + 4)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.channels["park1"][0].CheckDayKey(k.ID(), revealed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	keys.EraseThrough(math.MaxUint32)
	if keys.Has(firstDay + 30) {
		t.Error("the last day is left")
	}
}

func TestSealedBlobsOpenForTheirPartyAndPlaceOnly(t *testing.T) {
	private, public, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	if len(private) != PrivateKeySize || len(public) != PublicKeySize {
		t.Errorf("keys of %d and %d bytes, want %d and %d", len(private), len(public), PrivateKeySize, PublicKeySize)
	}
	if derived, err := PublicKey(private); err != nil || !bytes.Equal(derived, public) {
		t.Errorf("the public key of the private key is another: %v", err)
	}
	for _, plaintext := range [][]byte{nil, []byte("a bill"), make([]byte, 4096)} {
		blob, err := SealTo(public, []byte("bill 7"), plaintext)
		if err != nil {
			t.Fatal(err)
		}
		if len(blob) != len(plaintext)+SealOverhead {
			t.Errorf("blob of %d bytes, want %d", len(blob), len(plaintext)+SealOverhead)
		}
		opened, err := Unseal(private, []byte("bill 7"), blob)
		if err != nil || !bytes.Equal(opened, plaintext) {
			t.Errorf("%d bytes come back as %d: %v", len(plaintext), len(opened), err)
		}
		flipped := append([]byte(nil), blob...)
		flipped[len(flipped)-1] ^= 1
		moved := append([]byte(nil), blob...)
		moved[3] ^= 1
		for name, test := range map[string]struct{ private, info, blob []byte }{
			"another party":  {other, []byte("bill 7"), blob},
			"another place":  {private, []byte("bill 8"), blob},
			"no place":       {private, nil, blob},
			"flipped tag":    {private, []byte("bill 7"), flipped},
			"flipped secret": {private, []byte("bill 7"), moved},
			"cut":            {private, []byte("bill 7"), blob[:len(blob)-1]},
			"too short":      {private, []byte("bill 7"), blob[:100]},
			"empty":          {private, []byte("bill 7"), nil},
		} {
			if _, err := Unseal(test.private, test.info, test.blob); !errors.Is(err, ErrUnseal) {
				t.Errorf("%s: %v, want ErrUnseal", name, err)
			}
		}
	}
}

// The suite is X-Wing with HKDF-SHA256 and AES-256-GCM, by the numbers of the
// HPKE registries; the standard library is tested against their vectors.
func TestSuiteIsXWing(t *testing.T) {
	kem, kdf, aead := suite()
	if kem.ID() != 0x647a || kdf.ID() != 0x0001 || aead.ID() != 0x0002 {
		t.Errorf("suite %#04x, %#04x, %#04x", kem.ID(), kdf.ID(), aead.ID())
	}
}

func TestBadKeysAreRefused(t *testing.T) {
	if _, err := SealTo(make([]byte, 5), nil, nil); err == nil {
		t.Error("sealed to five bytes")
	}
	if _, err := Unseal(make([]byte, 5), nil, make([]byte, 2000)); err == nil {
		t.Error("unsealed with five bytes")
	}
	if _, err := PublicKey(nil); err == nil {
		t.Error("nothing has a public key")
	}
	noKey := bytes.Repeat([]byte{0xff}, PublicKeySize) // coefficients out of range
	if err := CheckPublicKey(noKey); err == nil {
		t.Error("a key with coefficients above the modulus passed")
	}
}

func TestCommitteesWithFaultsAreNamed(t *testing.T) {
	w := newWorld(t, 1, 2, 3)
	for name, change := range map[string]func(*Committee){
		"no chain":         func(c *Committee) { c.Chain = "" },
		"threshold of one": func(c *Committee) { c.Threshold = 1 },
		"threshold of all": func(c *Committee) { c.Threshold = 4 },
		"index from zero":  func(c *Committee) { c.Keepers[0].Index = 0 },
		"index twice":      func(c *Committee) { c.Keepers[2].Index = 2 },
		"no key":           func(c *Committee) { c.Keepers[1].Key = nil },
		"one key twice":    func(c *Committee) { c.Keepers[1].Key = c.Keepers[0].Key },
	} {
		changed := w.committee
		changed.Keepers = append([]Keeper(nil), w.committee.Keepers...)
		change(&changed)
		if err := changed.Validate(); err == nil {
			t.Errorf("%s: no fault found", name)
		}
	}
}

// However secrets are printed by mistake, nothing of them shows.
func TestSecretsDoNotPrint(t *testing.T) {
	w := newWorld(t, 1, 2, 3, "park1")
	deal, opening := w.deal(t, "park1", "load", []uint64{123456789})
	keys := w.member["park1"][0]
	share, err := OpenShare(deal, keys)
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys.key(firstDay)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []any{keys, *keys, share, *share, opening, *opening} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			text := fmt.Sprintf(verb, secret)
			for name, part := range map[string]string{
				"value": "123456789", "key": fmt.Sprintf("%x", key[:4]), "key as list": strings.Trim(fmt.Sprint(key[:4]), "[]"),
				"limbs": fmt.Sprint(share.Value[0]), "limbs in hexadecimal": fmt.Sprintf("%x", share.Value[0]),
			} {
				if strings.Contains(text, part) {
					t.Errorf("%s of %T shows the %s", verb, secret, name)
				}
			}
			if len(text) > 200 {
				t.Errorf("%s of %T prints %d bytes", verb, secret, len(text))
			}
		}
	}
}
