package authoring

import (
	"context"
	"net/http"

	"kokoma/shared/form"
	"kokoma/shared/web"
)

// comparePage says what a draft changes, and lets it be published.
type comparePage struct {
	web.Page
	Head       heading
	Live       versionRow
	Which      string
	Draft      bool // it is the draft, not an earlier version
	Hash       string
	LiveHash   string
	Same       bool
	Changes    []changeGroup
	Meaning    []string
	Refusals   []string // why it can't be published
	Needs      []string // what the process needs and doesn't find
	Untouched  []string // translations that are older than their source
	Blocked    bool
	Note       string
	Problem    string
	Action     string
	PreviewURL string
}

// changeGroup are the changes of one kind, the gravest first.
type changeGroup struct {
	ID, Label, Text string
	Rows            []changeRow
}

type changeRow struct {
	Where, What    string
	Before, After  string
	Refused, Risky bool
}

func (s *Service) showComparison(w http.ResponseWriter, r *http.Request) error {
	x, err := s.subject(r)
	if err != nil {
		return err
	}
	which := r.FormValue("version")
	if which == "" {
		which = draftVersion
	}
	if which == draftVersion && x.shelf.Draft == nil {
		return web.Redirect(w, r, pathOf(x.id))
	}
	p, err := s.comparison(r, x, which)
	if err != nil {
		return err
	}
	return s.pages.Render(w, r, http.StatusOK, "compare", p)
}

// comparison compares a version with the live one.
func (s *Service) comparison(r *http.Request, x subject, which string) (*comparePage, error) {
	live, err := s.version(r.Context(), x, liveVersion)
	if err != nil {
		return nil, err
	}
	f, err := s.version(r.Context(), x, which)
	if err != nil {
		return nil, err
	}
	p := &comparePage{
		Page: s.Site.Page(r, "authoring.compare.title"), Which: which, Draft: which == draftVersion,
		Hash: f.Hash, LiveHash: x.live(), Same: f.Hash == live.Hash,
	}
	p.Wide()
	p.Head = s.heading(p.Page, x, f)
	p.Live = versionOf(p.Page, x, x.versions()[0])
	p.Action = p.Path(pathOf(x.id) + "/veroeffentlichen")
	p.PreviewURL = p.Path(pathOf(x.id) + "/vorschau?version=" + which)
	if err := s.judge(r.Context(), p, x, live, f); err != nil {
		return nil, err
	}
	p.Blocked = p.Same || len(p.Refusals) > 0 || len(p.Needs) > 0
	return p, nil
}

// judge fills in what changes and what stands against it.
func (s *Service) judge(ctx context.Context, p *comparePage, x subject, live, f *form.Form) error {
	if x.source.Accept != nil {
		for _, need := range x.source.Accept(f) {
			if !need.Warning {
				p.Needs = append(p.Needs, p.In(need.Text))
			}
		}
	}
	return nil
}
