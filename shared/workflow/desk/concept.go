package desk

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// conceptPage gathers what the steps have brought for the concept of conflict
// management, chapter by chapter, to write from and to print. It is passed on,
// so what is restricted is in it for nobody.
type conceptPage struct {
	web.Page
	page.Facts
	CasePath string
	Edition  []form.SummaryItem // which version is being written, until when people comment
	Chapters []conceptChapter
}

type conceptChapter struct {
	ID, Title string
	Parts     []conceptPart
	Missing   []string // titles of the steps that have yet to bring something
}

// conceptPart is what one step brings.
type conceptPart struct {
	Title, When string
	Groups      []form.SummaryGroup
	Withheld    bool // there is more that only few people read
}

// source is a step and the questions, or groups of them, that a chapter takes
// from it; none named: all.
type source struct {
	step      string
	questions []string
}

// conceptStep is the step in which the concept is written.
const conceptStep = "C08"

var edition = source{conceptStep, []string{"version", "feedback_until"}}

// conceptChapters are the chapters of the concept, kokoma.md 6.11, and where
// they come from.
var conceptChapters = []struct {
	id   string
	from []source
}{
	{"principles", []source{{"C02", []string{"principles"}}}},
	{"scope", []source{{"C02", []string{"elements", "level_target", "limits"}}}},
	{"contact", []source{{"C03", nil}}},
	{"processes", []source{{"C04", nil}}},
	{"roles", []source{{"C07", []string{"pool", "coordinator"}}}},
	{"early", []source{{"C05", nil}, {"C06", nil}}},
	{"learning", []source{{"B05", []string{"cohort_name", "modules"}}, {"C07", []string{"exchange_rhythm"}}, {"C11", []string{"what_worked", "what_changes", "process_version"}}}},
	{"resources", []source{{"C09", nil}, {"C10", nil}}},
}

func conceptPath(d *desk) string { return "/vorgaenge/" + d.ID + "/konzept" }

// conceptLink leads to the concept once the process has come so far.
func (x *Service) conceptLink(p web.Page, d *desk) []page.Link {
	if d.Head.Steps["C01"].State == process.Locked {
		return nil
	}
	return []page.Link{{Path: conceptPath(d), Label: p.T("workflow.concept.open")}}
}

func (x *Service) showConcept(w http.ResponseWriter, r *http.Request) error {
	d, err := x.enterCase(r)
	if err != nil {
		return err
	}
	if !d.overview() || d.Def.Template(conceptStep) == nil {
		return web.ErrNotFound
	}
	p := conceptPage{Page: x.Site.Page(r, "workflow.concept.title"), CasePath: "/vorgaenge/" + d.ID}
	p.Facts = x.Facts(p.Page, d.Record, d.Def.Template(conceptStep).Phase)
	c := concept{x, d, p.Page, map[string]answered{}}
	if err := c.fill(r.Context(), &p); err != nil {
		return fmt.Errorf("gathering the concept: %w", err)
	}
	return x.Pages.Render(w, r, http.StatusOK, "concept", p)
}

// concept gathers the page.
type concept struct {
	x    *Service
	d    *desk
	page web.Page
	read map[string]answered
}

// answered is a finished step in words.
type answered struct {
	done     bool
	when     string
	groups   []form.SummaryGroup
	withheld bool
}

func (c *concept) fill(ctx context.Context, p *conceptPage) error {
	a, err := c.step(ctx, edition.step)
	if err != nil {
		return err
	}
	for _, g := range edition.of(a.groups) {
		p.Edition = append(p.Edition, g.Items...)
	}
	for _, plan := range conceptChapters {
		chapter := conceptChapter{ID: plan.id, Title: c.page.T("workflow.concept." + plan.id)}
		for _, s := range plan.from {
			if err := c.add(ctx, &chapter, s); err != nil {
				return err
			}
		}
		p.Chapters = append(p.Chapters, chapter)
	}
	return nil
}

func (c *concept) add(ctx context.Context, chapter *conceptChapter, s source) error {
	t := c.d.Def.Template(s.step)
	if t == nil {
		return nil // this version of the process has no such step
	}
	a, err := c.step(ctx, s.step)
	if err != nil {
		return err
	}
	title := c.page.In(t.Title)
	if !a.done {
		if m := c.d.Head.Steps[s.step].State; m != process.Skipped && m != process.Ended {
			chapter.Missing = append(chapter.Missing, title)
		}
		return nil
	}
	part := conceptPart{Title: title, When: a.when, Groups: s.of(a.groups), Withheld: a.withheld}
	if len(part.Groups) > 0 || part.Withheld {
		chapter.Parts = append(chapter.Parts, part)
	}
	return nil
}

// step reads a step as it was last finished.
func (c *concept) step(ctx context.Context, key string) (answered, error) {
	if a, ok := c.read[key]; ok {
		return a, nil
	}
	t, st, err := c.lastDone(ctx, key)
	if err != nil || t == nil {
		return answered{}, err
	}
	f, err := c.x.FormOf(ctx, t, st.Form)
	if err != nil {
		return answered{}, err
	}
	shown, withheld := withoutRestricted(t, f, st.Answers)
	a := answered{
		done: true, withheld: withheld,
		when:   c.page.T("workflow.answers.by", c.page.T("workflow.role."+cmp.Or(st.By.For, st.By.Role)), c.page.Short(lang.DateOf(st.At))),
		groups: given(f.Summary(shown, c.x.Env(ctx, c.page.Lang, c.x.Now()))),
	}
	c.read[key] = a
	return a, nil
}

// lastDone is the newest finished iteration of a step: one that is open again
// has not lost what was said before. The template is nil when there is none.
func (c *concept) lastDone(ctx context.Context, key string) (*process.Template, process.Step, error) {
	for i := c.d.Head.Steps[key].Iteration; i > 0; i-- {
		ref := process.Ref{Step: key, Iteration: i}
		if err := c.x.Want(ctx, c.d.Record, ref); err != nil {
			return nil, process.Step{}, err
		}
		if st := c.d.Steps[ref]; st.State == process.Done {
			return c.d.Def.Template(key), st, nil
		}
	}
	return nil, process.Step{}, nil
}

// of takes the questions of the source out of a step's answers.
func (s source) of(groups []form.SummaryGroup) []form.SummaryGroup {
	if len(s.questions) == 0 {
		return groups
	}
	var out []form.SummaryGroup
	for _, g := range groups {
		if !slices.Contains(s.questions, g.Page) {
			g.Items = slices.DeleteFunc(slices.Clone(g.Items), func(i form.SummaryItem) bool {
				return !slices.Contains(s.questions, i.Name)
			})
		}
		if len(g.Items) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// given leaves out what nobody answered: a concept says what is settled.
func given(groups []form.SummaryGroup) []form.SummaryGroup {
	var out []form.SummaryGroup
	for _, g := range groups {
		if g.Items = givenItems(g.Items); len(g.Items) > 0 {
			out = append(out, g)
		}
	}
	return out
}

func givenItems(items []form.SummaryItem) []form.SummaryItem {
	var out []form.SummaryItem
	for _, i := range items {
		var rows []form.SummaryRow
		for _, r := range i.Rows {
			if r.Items = givenItems(r.Items); len(r.Items) > 0 {
				rows = append(rows, r)
			}
		}
		full := len(rows) == 0 && len(i.Rows) > 0 // rows of which nothing may be shown
		if i.Rows = rows; !i.Empty && !full {
			out = append(out, i)
		}
	}
	return out
}
