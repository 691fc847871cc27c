package desk

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// rehearsalPart is what the page of a rehearsal has beyond that of a case.
type rehearsalPart struct {
	Base        string
	Now, Until  string
	Next        string // when the next timer goes off, "" for none
	To          string
	Simulations []diffRow // steps that wait for somebody who is not played
}

// addRehearsal adds it.
func (x *Service) addRehearsal(r *http.Request, p *casePage, d *desk) error {
	if d.Rehearsal == nil {
		return nil
	}
	at, ok, err := x.NextEvent(r.Context(), d.ID)
	if err != nil {
		return err
	}
	part := &rehearsalPart{
		Base: "/vorgaenge/" + d.ID + "/probe", Now: p.DateTime(d.Now(x.Now())), Until: p.Long(lang.DateOf(d.Rehearsal.Until)), To: d.Rehearsal.To,
	}
	if ok {
		part.Next = p.DateTime(at)
	}
	for _, key := range slices.Sorted(maps.Keys(d.Head.Steps)) {
		t, state := d.Def.Template(key), d.Head.Steps[key].State
		switch {
		case state == process.Query:
			part.Simulations = append(part.Simulations, diffRow{key, p.T("workflow.rehearsal.answer", titleOf(p.Page, d, key))})
		case state == process.Submitted && t != nil && t.Survey != "":
			part.Simulations = append(part.Simulations, diffRow{key, p.T("workflow.rehearsal.close", titleOf(p.Page, d, key))})
		}
	}
	p.Rehearsal = part
	return nil
}

func (x *Service) beginRehearsal(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	d, err := x.Definition(r.Context(), r.PostFormValue("fassung"))
	if errors.Is(err, table.ErrNotFound) || errors.Is(err, table.ErrKey) {
		return web.ErrNotFound
	}
	if err != nil {
		return err
	}
	who := process.Person{Email: process.Address(web.UserFrom(r.Context()).Email), Lang: lang.From(r.Context())}
	id, err := x.Rehearse(r.Context(), d, who, x.Now())
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/vorgaenge/"+id)
}

// rehearse is what can be done with a rehearsal beyond what can be done with a
// case.
func (x *Service) rehearse(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	d, err := x.enterCase(r)
	if err != nil {
		return err
	}
	if !cases.IsRehearsal(d.ID) {
		return web.ErrNotFound
	}
	ctx, now := r.Context(), x.Now()
	switch r.PathValue("do") {
	case "ereignis":
		to, ok, errNext := x.NextEvent(ctx, d.ID)
		if err = errNext; ok {
			err = x.Turn(ctx, d.ID, to, now)
		}
	case "woche":
		err = x.Turn(ctx, d.ID, d.Now(now).Add(7*24*time.Hour), now)
	case "andere":
		err = x.Simulate(ctx, d.ID, r.PostFormValue("schritt"), now)
	case "loeschen":
		if err := x.Forget(ctx, d.ID); err != nil {
			return err
		}
		return web.Redirect(w, r, processPath+"?geloescht")
	default:
		return web.ErrNotFound
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/vorgaenge/"+d.ID)
}
