package desk

import (
	"errors"
	"net/http"
	"slices"

	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/process"
)

// This file shows on which versions of the process cases stand. A new version
// comes with a release; what began before stays on its own until it is moved.

const processPath = "/vorgaenge/prozess"

// movePath is where the cases on a version are moved.
func movePath(hash string) string { return processPath + "/umstellung?von=" + hash }

// officeOnly is for what concerns all cases: the service office as a whole.
func officeOnly(h web.HandlerFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !web.UserFrom(r.Context()).HasIn("", "SVC") {
			return web.ErrNotFound
		}
		return h(w, r)
	}
}

type versionRow struct {
	Name, Path string // no path to the shipped one
	Cases      int
}

type rehearsalRow struct{ Path, No, Phase string }

type versionsPage struct {
	web.Page
	Base       string
	Versions   []versionRow
	Choices    []option
	Rehearsals []rehearsalRow
	Moved      bool
	Forgotten  bool
}

func (x *Service) showVersions(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := versionsPage{Page: x.Site.Page(r, "workflow.process.title"), Base: processPath}
	p.Moved, p.Forgotten = r.URL.Query().Has("umgestellt"), r.URL.Query().Has("geloescht")
	now, err := x.Current()
	if err != nil {
		return err
	}
	standings, err := x.Standings(ctx)
	if err != nil {
		return err
	}
	p.Versions = []versionRow{{Name: versionName(p.Page, now.Hash, now)}}
	for _, s := range standings {
		if s.Hash == now.Hash {
			p.Versions[0].Cases = s.Cases
			continue
		}
		p.Versions = append(p.Versions, versionRow{Name: versionName(p.Page, s.Hash, now), Cases: s.Cases, Path: movePath(s.Hash)})
	}
	kept, err := x.Kept(ctx)
	if err != nil {
		return err
	}
	kept = slices.DeleteFunc(kept, func(hash string) bool { return hash == now.Hash })
	p.Choices = []option{{Value: now.Hash, Label: versionName(p.Page, now.Hash, now), Selected: true}}
	for _, hash := range kept {
		p.Choices = append(p.Choices, option{Value: hash, Label: versionName(p.Page, hash, now)})
	}
	list, err := x.Rehearsals(ctx)
	if err != nil {
		return err
	}
	for _, l := range list {
		p.Rehearsals = append(p.Rehearsals, rehearsalRow{"/vorgaenge/" + l.ID, l.No, p.T("workflow.phase." + l.Phase)})
	}
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "versions", p)
}

// versionName is a version for people: what it is, and how it is told from others.
func versionName(p web.Page, hash string, now *process.Definition) string {
	if hash == now.Hash {
		return p.T("workflow.process.shipped", hash)
	}
	return p.T("workflow.process.former", hash)
}

// versions are the one of a request and the shipped one.
func (x *Service) versions(r *http.Request) (old, new *process.Definition, err error) {
	if new, err = x.Current(); err != nil {
		return nil, nil, err
	}
	old, err = x.Definition(r.Context(), r.URL.Query().Get("von"))
	if errors.Is(err, table.ErrNotFound) || errors.Is(err, table.ErrKey) || err == nil && old.Hash == new.Hash {
		return nil, nil, web.ErrNotFound
	}
	return old, new, err
}
