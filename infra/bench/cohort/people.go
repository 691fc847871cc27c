package cohort

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync/atomic"

	"kokoma/infra/bench/given"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// place is a municipality, with what its people mean to do. One goroutine at a
// time acts for it.
type place struct {
	no      int
	slug    string
	land    string
	id      string // of its case, once it has begun
	changed atomic.Bool
	ended   bool
	plans   map[process.Ref]plan
	given   []string // ids of the commands that were accepted
	did     map[string]int
}

// plan is when somebody means to do a step, and how.
type plan struct {
	on  lang.Date
	how manner
}

type manner string

// How people do a step.
const (
	prompt manner = "prompt"
	late   manner = "late"
	hands  manner = "handed over"
	away   manner = "away, by the deputy"
	never  manner = "recorded by the office" // after it was late for long
)

func newPlace(no int) *place {
	lands := municipality.Lands()
	return &place{
		no: no, slug: fmt.Sprintf("stadt-%d", no), land: lands[no%len(lands)].Code, plans: map[process.Ref]plan{}, did: map[string]int{},
	}
}

// draw gives a number below limit that is always the same for the same words.
func draw(limit uint32, words ...string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(strings.Join(words, "/"))) // never fails
	return int((h.Sum32() >> 7) % limit)
}

// act is a day of a place.
func (l *life) act(ctx context.Context, p *place, today lang.Date) error {
	if p.id == "" {
		if lang.DateOf(given.Monday).DaysUntil(today) < p.no%40 {
			return nil // the cohort begins within forty days
		}
		return l.begin(ctx, p)
	}
	if p.ended {
		return nil
	}
	if p.changed.Swap(false) {
		if err := l.look(ctx, p, today); err != nil {
			return err
		}
	}
	if err := l.rest(ctx, p, today); err != nil {
		return err
	}
	for _, ref := range p.due(today) {
		if err := l.doStep(ctx, p, ref, today); err != nil {
			return fmt.Errorf("step %s (%d), %s: %w", ref.Step, ref.Iteration, p.plans[ref].how, err)
		}
	}
	return nil
}

// begin opens the case, as the intake does: again when it meets another one.
func (l *life) begin(ctx context.Context, p *place) error {
	for {
		ops, _, err := l.cases.Start(ctx, cases.Opening{
			Intake: "INTAKE" + p.slug, Lang: lang.DE, Command: "begin" + p.slug,
			Municipality: municipality.Municipality{Key: fmt.Sprintf("099%05d", p.no), Name: "Musterstadt", Kind: "STADT", Land: p.land},
			People: process.People{"FED": {{
				Name: "Amt für Zusammenleben", Email: "amt@" + p.slug + ".example", Deputy: "amt-vertretung@" + p.slug + ".example",
			}}},
		}, l.time())
		if err != nil {
			return err
		}
		if err = l.table.Write(ctx, ops...); errors.Is(err, table.ErrConflict) {
			continue
		}
		if err == nil {
			p.id = strings.TrimPrefix(ops[0].Item.PK, cases.Prefix)
			l.byCase.Store(ops[0].Item.PK, p)
			p.changed.Store(true)
			p.given = append(p.given, "begin"+p.slug)
		}
		return err
	}
}

// look makes plans for the steps that have opened.
func (l *life) look(ctx context.Context, p *place, today lang.Date) error {
	c, err := l.cases.Load(ctx, p.id)
	if err != nil {
		return err
	}
	p.ended = c.Head.Status.Ended()
	for _, ref := range c.Head.Open() {
		if _, ok := p.plans[ref]; ok {
			continue
		}
		st, err := l.cases.Step(ctx, p.id, ref)
		if err != nil {
			return err
		}
		p.plans[ref] = p.means(st, c.Def.Template(ref.Step), today)
	}
	return nil
}

// means says when and how somebody will do a step.
func (p *place) means(st process.Step, t *process.Template, today lang.Date) plan {
	words := []string{p.slug, st.Ref.Step, fmt.Sprint(st.Iteration)}
	n := draw(100, words...)
	soon := today.AddDays(1 + draw(12, append(words, "soon")...))
	switch {
	case st.Due.IsZero():
		return plan{today.AddDays(40 + n), prompt} // it can be done at any time, and is now and then
	case n < 68 || slices.Contains(t.Acts, "SVC"):
		return plan{soon, prompt}
	case n < 88:
		return plan{st.Due.AddDays(1 + draw(25, append(words, "late")...)), late}
	case n < 93:
		return plan{today.AddDays(1), hands}
	case n < 96:
		return plan{today.AddDays(1), away}
	}
	return plan{st.Due.AddDays(45), never}
}

