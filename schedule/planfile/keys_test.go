package planfile_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/planfile"
)

// statedPlan is a case without limits with its plan as a file.
func statedPlan(t *testing.T) (*energy.Case, schedule.Problem, string) {
	t.Helper()
	c := randomCase(rand.New(rand.NewPCG(55, 56)))
	for i := range c.Parks {
		c.Parks[i].ImportLimit, c.Parks[i].ExportLimit = energy.NoLimit, energy.NoLimit
	}
	p, document, ok := planned(t, c, false)
	if !ok {
		t.Fatal("the case has no plan")
	}
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return c, p, string(data)
}

func TestAmbiguousPlanFilesAreRefused(t *testing.T) {
	c, p, plan := statedPlan(t)
	for name, change := range map[string][2]string{
		"a cheaper cost before the true one": {`"cost":`, `"cost":-5,"cost":`},
		"a cost in other capitals":           {`"cost":`, `"cost":-5,"COST":`},
		"a key that only folds to one":       {`"status":`, `"\u017ftatus":`},
		"a row's power twice":                {`"charge_kw":`, `"charge_kw":7,"charge_kw":`},
		"a park's bill in other capitals":    {`"bill":`, `"bill":7,"Bill":`},
		"a number in quotes":                 {`"periods":`, `"gap":"0","periods":`},
	} {
		changed := strings.Replace(plan, change[0], change[1], 1)
		if changed == plan {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := planfile.Check(c, p, []byte(changed), -1); !errors.As(err, new(*planfile.FormatError)) {
			t.Errorf("%s: %v, want a FormatError", name, err)
		}
	}
}

func TestKeysOfOtherProgramsAreLeftAlone(t *testing.T) {
	c, p, plan := statedPlan(t)
	changed := `{"by":{"Name":"x","name":["y"],"cost":"7","COST":{"a":[{}]}},"by":null,` + plan[1:]
	if _, err := planfile.Check(c, p, []byte(changed), -1); err != nil {
		t.Error(err)
	}
}

func TestAByteOrderMarkIsPassedOver(t *testing.T) {
	c, p, plan := statedPlan(t)
	if _, err := planfile.Check(c, p, []byte("\ufeff"+plan), -1); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoObjectIsNamed(t *testing.T) {
	c, p, _ := statedPlan(t)
	for file, want := range map[string]string{
		"[]":                  "line 1: the file is an array, expected an object",
		"\n5":                 "line 2: the file is a number, expected an object",
		`{"storage":5}`:       "line 1: storage is a number, expected another kind",
		`{"parks":[{"rows":{`: "unexpected EOF",
		"":                    "empty",
	} {
		if _, err := planfile.Check(c, p, []byte(file), -1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", file, err, want)
		}
	}
}
