package walk

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Tour lets a cohort live with the platform: its people look into their
// mailboxes every few days and do what they are asked, every place as far as it
// has got.
type Tour struct {
	World  *World
	Desk   *Desk
	Cohort Cohort
	Cases  map[string]string // number of each place's case, by key
	// Silent is how many of a hundred invited never answer.
	Silent int
	// Seen is called after a step was done by the first place that does it.
	Seen map[string]func() error

	lives []*life
	read  int // mails that were read
}

// life is a place on its way.
type life struct {
	place Place
	until int // place of its last step in the order
	no    string
	desk  string         // path of its case
	done  map[string]int // how often each step was done
	todo  []errand
	rests bool
}

// errand is a step that somebody is asked for.
type errand struct {
	Turn
	link string
	on   time.Time
}

// stride is how often people look into their mailboxes.
const stride = 72 * time.Hour

// Run lives through so many days, and says who did not get as far as they
// should.
func (t *Tour) Run(days int) error {
	t.start()
	end := t.World.Now().AddDate(0, 0, days)
	for t.World.Now().Before(end) {
		if err := t.round(end); err != nil {
			return err
		}
		if err := t.World.Turn(min(stride, end.Sub(t.World.Now())).String()); err != nil {
			return err
		}
	}
	return t.missed()
}

func (t *Tour) start() {
	t.Cases, t.lives = map[string]string{}, nil
	for _, p := range t.Cohort.Places {
		until := slices.IndexFunc(t.Cohort.Order, func(o Turn) bool { return o.Step == p.Until })
		t.lives = append(t.lives, &life{place: p, until: until, done: map[string]int{}})
	}
}

// round is what happens on one day: places apply, read their mails, and do what
// is to be done.
func (t *Tour) round(end time.Time) error {
	for _, l := range t.lives {
		if l.no != "" || l.place.Ago > 0 && t.World.Now().Before(end.AddDate(0, 0, -l.place.Ago)) {
			continue
		}
		no, err := t.World.Apply(l.place)
		if err != nil {
			return fmt.Errorf("%s: %w", l.place.Name, err)
		}
		l.no, t.Cases[l.place.Key] = no, no
	}
	if err := t.Answer(); err != nil {
		return err
	}
	if err := t.lookAtDesk(); err != nil {
		return err
	}
	for _, l := range t.lives {
		if err := t.act(l); err != nil {
			return fmt.Errorf("%s: %w", l.place.Name, err)
		}
	}
	return nil
}

// Answer reads the mails that have come since: surveys are answered at once, but
// for those who stay silent; steps are noted.
func (t *Tour) Answer() error {
	mails, err := t.World.Mails("")
	if err != nil {
		return err
	}
	for _, m := range slices.Backward(mails[:len(mails)-t.read]) {
		for _, link := range m.Links("/b/") {
			if draw(m.To, 100) < t.Silent {
				continue
			}
			if _, err := t.World.AnswerSurvey(link, m.To); err != nil {
				return fmt.Errorf("answering as %s: %w", m.To, err)
			}
		}
		for _, l := range t.lives {
			if err := t.note(l, m); err != nil {
				return err
			}
		}
	}
	t.read = len(mails)
	return nil
}

// note puts the steps that a mail asks a place for on its list. Links that are
// not good any more, and steps that others do, are left alone.
func (t *Tour) note(l *life, m Letter) error {
	box, ok := strings.CutSuffix(m.To, l.place.Address(""))
	if !ok {
		return nil
	}
	for _, link := range m.Links("/s/") {
		if strings.Count(link, "/s/") != 1 || strings.HasSuffix(link, "/weitergeben") || l.has(link) {
			continue
		}
		p, err := t.World.Browser().Open(link)
		if err != nil {
			return err
		}
		heading := p.Heading()
		i := slices.IndexFunc(t.Cohort.Order, func(o Turn) bool { return o.Box == box && (o.DE == heading || o.EN == heading) })
		if p.Status == http.StatusOK && i >= 0 {
			t.add(l, i, link)
		}
	}
	return nil
}