// due are the steps that are to be done today, in order.
func (p *place) due(today lang.Date) []process.Ref {
	var out []process.Ref
	for ref, w := range p.plans {
		if !w.on.IsZero() && !w.on.After(today) {
			out = append(out, ref)
		}
	}
	slices.SortFunc(out, func(a, b process.Ref) int { return strings.Compare(a.Step, b.Step) })
	return out
}

// doStep does what was planned, if the step is still open. In a pause it waits.
func (l *life) doStep(ctx context.Context, p *place, ref process.Ref, today lang.Date) error {
	c, err := l.cases.Load(ctx, p.id)
	if err != nil {
		return err
	}
	w := p.plans[ref]
	switch {
	case c.Head.Status == process.Paused:
		p.plans[ref] = plan{today.AddDays(7), w.how}
		return nil
	case c.Head.Steps[ref.Step] != process.Mark{State: process.Open, Iteration: ref.Iteration}:
		p.plans[ref] = plan{} // it was done or closed otherwise
		return nil
	}
	st, err := l.cases.Step(ctx, p.id, ref)
	if err != nil {
		return err
	}
	if len(st.Asked) > 0 && (w.how == hands || w.how == away) {
		p.plans[ref] = plan{today.AddDays(6), prompt}
		p.did[string(w.how)]++
		return l.pass(ctx, p, st, w.how, today)
	}
	p.plans[ref] = plan{}
	p.did[string(w.how)]++
	return l.submit(ctx, p, c.Def.Template(ref.Step), st, w.how)
}

// pass lets somebody else do the step: by a handover, or by going away.
func (l *life) pass(ctx context.Context, p *place, st process.Step, how manner, today lang.Date) error {
	who := st.Asked[0]
	m := p.meta(string(how)+st.Ref.Step+fmt.Sprint(st.Iteration), who.Role)
	if how == hands {
		return l.give(ctx, p, m.ID, command.Handover{
			Meta: m, Ref: st.Ref, From: who.Email, To: process.Person{Name: "Vertretung", Email: "vertretung@" + p.slug + ".example"},
		})
	}
	if who.Handed || who.For != "" {
		return nil // who only stands in does not go
	}
	return l.give(ctx, p, m.ID, command.Absence{
		Meta: m, Email: who.Email, Own: true, Away: process.Period{From: today, To: today.AddDays(14)},
	})
}

// submit answers the step. Now and then the button is pressed twice.
func (l *life) submit(ctx context.Context, p *place, t *process.Template, st process.Step, how manner) error {
	answers, err := l.answers(p, t, st.Iteration, l.time())
	if err != nil {
		return err
	}
	c := command.Submit{Meta: p.meta("submit"+st.Ref.Step+fmt.Sprint(st.Iteration), t.Actors()[0]), Ref: st.Ref, Answers: answers}
	switch {
	case t.ActsFor("SVC"):
		c.By.Role = "SVC"
	case how == never || len(st.Asked) == 0:
		c.By, c.Reason = process.Actor{Role: "SVC", For: t.Actors()[0]}, "am Telefon durchgegeben"
	default:
		c.By.Role = st.Asked[0].Role
	}
	if err := l.give(ctx, p, c.ID, c); err != nil {
		return err
	}
	if draw(10, p.slug, c.ID, "twice") > 0 {
		return nil
	}
	if _, err := l.cases.Do(ctx, p.id, c, l.time()); !errors.Is(err, command.ErrAlready) {
		return fmt.Errorf("the same command again: got %v, want %w", err, command.ErrAlready)
	}
	return nil
}

func (p *place) meta(id, role string) command.Meta {
	return command.Meta{ID: p.slug + id, By: process.Actor{Role: role}}
}

// give gives a command that must be accepted.
func (l *life) give(ctx context.Context, p *place, id string, c command.Command) error {
	if _, err := l.cases.Do(ctx, p.id, c, l.time()); err != nil {
		return fmt.Errorf("%T: %w", c, err)
	}
	p.given = append(p.given, id)
	p.did[fmt.Sprintf("%T", c)]++
	return nil
}

// rest pauses every tenth case for a month.
func (l *life) rest(ctx context.Context, p *place, today lang.Date) error {
	if draw(10, p.slug, "rests") > 0 {
		return nil
	}
	from := lang.DateOf(given.Monday).AddDays(80 + draw(200, p.slug, "rests from"))
	switch {
	case today.Before(from) || p.did["command.Resume"] > 0:
		return nil
	case p.did["command.Pause"] == 0:
		m := p.meta("pause", "SVC")
		return l.give(ctx, p, m.ID, command.Pause{Meta: m, Reason: "Wahl"})
	case from.AddDays(30).After(today):
		return nil
	}
	m := p.meta("resume", "SVC")
	return l.give(ctx, p, m.ID, command.Resume{Meta: m})
}
