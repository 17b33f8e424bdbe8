package view_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/record"
)

// A list that is full says how much it leaves off, and keeps the newest.
func TestFullListsSayWhatTheyLeaveOff(t *testing.T) {
	const parks = 520
	last := days(t).Blocks[len(days(t).Blocks)-1]
	crowd := client.Block{Height: last.Height + 1, BlockTime: last.BlockTime.Add(time.Second), LedgerTime: last.LedgerTime + 1}
	add := func(key string, value any) {
		crowd.Changes = append(crowd.Changes, client.Change{Key: key, Value: record.Encode(value)})
	}
	day := days(t).First
	for i := range parks {
		name := fmt.Sprintf("plant%03d", i)
		add(committee.ParkKey(name), committee.Park{Name: name})
		add(trade.ContractKey(trade.ContractID(day, 9, name)), trade.Contract{ID: trade.ContractID(day, 9, name), Day: day, Plan: 9, Party: name})
		add(trade.BillKey(day, name), trade.Bill{Park: name})
		add(fmt.Sprintf("%s%08d", alerts.Prefix, 1000+i), alerts.Alert{ID: uint64(1000 + i)})
	}
	before := viewOf(t, days(t).Blocks)
	viewer := viewOf(t, append(days(t).Blocks[:len(days(t).Blocks):len(days(t).Blocks)], crowd))

	quiet, err := before.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if quiet.LeftOff.Parks != 0 || quiet.LeftOff.Alerts != 0 {
		t.Errorf("with %d parks and %d alerts %+v are left off", len(quiet.Parks), quiet.AlertCount, quiet.LeftOff)
	}
	status, err := viewer.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(status.Parks)+status.LeftOff.Parks != len(quiet.Parks)+parks || status.LeftOff.Parks == 0 {
		t.Errorf("%d parks are listed and %d left off, expected %d in all", len(status.Parks), status.LeftOff.Parks, len(quiet.Parks)+parks)
	}
	if status.LeftOff.Alerts != status.AlertCount-500 {
		t.Errorf("%d of %d alerts were not looked at", status.LeftOff.Alerts, status.AlertCount)
	}

	calm, _, err := before.Day(t.Context(), day)
	if err != nil {
		t.Fatal(err)
	}
	shown, _, err := viewer.Day(t.Context(), day)
	if err != nil {
		t.Fatal(err)
	}
	if len(shown.Contracts)+shown.LeftOff.Contracts != len(calm.Contracts)+parks || shown.Contracts[len(shown.Contracts)-1].Plan != 9 {
		t.Errorf("%d contracts are listed and %d left off, expected %d in all and the newest at the end",
			len(shown.Contracts), shown.LeftOff.Contracts, len(calm.Contracts)+parks)
	}
	if len(shown.Bills)+shown.LeftOff.Bills != len(calm.Bills)+parks {
		t.Errorf("%d bills are listed and %d left off, expected %d in all", len(shown.Bills), shown.LeftOff.Bills, len(calm.Bills)+parks)
	}
}
