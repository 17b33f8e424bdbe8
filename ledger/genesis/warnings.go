package genesis

import "fmt"

// Warnings says what is allowed and should be known by everybody who agrees
// to the document.
func (d Document) Warnings() []string {
	var warnings []string
	var ofParks []string
	for _, member := range d.Members {
		if member.Park != "" {
			ofParks = append(ofParks, member.Name)
		}
	}
	if len(ofParks) >= d.Threshold {
		warnings = append(warnings, fmt.Sprintf(
			"members owned by parks (%d: %v) reach the threshold %d: together they can read every park's series",
			len(ofParks), ofParks, d.Threshold))
	}
	if d.Minimum < UsualMinimum && !d.Consent {
		warnings = append(warnings, fmt.Sprintf(
			"community sums of %d parks are opened; forecasts hide behind up to %d kW, the sums of readings that settlement needs do not",
			d.Minimum, d.Padding))
	}
	if d.Minimum < UsualMinimum && d.Consent {
		warnings = append(warnings, fmt.Sprintf(
			"community sums of %d parks are opened with the parks' recorded consent: where only one park has a surplus or a deficit, the sum is its value",
			d.Minimum))
	}
	if len(d.Members) < 4 {
		warnings = append(warnings, fmt.Sprintf(
			"with %d members the ledger stands still as soon as one is down: four or more bear one", len(d.Members)))
	}
	if d.Clock.Factor != 1 {
		warnings = append(warnings, fmt.Sprintf("ledger time runs %d times as fast as the world's", d.Clock.Factor))
	}
	return warnings
}
