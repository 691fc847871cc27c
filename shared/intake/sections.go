package intake

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/intake/draft"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// Names of the buttons of a section, beside those of the form's rows. The
// button without a name that goes on is the first one, so that Enter means it.
const (
	buttonBack  = "_back"
	buttonLater = "_later"
	buttonGo    = "_go"   // value: a section, or "pruefen"
	buttonHand  = "_hand" // value: yes or no
)

// progress is one line of the list of sections.
type progress struct {
	Name, Label string
	State       string // text key of how far it is
	Look        string // the same as a class of the list
	Tag         string // and of the tag
	Current     bool
	Href        string
}

// sectionPage is one section of the form.
type sectionPage struct {
	web.Page
	Base      string
	Section   form.Page
	Number    int
	Count     int
	View      form.View
	Faults    form.Faults // without hints, which stand at their fields
	Progress  []progress
	Acute     bool
	Questions []draft.Question
	Before    *form.FaultList // hints of the section that was just sent
	Last      bool
	First     bool
	Hand      bool   // the municipality is entered by hand
	Emergency bool   // says that this is no emergency line
	Skip      string // where one can go on though something is wrong
	Revealed  bool   // there are questions that nobody has seen yet
	Saved     string // when what was entered was saved
}

func (x *Service) showSection(w http.ResponseWriter, r *http.Request) error {
	v, err := x.visit(r)
	if err != nil {
		return err
	}
	f, n, err := x.section(r, v)
	if err != nil {
		return err
	}
	if !v.may || !v.Open() {
		return x.redirect(w, r, v, "")
	}
	all := f.Check(v.Answers, "", x.env(r.Context(), v.now))
	return x.renderSection(w, r, v, shown{form: f, number: n, all: all, faults: r.URL.Query().Has("pruefen")})
}

// shown is a section in one of its states.
type shown struct {
	form     *form.Form
	number   int
	all      form.Problems // of the whole form
	status   int           // 0: as asked for by a link
	faults   bool          // show what is wrong; else only what is good to know
	revealed bool          // there are questions that nobody has seen yet
}

// section finds the definition and the number of the section asked for.
func (x *Service) section(r *http.Request, v visit) (*form.Form, int, error) {
	f, err := x.forms.Form(r.Context(), v.Form)
	if err != nil {
		return nil, 0, err
	}
	n := slices.IndexFunc(f.Pages(), func(p form.Page) bool { return p.Name == r.PathValue("section") })
	if n < 0 {
		return nil, 0, web.ErrNotFound
	}
	return f, n, nil
}

// renderSection shows a section.
func (x *Service) renderSection(w http.ResponseWriter, r *http.Request, v visit, s shown) error {
	pages, n := s.form.Pages(), s.number
	here := of(s.all, pages[n].Name)
	if !s.faults {
		here = hints(here)
	}
	p := sectionPage{
		Page: x.Site.Page(r, "intake.section.title", n+1), Base: web.Path(r.Context(), v.base()),
		Section: pages[n], Number: n + 1, Count: len(pages), First: n == 0, Last: n == len(pages)-1,
		View:  s.form.View(v.Answers, pages[n].Name, here, x.env(r.Context(), v.now)),
		Acute: draft.Acute(v.Answers), Questions: v.Questions, Hand: draft.ByHand(v.Answers), Revealed: s.revealed,
	}
	p.Faults = form.NewFaults(wrong(here), v.Answers, p.Lang, func(q form.Problem) string { return "#" + q.ID() })
	before := hints(named(s.all, r.URL.Query().Get("hinweis")))
	p.Before = form.NewFaults(before, v.Answers, p.Lang, func(q form.Problem) string {
		return p.Base + "/" + q.Page + "#" + q.ID()
	}).Hints
	if len(v.Seen) > 0 {
		p.Saved = form.Saved(v.Changed, x.env(r.Context(), v.now))
	}
	p.SetTitle(p.In(p.Section.Label))
	p.Emergency = pages[n].Name == "s7" && !p.Acute
	if s.status != 0 && s.faults {
		p.Fault(true)
		p.Skip = p.Base + next(pages, n)
	}
	p.Progress = progressOf(p.Page, v, s.form, s.all, pages[n].Name)
	return x.pages.Render(w, r, cmp.Or(s.status, http.StatusOK), "section", p)
}