// add puts the step at a place of the order on a place's list, if it does it.
// What goes along with the others everybody does.
func (t *Tour) add(l *life, i int, link string) {
	o := t.Cohort.Order[i]
	if i > l.until && o.Step[0] != 'R' || l.has(link) {
		return
	}
	l.todo = append(l.todo, errand{o, link, t.World.Now().AddDate(0, 0, o.Days)})
	slices.SortStableFunc(l.todo, func(a, b errand) int { return a.on.Compare(b.on) })
}

func (l *life) has(link string) bool {
	return slices.ContainsFunc(l.todo, func(e errand) bool { return e.link == link })
}

// lookAtDesk notes the steps of the service office.
func (t *Tour) lookAtDesk() error {
	p, err := t.Desk.Open("/aufgaben")
	if err != nil {
		return err
	}
	for _, link := range p.Links("/schritte/") {
		i := slices.IndexFunc(t.Cohort.Order, func(o Turn) bool { return o.Box == "" && strings.HasSuffix(link, "/schritte/"+o.Step) })
		if i < 0 {
			continue
		}
		l, err := t.whose(link)
		if err != nil {
			return err
		}
		if l != nil {
			t.add(l, i, link)
		}
	}
	return nil
}

// whose finds the place whose case a link of the desk is in.
func (t *Tour) whose(link string) (*life, error) {
	path, _, _ := strings.Cut(link, "/schritte/")
	i := slices.IndexFunc(t.lives, func(l *life) bool { return l.desk == path })
	if i >= 0 {
		return t.lives[i], nil
	}
	p, err := t.Desk.Open(path)
	if err != nil {
		return nil, err
	}
	i = slices.IndexFunc(t.lives, func(l *life) bool { return l.no != "" && p.Has(l.no) })
	if i < 0 {
		return nil, nil
	}
	t.lives[i].desk = path
	return t.lives[i], nil
}

// act does what is to be done on a place's list by now, and rests when all is
// done that the place does before it rests.
func (t *Tour) act(l *life) error {
	for len(l.todo) > 0 && !l.todo[0].on.After(t.World.Now()) {
		e := l.todo[0]
		l.todo = l.todo[1:]
		if err := t.do(l, e); err != nil {
			return fmt.Errorf("step %s: %w", e.Step, err)
		}
	}
	if l.place.Pause == "" || l.rests || l.done[l.place.Until] == 0 {
		return nil
	}
	l.rests = true
	_, err := t.Desk.Submit(l.desk+"/pausieren", "reason", Entries{"reason": l.place.Pause})
	return err
}

// do does one step of a place's case, if nobody was faster.
func (t *Tour) do(l *life, e errand) error {
	b := t.World.Browser()
	open := b.Open
	if e.Box == "" {
		open = t.Desk.Open
	}
	p, err := open(e.link)
	if err != nil || p.Status != http.StatusOK {
		return err
	}
	if e.Box == "" {
		b = t.Desk.browser
	}
	if _, err := p.Form("_command"); err != nil { // shown at the desk, but not to be done
		return nil
	}
	n := l.done[e.Step] + 1
	if _, err := b.Complete(p, "_command", "_send=1", t.Cohort.Entries(l.place, e.Step, n), l.place, t.World); err != nil {
		return err
	}
	l.done[e.Step] = n
	if n < e.Times {
		l.todo = append(l.todo, errand{e.Turn, e.link, t.World.Now().AddDate(0, 0, e.Every)})
		slices.SortStableFunc(l.todo, func(a, b errand) int { return a.on.Compare(b.on) })
	}
	if look := t.Seen[e.Step]; look != nil {
		delete(t.Seen, e.Step)
		return look()
	}
	return nil
}

// Entries are what a place types into a step the n-th time: "R01#2" differs from
// "R01", and what the place says itself from both.
func (c Cohort) Entries(p Place, step string, n int) Entries {
	out := Entries{}
	maps.Copy(out, c.Steps[step])
	maps.Copy(out, c.Steps[fmt.Sprintf("%s#%d", step, n)])
	maps.Copy(out, p.Steps[step])
	return out
}

// missed says which steps a place should have done and has not.
func (t *Tour) missed() error {
	for _, l := range t.lives {
		for _, o := range t.Cohort.Order[:l.until+1] {
			if l.done[o.Step] == 0 && o.Step[0] != 'R' {
				return fmt.Errorf("%s: step %s of %s was not asked for in time", l.place.Name, o.Step, l.no)
			}
		}
	}
	return nil
}
