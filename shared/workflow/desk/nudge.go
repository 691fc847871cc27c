package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// This file reminds by hand: steps are chosen in a list, the page shows who
// would get which mail when, and only what is sent from there reminds.

// maxNudges is of how many steps is reminded at once: as many as a page lists.
const maxNudges = perPage

// nudgeName names a step for the choice, and parseNudge reads it.
func nudgeName(id string, ref process.Ref) string {
	return fmt.Sprintf("%s.%s.%d", id, ref.Step, ref.Iteration)
}

func parseNudge(name string) (id string, ref process.Ref, ok bool) {
	parts := strings.Split(name, ".")
	if len(parts) != 3 {
		return "", ref, false
	}
	n, err := strconv.Atoi(parts[2])
	return parts[0], process.Ref{Step: parts[1], Iteration: n}, err == nil
}

// chosen is a step that was chosen to be reminded of.
type chosen struct {
	d    *desk
	ref  process.Ref
	step process.Step
}

type nudgePage struct {
	web.Page
	People  []nudgePerson
	LeftOut []nudgeLeft
	Steps   []string // what is sent on
	Command string
	Button  string
}

// nudgePerson gets one mail, on one step or on several.
type nudgePerson struct {
	Who, When string
	Before    bool // has had a mail today
	Steps     []string

	email string
	at    time.Time
}

type nudgeLeft struct{ Step, Why string }

// chosenSteps reads the chosen steps, each once. What the person may not see,
// or may not remind of, is left out as if it were not there.
func (x *Service) chosenSteps(ctx context.Context, u *web.User, names []string) ([]chosen, error) {
	desks := &workload{desks: map[string]*desk{}}
	var out []chosen
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	for _, name := range names[:min(len(names), maxNudges)] {
		id, ref, ok := parseNudge(name)
		if !ok {
			continue
		}
		d, err := x.deskOf(ctx, u, desks, id)
		if errors.Is(err, table.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !d.overview() || !d.has(process.Nudgers...) || d.Def.Template(ref.Step) == nil {
			continue
		}
		if err := x.Want(ctx, d.Record, ref); err != nil {
			return nil, err
		}
		if st, ok := d.Steps[ref]; ok {
			out = append(out, chosen{d, ref, st})
		}
	}
	return out, nil
}

// showNudge shows who would get which mail when.
func (x *Service) showNudge(w http.ResponseWriter, r *http.Request) error {
	p := nudgePage{Page: x.Site.Page(r, "workflow.nudge.title"), Command: rand.Text()}
	list, err := x.chosenSteps(r.Context(), p.User, r.URL.Query()["schritt"])
	if err != nil {
		return err
	}
	for _, c := range list {
		title := c.title(p.Page)
		if why := c.hindrance(x.today()); why != "" {
			p.LeftOut = append(p.LeftOut, nudgeLeft{title, p.T("workflow.nudge.left." + why)})
			continue
		}
		p.Steps = append(p.Steps, nudgeName(c.d.ID, c.ref))
		if err := x.addNudges(r.Context(), &p, c, title); err != nil {
			return err
		}
	}
	slices.SortStableFunc(p.People, func(a, b nudgePerson) int { return a.at.Compare(b.at) })
	p.Button = p.T("workflow.nudge.send", len(p.People))
	return x.Pages.Render(w, r, http.StatusOK, "nudge", p)
}

func (c chosen) title(p web.Page) string {
	return c.ref.Step + " " + p.In(c.d.Def.Template(c.ref.Step).Title) + ", " + c.d.Head.Municipality.Name + " (" + c.d.Head.No + ")"
}

// hindrance is why nobody is reminded of the step, "" when somebody can be.
func (c chosen) hindrance(today lang.Date) string {
	switch {
	case !c.d.Head.Status.Running() || c.step.Pause:
		return "rests"
	case c.step.State != process.Open:
		return "done"
	case c.step.Due.IsZero():
		return "any"
	case c.step.Nobody():
		return "nobody"
	case !c.step.Others():
		return "own"
	case c.step.Nudged == today:
		return "today"
	}
	return ""
}

// addNudges puts the mails on one step to the people who get them: what
// somebody gets at the same time is one mail.
func (x *Service) addNudges(ctx context.Context, p *nudgePage, c chosen, title string) error {
	mails, err := x.Nudges(ctx, c.d.Record, c.step, x.Now())
	if err != nil {
		return err
	}
	for _, m := range mails {
		at := slices.IndexFunc(p.People, func(o nudgePerson) bool { return o.email == m.To.Email && o.at.Equal(m.At) })
		if at < 0 {
			at = len(p.People)
			p.People = append(p.People, nudgePerson{
				Who: contact(p.Page, m.To), When: x.when(p.Page, m.At), Before: m.Before, email: m.To.Email, at: m.At,
			})
		}
		p.People[at].Steps = append(p.People[at].Steps, title)
	}
	return nil
}

// contact names who is asked, for those who may see contacts.
func contact(p web.Page, a process.Asked) string {
	if a.Name == "" {
		return p.T("workflow.role."+a.Role) + ": " + a.Email
	}
	return p.T("workflow.role."+a.Role) + ": " + a.Name + ", " + a.Email
}

func (x *Service) when(p web.Page, at time.Time) string {
	if !at.After(x.Now()) {
		return p.T("workflow.nudge.now")
	}
	return p.T("workflow.nudge.later", p.DateTime(at))
}

// receiveNudge reminds. Every step is a command of its own, so whoever sends
// the page again goes on where it broke off; nobody is reminded twice.
func (x *Service) receiveNudge(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	list, err := x.chosenSteps(r.Context(), web.UserFrom(r.Context()), r.PostForm["schritt"])
	if err != nil {
		return err
	}
	done, left := 0, 0
	for _, c := range list {
		ok, err := x.remind(r.Context(), c, r.PostFormValue("_command"))
		if err != nil {
			return err
		}
		if ok {
			done++
		} else {
			left++
		}
	}
	q := url.Values{"erinnert": {strconv.Itoa(done)}}
	if left > 0 {
		q.Set("ausgelassen", strconv.Itoa(left))
	}
	return web.Redirect(w, r, "/aufgaben?"+q.Encode())
}

// remind gives the command; false when there is nothing to remind of any more.
func (x *Service) remind(ctx context.Context, c chosen, id string) (bool, error) {
	role := process.Nudgers[slices.IndexFunc(process.Nudgers, func(r string) bool { return c.d.has(r) })]
	m := command.Meta{By: process.Actor{Role: role}}
	if id != "" {
		m.ID = id + nudgeName("", c.ref)
	}
	_, err := x.Do(ctx, c.d.ID, command.Nudge{Meta: m, Ref: c.ref}, x.Now())
	switch {
	case err == nil, errors.Is(err, command.ErrAlready):
		return true, nil
	case errors.Is(err, command.ErrNudged), errors.Is(err, command.ErrNotOpen), errors.Is(err, command.ErrResting), errors.Is(err, command.ErrNobody):
		return false, nil
	}
	return false, err
}

// reminded says what came of it, on the list that comes next.
func reminded(p web.Page, q url.Values) string {
	done, err := strconv.Atoi(q.Get("erinnert"))
	if err != nil {
		return ""
	}
	text := p.T("workflow.nudge.done", done)
	if left, err := strconv.Atoi(q.Get("ausgelassen")); err == nil {
		text += " " + p.T("workflow.nudge.done.left", left)
	}
	return text
}