// hints are what is only good to know.
func hints(all form.Problems) form.Problems {
	return slices.DeleteFunc(slices.Clone(all), func(p form.Problem) bool { return p.Level != form.Hint })
}

// wrong is what keeps people from going on.
func wrong(all form.Problems) form.Problems {
	return slices.DeleteFunc(slices.Clone(all), func(p form.Problem) bool { return p.Level == form.Hint })
}

// named are the problems of one section.
func named(all form.Problems, section string) form.Problems {
	return slices.DeleteFunc(slices.Clone(all), func(p form.Problem) bool { return p.Page != section })
}

// of are the problems of one section, and those that belong to none: of a post
// that no page of ours makes.
func of(all form.Problems, section string) form.Problems {
	return append(named(all, ""), named(all, section)...)
}

func progressOf(page web.Page, v visit, f *form.Form, all form.Problems, current string) []progress {
	var out []progress
	for _, p := range f.Pages() {
		state := stateOf(v.Entry, p.Name, of(all, p.Name))
		line := progress{
			Name: p.Name, Label: page.In(p.Label), State: "intake.state." + state, Look: state, Tag: tags[state],
			Current: p.Name == current, Href: page.Path(v.base() + "/" + p.Name),
		}
		if state == "check" {
			line.Href += "?pruefen=1"
		}
		out = append(out, line)
	}
	return out
}

var tags = map[string]string{"empty": "muted", "begun": "info", "check": "warning", "done": "success"}

// stateOf says how far a section is: empty, begun (something is missing), check
// (something is wrong or to be confirmed), done.
func stateOf(e draft.Entry, section string, problems form.Problems) string {
	seen := slices.Contains(e.Seen, section)
	if !problems.Blocking(e.Answers.Confirmed) && seen {
		return "done"
	}
	for _, p := range problems {
		wrong := p.Level == form.Error || p.Level == form.Warning && !e.Answers.Confirmed(p.Field)
		if wrong && !missing(e.Answers, p.Field) {
			return "check"
		}
	}
	if seen || section == "s1" { // which is filled in from the register
		return "begun"
	}
	return "empty"
}

// missing says that a field, such as "actors[1].actor_label", was left empty.
func missing(a form.Answers, field string) bool {
	repeat, rest, inRow := strings.Cut(field, "[")
	if !inRow {
		return a[field].Empty()
	}
	number, name, _ := strings.Cut(rest, "].")
	i, err := strconv.Atoi(number)
	rows := a.Rows(repeat)
	return err != nil || i < 0 || i >= len(rows) || rows[i][name].Empty()
}

func (x *Service) receiveSection(w http.ResponseWriter, r *http.Request) error {
	v, err := x.visit(r)
	if err != nil {
		return err
	}
	f, n, err := x.section(r, v)
	if err != nil {
		return err
	}
	if err := web.ParseForm(r); err != nil {
		return err
	}
	if !v.Open() {
		return x.redirect(w, r, v, "")
	}
	section := f.Pages()[n].Name
	before := v.Answers
	if v.Entry, err = x.keep(r.Context(), v, f, section, r.PostForm); err != nil {
		return err
	}
	if !v.may {
		return x.redirect(w, r, v, "?gespeichert=1")
	}
	return x.follow(w, r, v, f, n, before)
}

// keep stores what was posted, right or wrong, before anything is judged.
// Posted together, two sections or the same one twice, nothing is lost: each is
// merged into what is stored then.
func (x *Service) keep(ctx context.Context, v visit, f *form.Form, section string, posted url.Values) (draft.Entry, error) {
	return x.drafts.Change(ctx, v.ID, func(e *draft.Entry) ([]table.Op, error) {
		if !e.Open() {
			return nil, draft.ErrNoChange
		}
		answers := f.Settle(f.Read(posted, section, e.Answers), x.env(ctx, v.now))
		if section == "s1" {
			if err := x.settle(ctx, answers, e.Answers, posted.Get(buttonHand)); err != nil {
				return nil, err
			}
		}
		if slices.Contains(e.Seen, section) && same(answers, e.Answers) {
			return nil, draft.ErrNoChange
		}
		contact := e.Contact()
		e.Answers = answers
		e.See(section)
		if now := e.Contact(); v.may && now != "" && (now != contact || e.Address == "") {
			e.Address = now
		}
		e.Edited(v.now)
		return nil, nil
	})
}

