// Command secretsharing measures our secret sharing against HashiCorp Vault's
// shamir and circl's secretsharing, and against a plain copy of the same bytes,
// all in one run and in turn, and prints the figures with their ratios.
//
//	go run .            # in bench/secretsharing; make bench runs it too
//
// It is a module of its own, so that neither library is a dependency of
// Sesame. README.md says what is compared with what and under which licences.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
)

// size is one sharing problem: a series of periods among members.
type size struct {
	name                        string
	periods, threshold, members int

	// The least times that Vault should need, for splitting and combining.
	split, combine float64
}

var sizes = []size{
	{"24 periods, 3 of 5", 24, 3, 5, 3, 7},
	{"96 periods, 34 of 50", 96, 34, 50, 10, 200},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("secretsharing: ")
	if err := report(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// report measures everything and writes it as Markdown.
func report(out io.Writer) error {
	fmt.Fprint(out, "Processor time, best of many runs in turn. \"Times ours\" is how many times as long as ours.\n\n",
		"| size | work | who | time | times ours | plaintext per second |\n| --- | --- | --- | --- | --- | --- |\n")
	var verdicts []string
	for _, s := range sizes {
		against, err := sharing(out, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		verdicts = append(verdicts,
			verdict(s.name+": splitting, against Vault", against.split, s.split),
			verdict(s.name+": combining, against Vault", against.combine, s.combine))
	}
	fmt.Fprintln(out)
	for _, line := range verdicts {
		fmt.Fprintln(out, "- "+line)
	}
	return verifying(out)
}

// ratios is how many times as long as ours Vault takes.
type ratios struct{ split, combine float64 }

// sharing measures splitting and combining of one size.
func sharing(out io.Writer, s size) (ratios, error) {
	values := make([]uint64, s.periods)
	for j := range values {
		values[j] = uint64(j+1) * 40_507 % (1 << 32)
	}
	var splits, combines []func()
	all := rivals()
	for _, r := range all {
		split, combine, err := r.prepare(values, s.threshold, s.members)
		if err != nil {
			return ratios{}, fmt.Errorf("%s: %w", r.name, err)
		}
		splits, combines = append(splits, split), append(combines, combine)
	}
	var vault ratios
	for _, work := range []struct {
		name  string
		runs  []func()
		vault *float64
	}{{"split", splits, &vault.split}, {"combine", combines, &vault.combine}} {
		best := bestOf(work.runs...)
		for i, r := range all {
			times := float64(best[i]) / float64(best[0])
			if r.name == vaultName {
				*work.vault = times
			}
			fmt.Fprintf(out, "| %s | %s | %s | %v | %s | %s |\n", s.name, work.name, r.name, rounded(best[i]),
				figure(times), rate(8*s.periods, best[i]))
		}
	}
	return vault, nil
}

func verdict(what string, got, wanted float64) string {
	word := "met"
	if got < wanted {
		word = "MISSED"
	}
	return fmt.Sprintf("%s: %s times, at least %s wanted: %s", what, figure(got), figure(wanted), word)
}
