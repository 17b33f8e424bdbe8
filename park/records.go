package park

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/field"
	"github.com/sesame-energy/sesame/participant"
)

// schema is the park's own database. Times are Unix milliseconds, series JSON
// lists of W. Everything in it is secret.
const schema = `
create table if not exists reading (
	meter text not null, time integer not null, power integer not null,
	primary key (meter, time)
) without rowid;
create table if not exists forecast (
	date text primary key, series text not null
) without rowid;
create table if not exists dealer (
	id integer primary key check (id = 1), secret blob not null, counter integer not null
);
create table if not exists channel (
	number integer primary key, epoch integer not null, first_day integer not null, days integer not null, channels text not null, keys text not null
);
create table if not exists sealed (
	kind text not null, day integer not null, version integer not null, channel integer not null,
	"values" text not null, parts text not null, openings text not null, proof blob not null,
	primary key (kind, day, version)
) without rowid;
create table if not exists plan (
	day integer primary key, plan text not null
);
create table if not exists bill (
	day integer primary key, bill text not null
);`

// records is the park's own database. It is safe for concurrent use.
type records struct{ database *sql.DB }

func openRecords(home string) (*records, error) {
	database, err := participant.OpenDatabase(filepath.Join(home, "park.db"), schema)
	if err != nil {
		return nil, err
	}
	return &records{database}, nil
}

func (r *records) close() error { return r.database.Close() }

// addReading keeps a reading. The same moment of the same meter counts once:
// the first value stands, so that a message delivered twice changes nothing.
func (r *records) addReading(meter string, reading field.Reading) error {
	_, err := r.database.Exec("insert into reading values (?, ?, ?) on conflict do nothing",
		meter, reading.Time.UnixMilli(), int64(reading.Power))
	if err != nil {
		return fmt.Errorf("keep reading of %s: %w", meter, err)
	}
	return nil
}

// readings lists a meter's readings from start until before end in order of time.
func (r *records) readings(meter string, start, end time.Time) ([]field.Reading, error) {
	rows, err := r.database.Query("select time, power from reading where meter = ? and time >= ? and time < ? order by time",
		meter, start.UnixMilli(), end.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("readings of %s: %w", meter, err)
	}
	defer func() { _ = rows.Close() }()
	var readings []field.Reading
	for rows.Next() {
		var millis, power int64
		if err := rows.Scan(&millis, &power); err != nil {
			return nil, fmt.Errorf("readings of %s: %w", meter, err)
		}
		readings = append(readings, field.Reading{Time: time.UnixMilli(millis), Power: energy.Watt(power)})
	}
	return readings, rows.Err()
}

// forgetReadings drops readings from before a time.
func (r *records) forgetReadings(before time.Time) error {
	_, err := r.database.Exec("delete from reading where time < ?", before.UnixMilli())
	return err
}

// setForecast keeps the newest forecast of a date and reports whether it
// differs from the one before.
func (r *records) setForecast(forecast field.Forecast) (changed bool, err error) {
	before, found, err := r.forecast(forecast.Date)
	if err != nil {
		return false, err
	}
	encoded := string(forecast.Encode())
	if found && string(before.Encode()) == encoded {
		return false, nil
	}
	_, err = r.database.Exec("insert into forecast values (?, ?) on conflict (date) do update set series = excluded.series", forecast.Date, encoded)
	if err != nil {
		return false, fmt.Errorf("keep forecast of %s: %w", forecast.Date, err)
	}
	return true, nil
}

// forecast is the newest forecast of a date, and whether there is one.
func (r *records) forecast(date string) (field.Forecast, bool, error) {
	var encoded string
	err := r.database.QueryRow("select series from forecast where date = ?", date).Scan(&encoded)
	if errors.Is(err, sql.ErrNoRows) {
		return field.Forecast{}, false, nil
	}
	if err != nil {
		return field.Forecast{}, false, fmt.Errorf("forecast of %s: %w", date, err)
	}
	forecast, err := field.DecodeForecast([]byte(encoded), date)
	if err != nil {
		return field.Forecast{}, false, fmt.Errorf("kept %w", err)
	}
	return forecast, true, nil
}

// keepDocument writes value as JSON into a table of documents by day.
func (r *records) keepDocument(table string, day uint32, value any) error {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("keep %s of day %d: %w", table, day, err)
	}
	_, err = r.database.Exec("insert or replace into "+table+" values (?, ?)", day, string(encoded)) // table is a constant of this package
	if err != nil {
		return fmt.Errorf("keep %s of day %d: %w", table, day, err)
	}
	return nil
}

// document reads what keepDocument wrote, and whether there is one.
func (r *records) document(table string, day uint32, value any) (bool, error) {
	var encoded string
	err := r.database.QueryRow("select "+table+" from "+table+" where day = ?", day).Scan(&encoded)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(encoded), value)
	}
	if err != nil {
		return false, fmt.Errorf("kept %s of day %d: %w", table, day, err)
	}
	return true, nil
}
