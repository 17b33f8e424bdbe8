package park

import (
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	sealing "github.com/sesame-energy/sesame/vault"
)

// secretSize is the length of the dealer's secret, bytes.
const secretSize = 32

// dealer gives the dealer's secret, drawn on first use, and reserves count
// counters, all above least and above every one reserved before: it gives the
// first. They are written down before anything is sealed under them, so that a
// crash or a restart skips counters and never repeats one.
func (r *records) dealer(count, least uint64) (secret []byte, first uint64, err error) {
	fresh := make([]byte, secretSize)
	_, _ = rand.Read(fresh) // never fails: crypto/rand ends the program instead
	var last int64
	err = r.database.QueryRow(`insert into dealer values (1, ?, ? + ?) on conflict (id) do
		update set counter = max(counter, ?) + ? returning secret, counter`,
		fresh, int64(least), int64(count), int64(least), int64(count)).Scan(&secret, &last)
	if err != nil {
		return nil, 0, fmt.Errorf("dealer's counter: %w", err)
	}
	return secret, uint64(last) - count + 1, nil
}

// channelSet is a park's channels with all keepers of an epoch for a run of days.
type channelSet struct {
	Number   uint32 // among the park's channels
	Epoch    uint32
	First    uint32
	Days     uint8
	Channels [][]byte           // as published, one per member
	Keys     []*sealing.DayKeys // secret, one per member
}

// keepChannels keeps a channel set, or its keys after some were erased.
func (r *records) keepChannels(set channelSet) error {
	encoded := make([][]byte, len(set.Keys))
	for i, keys := range set.Keys {
		var err error
		if encoded[i], err = keys.MarshalBinary(); err != nil {
			return fmt.Errorf("keep channels number %d: %w", set.Number, err)
		}
	}
	channels, err := json.Marshal(set.Channels)
	if err != nil {
		return fmt.Errorf("keep channels number %d: %w", set.Number, err)
	}
	keys, err := json.Marshal(encoded)
	if err != nil {
		return fmt.Errorf("keep channels number %d: %w", set.Number, err)
	}
	_, err = r.database.Exec("insert or replace into channel values (?, ?, ?, ?, ?, ?)",
		set.Number, set.Epoch, set.First, set.Days, string(channels), string(keys))
	if err != nil {
		return fmt.Errorf("keep channels number %d: %w", set.Number, err)
	}
	return nil
}

// channelsNumbered is the kept channel set of a number, and whether there is one.
func (r *records) channelsNumbered(number uint32) (channelSet, bool, error) {
	set := channelSet{Number: number}
	var channels, keys string
	err := r.database.QueryRow("select epoch, first_day, days, channels, keys from channel where number = ?", number).
		Scan(&set.Epoch, &set.First, &set.Days, &channels, &keys)
	if errors.Is(err, sql.ErrNoRows) {
		return channelSet{}, false, nil
	}
	var encoded [][]byte
	if err == nil {
		err = errors.Join(json.Unmarshal([]byte(channels), &set.Channels), json.Unmarshal([]byte(keys), &encoded))
	}
	for _, one := range encoded {
		var decoded *sealing.DayKeys
		if err == nil {
			decoded, err = sealing.DecodeDayKeys(one)
			set.Keys = append(set.Keys, decoded)
		}
	}
	if err != nil {
		return channelSet{}, false, fmt.Errorf("kept channels number %d: %w", number, err)
	}
	return set, true, nil
}

// channelNumbers lists the numbers of all kept channel sets, ascending.
func (r *records) channelNumbers() ([]uint32, error) {
	rows, err := r.database.Query("select number from channel order by number")
	if err != nil {
		return nil, fmt.Errorf("kept channels: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var numbers []uint32
	for rows.Next() {
		var number uint32
		if err := rows.Scan(&number); err != nil {
			return nil, fmt.Errorf("kept channels: %w", err)
		}
		numbers = append(numbers, number)
	}
	return numbers, rows.Err()
}

// sealedSeries is one version of a day's sealed series of a kind.
type sealedSeries struct {
	Kind     string
	Day      uint32
	Version  uint32
	Channel  uint32     // number of the channels that it is sealed under
	Values   [][]uint64 // in the order of the kind's series
	Parts    [][]byte   // the encoded deals, public
	Proof    []byte     // that the parts are as contract.ClaimOf has it, public
	Openings [][]byte   // secret, erased when the day's contest term ends
}

// keepSealed keeps a version; it must not be there yet.
func (r *records) keepSealed(s sealedSeries) error {
	columns := make([]string, 3)
	for i, value := range []any{s.Values, s.Parts, s.Openings} {
		encoded, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("keep sealed %s of day %d: %w", s.Kind, s.Day, err)
		}
		columns[i] = string(encoded)
	}
	_, err := r.database.Exec("insert into sealed values (?, ?, ?, ?, ?, ?, ?, ?)", s.Kind, s.Day, s.Version, s.Channel, columns[0], columns[1], columns[2], s.Proof)
	if err != nil {
		return fmt.Errorf("keep sealed %s of day %d: %w", s.Kind, s.Day, err)
	}
	return nil
}

// sealed is a version of a day's sealed series, the newest for version 0, and
// whether there is one.
func (r *records) sealed(kind string, day, version uint32) (sealedSeries, bool, error) {
	s := sealedSeries{Kind: kind, Day: day}
	columns := make([]string, 3)
	err := r.database.QueryRow(`select version, channel, "values", parts, openings, proof from sealed
		where kind = ? and day = ? and (version = ? or ? = 0) order by version desc limit 1`,
		kind, day, version, version).Scan(&s.Version, &s.Channel, &columns[0], &columns[1], &columns[2], &s.Proof)
	if errors.Is(err, sql.ErrNoRows) {
		return sealedSeries{}, false, nil
	}
	for i, target := range []any{&s.Values, &s.Parts, &s.Openings} {
		if err == nil {
			err = json.Unmarshal([]byte(columns[i]), target)
		}
	}
	if err != nil {
		return sealedSeries{}, false, fmt.Errorf("kept sealed %s of day %d: %w", kind, day, err)
	}
	return s, true, nil
}

// eraseThrough forgets what could open the sealed series of a day and all
// before: day keys and openings. The park's own values stay.
func (r *records) eraseThrough(day uint32) error {
	if _, err := r.database.Exec("update sealed set openings = '[]' where day <= ?", day); err != nil {
		return fmt.Errorf("erase openings through day %d: %w", day, err)
	}
	numbers, err := r.channelNumbers()
	if err != nil {
		return err
	}
	for _, number := range numbers {
		set, _, err := r.channelsNumbered(number)
		if err != nil {
			return err
		}
		if set.First > day || !set.Keys[0].Has(max(set.First, min(day, set.First+uint32(set.Days)-1))) {
			continue
		}
		for _, keys := range set.Keys {
			keys.EraseThrough(day)
		}
		if err := r.keepChannels(set); err != nil {
			return err
		}
	}
	return nil
}
