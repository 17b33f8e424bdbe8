package casefile

import (
	"fmt"
	"strings"
	"time"

	"github.com/sesame-energy/sesame/energy"
)

// localLayouts and offsetLayouts are the forms in which people, spreadsheets
// and pandas write a local time, without and with an offset.
var (
	localLayouts  = []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05"}
	offsetLayouts = []string{
		"2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00",
		"2006-01-02T15:04Z0700", "2006-01-02 15:04Z0700", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z0700",
	}
)

// shown is the form in which errors show a local time.
const shown = "2006-01-02T15:04"

// stamp is a time as a file gives it: local, or with an offset.
type stamp struct {
	wall    time.Time // the local time, as if it were UTC
	instant int64     // Unix seconds, where there is an offset
	offset  bool
}

func parseStamp(text string) (stamp, bool) {
	text = strings.TrimSpace(text)
	for _, layout := range localLayouts {
		if wall, err := time.Parse(layout, text); err == nil {
			return stamp{wall: wall}, true
		}
	}
	for _, layout := range offsetLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return stamp{instant: at.Unix(), offset: true}, true
		}
	}
	return stamp{}, false
}

// earliest is the first instant with that local time; ok is false in a
// skipped hour.
func (s stamp) earliest(zone *time.Location) (unix int64, ok bool) {
	if s.offset {
		return s.instant, true
	}
	const day = 24 * 3600
	wall := s.wall.Unix()
	for _, near := range []int64{wall - day, wall + day} {
		// Before a change of the clock the earlier offset holds, so it is
		// tried first and gives the earlier of two instants.
		_, offset := time.Unix(near, 0).In(zone).Zone()
		instant := wall - int64(offset)
		if _, there := time.Unix(instant, 0).In(zone).Zone(); there == offset {
			return instant, true
		}
	}
	return 0, false
}

// matches says whether the stamp is that of the period that begins at unix.
func (s stamp) matches(unix int64, zone *time.Location) bool {
	if s.offset {
		return s.instant == unix
	}
	_, offset := time.Unix(unix, 0).In(zone).Zone()
	return s.wall.Unix() == unix+int64(offset)
}

// checkTime says whether the text is the time of period t. Local times follow
// the clock: a repeated hour stands twice, a skipped one not at all.
func checkTime(text string, h energy.Horizon, t int, zone *time.Location) error {
	found, ok := parseStamp(text)
	expected := time.Unix(h.At(t), 0).In(zone).Format(shown)
	if !ok {
		return fmt.Errorf("%s, expected a time like %s", quote(text), expected)
	}
	if found.matches(h.At(t), zone) {
		return nil
	}
	instant, exists := found.earliest(zone)
	switch {
	case !exists:
		return fmt.Errorf("%s does not exist in %s (the clock skips it), expected %s", text, zone, expected)
	case t > 0 && found.matches(h.At(t-1), zone):
		return fmt.Errorf("%s stands twice, expected %s", text, expected)
	case instant > h.At(t) && t > 0:
		return fmt.Errorf("%s leaves a gap, expected %s", text, expected)
	}
	return fmt.Errorf("%s, expected %s", text, expected)
}
