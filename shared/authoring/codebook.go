package authoring

import (
	"net/http"

	"kokoma/shared/form/codebook"
	"kokoma/shared/web"
)

// codebookPage says what a form asks, for who evaluates it; it is made to be
// printed.
type codebookPage struct {
	web.Page
	Head  heading
	Uses  []string
	Count int
	Pages []codebookSection
}

// codebookSection is a page of the form and what it asks.
type codebookSection struct {
	Label   string
	Entries []codebookEntry
}

type codebookEntry struct {
	codebook.Entry
	Folded bool // the list of options is long
	Rules  []rule
}

// rule is what is to be said about a variable beside its kind of answer.
type rule struct{ Label, Value string }

func (s *Service) showCodebook(w http.ResponseWriter, r *http.Request) error {
	x, err := s.subject(r)
	if err != nil {
		return err
	}
	which := r.PathValue("version")
	if which == "" {
		which = liveVersion
	}
	f, err := s.version(r.Context(), x, which)
	if err != nil {
		return err
	}
	p := codebookPage{Page: s.Site.Page(r, "authoring.codebook.title")}
	p.Wide()
	p.Head = s.heading(p.Page, x, f)
	p.Uses = s.uses(p.Page, x)
	p.add(codebook.Of(f, p.Lang))
	return s.pages.Render(w, r, http.StatusOK, "codebook", p)
}

// add puts the entries under the pages that they stand on.
func (p *codebookPage) add(b codebook.Book) {
	for _, e := range b.Entries {
		if e.Structure && e.Depth == 0 && e.TypeCode == "group" {
			continue // a page, which is a heading
		}
		if n := len(p.Pages); n == 0 || p.Pages[n-1].Label != e.Page {
			p.Pages = append(p.Pages, codebookSection{Label: e.Page})
		}
		if !e.Structure {
			p.Count++
		}
		section := &p.Pages[len(p.Pages)-1]
		section.Entries = append(section.Entries, codebookEntry{e, len(e.Options) > 12, p.rules(e)})
	}
}

// rules are what is to be said, in order; what is empty is left out.
func (p *codebookPage) rules(e codebook.Entry) []rule {
	var out []rule
	add := func(key, value string) {
		if value != "" {
			out = append(out, rule{p.T("authoring.codebook." + key), value})
		}
	}
	add("relevant", e.Asked(p.Lang))
	add("required", e.Required)
	add("constraint", e.Constraint)
	for _, c := range e.Checks {
		add("check", c.When+" – "+c.Message)
	}
	add("calculation", e.Calculation)
	add("default", e.Default)
	add("filter", e.ChoiceFilter)
	add("rows", e.Rows)
	add("construct", e.Construct)
	add("scale", e.Scale)
	add("reversed", e.Reversed)
	add("indicator", e.Indicator)
	add("wave", e.Wave)
	add("class", e.Class)
	for _, name := range e.Aliases {
		add("alias", name)
	}
	return out
}