func same(a, b form.Answers) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}

// settle makes the municipality of section 1 one of the register where what was
// typed leaves no doubt, and switches to entering it by hand and back.
func (x *Service) settle(ctx context.Context, a, before form.Answers, hand string) error {
	a["muni_by_hand"] = before["muni_by_hand"]
	switch hand {
	case draft.Yes:
		a["muni_by_hand"] = form.Value{Text: draft.Yes}
	case "no":
		a["muni_by_hand"] = form.Value{}
	}
	for _, row := range a.Rows("further_keys") {
		key, err := x.resolve(ctx, row.Text("further_key"))
		if err != nil {
			return err
		}
		row["further_key"] = form.Value{Text: key}
	}
	key, err := x.resolve(ctx, a.Text("muni_key"))
	if err != nil {
		return err
	}
	a["muni_key"] = form.Value{Text: key}
	if draft.ByHand(a) || key == before.Text("muni_key") {
		return nil
	}
	m, ok, err := x.Register.Find(ctx, key)
	if err != nil || !ok {
		return err
	}
	draft.Prefill(a, before, m)
	return nil
}

// resolve gives the key of the one municipality that was typed, by name or
// postcode; what fits none or several stays as it is.
func (x *Service) resolve(ctx context.Context, typed string) (string, error) {
	if _, ok, err := x.Register.Find(ctx, typed); ok || err != nil {
		return typed, err
	}
	found, err := x.find(ctx, typed, 2)
	if err != nil || len(found) != 1 {
		return typed, err
	}
	return found[0].Key, nil
}

// follow leads to where the button that was pressed goes.
func (x *Service) follow(w http.ResponseWriter, r *http.Request, v visit, f *form.Form, n int, before form.Answers) error {
	pages, posted, env := f.Pages(), r.PostForm, x.env(r.Context(), v.now)
	here := "/" + pages[n].Name
	if fragment, ok := form.Pressed(posted); ok {
		return x.redirect(w, r, v, here+"#"+fragment)
	}
	all := f.Check(v.Answers, "", env)
	switch {
	case posted.Has(buttonHand):
		return x.redirect(w, r, v, here)
	case posted.Has(buttonLater):
		return x.redirect(w, r, v, "/speichern")
	case posted.Has(buttonBack) && n > 0:
		return x.redirect(w, r, v, "/"+pages[n-1].Name)
	case posted.Has(buttonGo):
		return x.redirect(w, r, v, goal(v, f, posted.Get(buttonGo), all))
	}
	mine := of(all, pages[n].Name)
	if mine.Blocking(v.Answers.Confirmed) {
		return x.renderSection(w, r, v, shown{form: f, number: n, all: all, status: http.StatusUnprocessableEntity, faults: true})
	}
	unseen := func(name string) bool { return v.Answers[name].Empty() }
	if slices.ContainsFunc(f.Revealed(before, v.Answers, pages[n].Name, env), unseen) {
		// Questions that these answers call for: nobody has seen them yet.
		return x.renderSection(w, r, v, shown{form: f, number: n, all: all, status: http.StatusUnprocessableEntity, revealed: true})
	}
	goal := next(pages, n)
	if slices.ContainsFunc(mine, func(p form.Problem) bool { return p.Level == form.Hint }) {
		goal += "?hinweis=" + pages[n].Name
	}
	return x.redirect(w, r, v, goal)
}

// next is the page after section n.
func next(pages []form.Page, n int) string {
	if n+1 < len(pages) {
		return "/" + pages[n+1].Name
	}
	return "/pruefen"
}

// goal is the page that a button of the progress list leads to.
func goal(v visit, f *form.Form, name string, all form.Problems) string {
	if !slices.ContainsFunc(f.Pages(), func(p form.Page) bool { return p.Name == name }) {
		return "/pruefen"
	}
	if stateOf(v.Entry, name, of(all, name)) == "check" {
		return "/" + name + "?pruefen=1"
	}
	return "/" + name
}
