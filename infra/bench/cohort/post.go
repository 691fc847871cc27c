package cohort

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
)

// post counts: which mails were wanted, and which messages were handed over.
type post struct {
	now func() time.Time

	mu     sync.Mutex
	wants  map[string]want // by tag
	sent   map[string]int  // messages by tag
	given  int
	days   map[string]bool // person and day on which a step mail went
	faults []error
}

// want is a mail that somebody's change called for, and what became of it. The
// outbox forgets its records after a time, so it is noted when it is written.
type want struct {
	template, land string
	class          mail.Class
	state          mail.State
	at             time.Time // until when it waits
	message        string    // that it went with
}

func newPost(now func() time.Time) *post {
	return &post{now: now, wants: map[string]want{}, sent: map[string]int{}, days: map[string]bool{}}
}

// wanted notes a mail when it is first written, and what becomes of it.
func (p *post) wanted(it table.Item) {
	var e struct {
		mail.Entry
		State   mail.State `json:"state"`
		Message string     `json:"provider"`
	}
	if len(it.Body) == 0 || json.Unmarshal(it.Body, &e) != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	tag := mail.Tag(e.Key)
	w, known := p.wants[tag]
	switch {
	case known == (it.Version == 1):
		p.fault("a mail is wanted twice or from nowhere: %s", e.Template)
	case !known:
		w = want{template: e.Template, land: e.Land, class: e.Class}
	case w.state == mail.Sent && e.State != mail.Sent:
		p.fault("a mail that was sent is %s: %s", e.State, e.Template)
	}
	w.state, w.message = e.State, e.Message
	w.at, _ = it.Due.Time() // none when it waits for nothing
	p.wants[tag] = w
}

func (p *post) fault(format string, args ...any) {
	if len(p.faults) < 20 {
		p.faults = append(p.faults, fmt.Errorf(format, args...))
	}
}

// Send takes a message and looks whether it may go out now.
func (p *post) Send(_ context.Context, m mail.Message) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, ok := p.wants[m.Tag]
	now := p.now()
	if !ok {
		p.fault("at %s a message goes out that nobody wanted", now)
	}
	if p.sent[m.Tag]++; p.sent[m.Tag] > 1 {
		p.fault("at %s %s goes out once more", now, w.template)
	}
	if w.class == mail.Step {
		p.step(m.To, w, now)
	}
	p.given++
	return strconv.Itoa(p.given), nil
}

// step looks at the limits of mails about steps.
func (p *post) step(to string, w want, now time.Time) {
	day := to + " " + lang.DateOf(now).String()
	if p.days[day] {
		p.fault("on %s somebody gets a second mail about steps, %s", lang.DateOf(now), w.template)
	}
	p.days[day] = true
	if !municipality.CalendarOf(w.land).MailTime(now).Equal(now) {
		p.fault("at %s %s goes out, on a quiet day of %s or outside the window", now, w.template, w.land)
	}
}

// handed is how many messages were handed over so far.
func (p *post) handed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.given
}

// fates are what became of the mails of a template.
type fates struct{ wanted, sent, dropped, waiting int }

// settle says what became of every mail that was wanted.
func (p *post) settle() (map[string]*fates, error) {
	out, messages := map[string]*fates{}, map[string]bool{}
	for _, w := range p.wants {
		f := out[w.template]
		if f == nil {
			f = &fates{}
			out[w.template] = f
		}
		f.wanted++
		switch {
		case w.state == mail.Sent:
			f.sent++
			messages[w.message] = true
		case w.state == mail.Dropped || w.state == mail.Superseded:
			f.dropped++
		case w.state == mail.Queued && w.at.After(p.now()):
			f.waiting++
		default:
			p.fault("a mail %s is %q and was due at %s", w.template, w.state, w.at)
		}
	}
	if len(messages) != p.given {
		p.fault("%d messages were handed over, the outbox knows of %d", p.given, len(messages))
	}
	return out, errors.Join(p.faults...)
}
