package desk

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// letterPage is a step as a letter to print, for municipalities that are
// written to on paper.
type letterPage struct {
	web.Page
	page.Facts
	Heading, Base, Record string
	Waiting               bool // it was not posted yet
	Letters               []letter
	Command               string
}

// letter is one to one person, in their language.
type letter struct {
	Lang             lang.Lang
	To, Role, When   string
	Subject          string
	Paragraphs       []string
	Questions        string // heading
	Items            []blank
	Return, Greeting string
	Sender           string
}

// blank is a question with room for an answer by hand.
type blank struct {
	Label, Hint string
	Options     []string
	Lines       []struct{}
	Row         bool // asked once for each row of the list above
	List        bool // the list itself
}

// enterLetter opens a step whose municipality gets letters, for the service
// office.
func (x *Service) enterLetter(r *http.Request) (*desk, *page.Visit, error) {
	d, v, err := x.enterStep(r)
	if err != nil {
		return nil, nil, err
	}
	if !d.has("SVC") || v.Step.State != process.Open || process.PostFor(d.Head.Settings, v.Step.Asked) == "" {
		return nil, nil, web.ErrNotFound
	}
	return d, v, nil
}

func (x *Service) showLetter(w http.ResponseWriter, r *http.Request) error {
	d, v, err := x.enterLetter(r)
	if err != nil {
		return err
	}
	p := letterPage{Page: x.Site.Page(r, "workflow.letter.title"), Base: v.Base() + "/brief", Record: v.Base(), Command: rand.Text()}
	p.Facts = x.Facts(p.Page, d.Record, v.T.Phase)
	p.Heading = p.In(v.T.Title)
	_, p.Waiting = v.Step.Letter()
	for _, a := range v.Step.Asked {
		if a.Writes(d.Head.Settings) {
			p.Letters = append(p.Letters, x.letter(v, a))
		}
	}
	return x.Pages.Render(w, r, http.StatusOK, "letter", p)
}

// receiveLetter notes that the letter was posted.
func (x *Service) receiveLetter(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	d, v, err := x.enterLetter(r)
	if err != nil {
		return err
	}
	_, err = x.Do(r.Context(), d.ID, command.PostLetter{
		Meta: command.Meta{ID: r.PostFormValue("_command"), By: process.Actor{Role: "SVC"}}, Ref: v.Step.Ref,
	}, x.Now())
	if err != nil && !errors.Is(err, command.ErrAlready) && !errors.Is(err, command.ErrNotOpen) {
		return err
	}
	return web.Redirect(w, r, "/vorgaenge/"+d.ID)
}

// letter says what the mail would say, with the questions in place of the link.
func (x *Service) letter(v *page.Visit, a process.Asked) letter {
	l := cmp.Or(a.Lang, lang.DE)
	say := func(key string, args ...any) string { return x.Site.Catalog.T(l, key, args...) }
	title, due, today := v.T.Title.In(l), lang.Long(l, v.Step.Due), lang.DateOf(v.Case.Now(x.Now()))
	out := letter{
		Lang: l, To: a.Name, Role: say("workflow.role." + a.Role), When: lang.Long(l, today),
		Subject: say("workflow.letter.subject", v.Case.Head.No, title), Questions: say("workflow.letter.questions"),
		Return: say("workflow.letter.return"), Greeting: say("workflow.letter.greeting"), Sender: say("workflow.letter.sender"),
	}
	intro := say("workflow.letter.any", title)
	if !v.Step.Due.IsZero() {
		intro = say("workflow.letter."+letterText(v.Step, today), title, due)
	}
	out.Paragraphs = []string{
		say("workflow.letter.hello"), intro, v.T.Asks.In(l),
		say("workflow.letter.minutes", v.T.Minutes()), say("workflow.letter.discretion"),
	}
	for _, f := range v.Form.Fields() {
		if b, ok := blankFor(f, l); ok {
			out.Items = append(out.Items, b)
		}
	}
	return out
}

// letterText says with which text a letter begins that is posted today.
func letterText(st process.Step, today lang.Date) string {
	stage, _ := st.Letter()
	late := st.Late(today)
	switch {
	case stage == process.Fresh && late:
		return "late"
	case stage == process.Fresh:
		return "step"
	case stage == process.Friendly && !late:
		return "remind1"
	}
	return "remind2"
}

// blankFor is room for the answer to a question. What is computed or shown only
// is not asked on paper.
func blankFor(f form.Field, l lang.Lang) (blank, bool) {
	b := blank{Label: f.Label.In(l), Hint: f.Hint.In(l), Row: f.Repeat != "", List: f.Type == "repeat"}
	lines := 1
	switch {
	case b.Label == "" || f.Type == "calculate" || f.Type == "hidden":
		return b, false
	case b.List:
		lines = 0
	case strings.HasPrefix(f.Type, "select") || f.Type == "rank":
		for _, c := range f.Choices {
			b.Options = append(b.Options, c.Label.In(l))
		}
		if len(b.Options) > 0 {
			lines = 0
		}
	case f.Type == "acknowledge":
		b.Options, lines = []string{b.Label}, 0
	case strings.Contains(f.Appearance, "multiline"):
		lines = 6
	}
	b.Lines = make([]struct{}, lines)
	return b, true
}
