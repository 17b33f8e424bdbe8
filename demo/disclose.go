package demo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/sesame-energy/sesame/disclosure"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/participant"
	"github.com/sesame-energy/sesame/schedule/figures"
)

// disclosedSeries is what the demo opens: the curve of the paper's Figure 10.
const disclosedSeries = "load"

// mostSubsets bounds how many sets of members the demo lets recover it.
const mostSubsets = 256

// patience is how long the demo waits for votes and shares.
const patience = time.Minute

// Disclosure is what the demo shows of one park's opened series.
type Disclosure struct {
	ID        string   `json:"id"`
	Park      string   `json:"park"`
	Date      string   `json:"date"`
	Series    string   `json:"series"`
	Approved  []string `json:"approved"`
	Members   []int    `json:"members"`     // whose shares are on the ledger
	Subsets   int      `json:"subsets"`     // sets of members, as many as the threshold, that recovered it
	Recovered []int64  `json:"recovered_w"` // by each of them
	Truth     []int64  `json:"truth_w"`     // from the park's own page
	Figure    string   `json:"figure"`      // SVG; the PNG is beside it
}

// disclose has the grid company ask for a park's load of a day and the members
// vote, each with the keys of its own folder, and draws what comes of it.
func (d *Demo) disclose(ctx context.Context, g *gatherer, day uint32, date string) (*Disclosure, error) {
	park := d.story.options.Disclose
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	company, err := d.party(d.layout.Grid)
	if err != nil {
		return nil, err
	}
	asked, err := disclosure.Request(ctx, company, company.Identity.Name, vault.Disclose{
		Park: park, Day: day, Kind: vault.Forecast, Series: []string{disclosedSeries}, Reason: "to show the paper's Figure 10",
	})
	if err != nil {
		return nil, err
	}
	if err := d.vote(ctx, asked.ID); err != nil {
		return nil, err
	}
	view, err := awaitShares(ctx, company, asked.ID, len(d.layout.Members))
	if err != nil {
		return nil, err
	}
	recovered, err := disclosure.Recover(view, mostSubsets)
	if err != nil {
		return nil, err
	}
	truth, err := g.ownLoad(ctx, park, date)
	if err != nil {
		return nil, err
	}
	shown := &Disclosure{
		ID: asked.ID, Park: park, Date: date, Series: disclosedSeries, Approved: view.Vote.Approved,
		Subsets: len(recovered), Recovered: recovered[0].Values, Truth: truth,
		Figure: filepath.Join(d.story.options.Figures, "disclosure-"+park+".svg"),
	}
	for _, index := range view.Release.Partials {
		shown.Members = append(shown.Members, int(index))
	}
	if !slices.Equal(shown.Recovered, shown.Truth) {
		return nil, fmt.Errorf("%s: the members recover %v W, the park says %v", asked.ID, shown.Recovered, shown.Truth)
	}
	return shown, d.draw(view, *shown, len(recovered[0].Members))
}

// party opens the identity of a daemon's folder.
func (d *Demo) party(path string) (*participant.Participant, error) {
	urls, err := d.apis()
	if err != nil {
		return nil, err
	}
	return participant.Open(participant.Config{Home: filepath.Dir(path), Nodes: urls, Genesis: d.layout.Genesis}, d.logger)
}

// vote lets the members vote until the request is granted.
func (d *Demo) vote(ctx context.Context, id string) error {
	for _, path := range d.layout.Members[:2*len(d.layout.Members)/3+1] {
		member, err := d.party(path)
		if err != nil {
			return err
		}
		if err := disclosure.Vote(ctx, member, id, true); err != nil {
			return fmt.Errorf("%s: %w", member.Identity.Name, err)
		}
	}
	return nil
}

// awaitShares waits until a disclosure is opened and all members have posted
// their shares, or their time is up.
func awaitShares(ctx context.Context, reader participant.Reader, id string, members int) (disclosure.View, error) {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		view, err := disclosure.Read(ctx, reader, id)
		if err != nil {
			return view, err
		}
		switch phase := view.Release.Phase; {
		case phase == vault.PhaseOpened && len(view.Release.Partials)+len(view.Release.Wrong) >= members:
			return view, nil
		case phase != vault.PhaseRequested && phase != vault.PhaseOpening && phase != vault.PhaseOpened:
			return view, fmt.Errorf("%s: %s: %s", id, phase, view.Release.Outcome)
		}
		select {
		case <-ctx.Done():
			if view.Series != nil {
				return view, nil // a member is gone: the others are enough
			}
			return view, fmt.Errorf("%s is still %s after %v", id, view.Release.Phase, patience)
		case <-ticker.C:
		}
	}
}

// ownLoad is a park's forecast load, W, from its own page.
func (g *gatherer) ownLoad(ctx context.Context, park, date string) ([]int64, error) {
	for i, registered := range g.genesis.Parks {
		if registered.Name != park {
			continue
		}
		own, err := g.parks[i].day(ctx, date)
		if err != nil {
			return nil, err
		}
		if own.Forecast == nil {
			return nil, errors.New(park + " knows no forecast of " + date)
		}
		var load []int64
		for _, power := range own.Forecast.Load {
			load = append(load, int64(power))
		}
		return load, nil
	}
	return nil, fmt.Errorf("%s: there is no such park", park)
}

// draw draws the figure into the options' folder.
func (d *Demo) draw(view disclosure.View, shown Disclosure, threshold int) error {
	figure := figures.Disclosed{
		Name: "disclosure-" + shown.Park, Title: fmt.Sprintf("%s of %s, %s", shown.Series, shown.Park, shown.Date),
		Truth: kilowatts(shown.Truth), Recovered: kilowatts(shown.Recovered),
		Subsets: fmt.Sprintf("any %d of %d", threshold, len(d.layout.Members)),
	}
	for _, curve := range disclosure.Curves(view)[shown.Series] {
		figure.Members = append(figure.Members, fmt.Sprintf("member %d", curve.Member))
		figure.Shares = append(figure.Shares, curve.Heights)
	}
	return figures.Disclosure(d.story.options.Figures, d.story.dayCase(), figure)
}

// dayCase is the case with the horizon of its first day: what the figure's
// clock is of.
func (s *story) dayCase() *energy.Case {
	c := *s.c
	if day, err := s.days.Day(s.days.First()); err == nil {
		c.Horizon = day.Horizon
	}
	return &c
}

func kilowatts(watts []int64) []float64 {
	values := make([]float64, len(watts))
	for i, value := range watts {
		values[i] = float64(value) / 1000
	}
	return values
}

// disclosedPark checks that the park that is to be disclosed is one of the
// case's.
func (s *story) disclosedPark() error {
	name := s.options.Disclose
	if name == "" || slices.ContainsFunc(s.c.Parks, func(park energy.Park) bool { return park.Name == name }) {
		return nil
	}
	return &BadInput{fmt.Errorf("disclose %q: it is not a park of case %s", name, s.c.Name)}
}
