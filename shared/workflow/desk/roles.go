package desk

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// namedRoles are the roles for which a case keeps people, in their order.
var namedRoles = append(slices.Clone(taskRoles[1:]), "DSB")

// contacts says whether the person sees who holds which role, with addresses,
// kokoma.md 6.1.
func (d *desk) contacts() bool { return d.has("SVC", "EXT", "LOK", "FED") }

// rolesPage is who holds which role, from when to when.
type rolesPage struct {
	web.Page
	page.Facts
	CasePath string
	Rows     []roleRow
	Actions  []page.Link
}

type roleRow struct {
	Role, Who, Email, Phone string
	Span                    string // from when to when
	Deputy                  string
	Away                    []string
	State, Kind             string // of the address
	Gap                     string // why nobody can be asked
	Actions                 []page.Link
}

func (x *Service) showRoles(w http.ResponseWriter, r *http.Request) error {
	d, err := x.enterCase(r)
	if err != nil {
		return err
	}
	if !d.contacts() {
		return web.ErrNotFound
	}
	p := rolesPage{Page: x.Site.Page(r, "workflow.roles.title"), CasePath: "/vorgaenge/" + d.ID}
	p.Facts = x.Facts(p.Page, d.Record, d.Head.Phase())
	for _, role := range namedRoles {
		p.Rows = append(p.Rows, x.roleRows(p.Page, d, role)...)
	}
	for _, a := range caseActions {
		if a.name == "rolle" && a.may(d, nil, process.Locked) {
			p.Actions = append(p.Actions, page.Link{Path: p.CasePath + "/" + a.name, Label: p.T("workflow.do." + a.name)})
		}
	}
	p.Wide()
	return x.Pages.Render(w, r, http.StatusOK, "roles", p)
}

// roleRows are who holds a role, who will, and who lately did; first of all that
// nobody can be asked for it today.
func (x *Service) roleRows(p web.Page, d *desk, role string) []roleRow {
	var out []roleRow
	today, name := d.today, p.T("workflow.role."+role)
	if _, gap := d.Ask(&process.Template{Acts: []string{role}}, 0, today); gap != "" {
		out = append(out, roleRow{Role: name, Gap: p.T("workflow.gap." + string(gap))})
	}
	list := slices.Clone(d.People[role])
	slices.SortStableFunc(list, func(a, b process.Person) int { return cmp.Compare(order(a, today), order(b, today)) })
	for _, h := range list {
		row := roleRow{Role: name, Who: h.Name, Email: h.Email, Phone: h.Phone, Span: span(p, h.From, h.To)}
		if h.Deputy != "" {
			row.Deputy = joined(h.DeputyName, h.Deputy)
		}
		for _, a := range h.Away {
			if !a.To.Before(today) {
				row.Away = append(row.Away, x.awayText(p, a))
			}
		}
		row.State, row.Kind = p.T("workflow.roles.ok"), "success"
		switch {
		case h.Left(today):
			row.State, row.Kind = p.T("workflow.roles.left"), "muted"
		case !h.Bounced.IsZero():
			row.State, row.Kind = p.T("workflow.roles.bounced", p.Short(h.Bounced)), "danger"
		}
		row.Actions = x.personActions(p, d, role, h)
		out = append(out, row)
	}
	return out
}

// order puts who holds a role before who will, and both before who did.
func order(p process.Person, today lang.Date) int {
	switch {
	case p.Left(today):
		return 2
	case !p.Holds(today):
		return 1
	}
	return 0
}

func joined(name, email string) string {
	if name == "" {
		return email
	}
	return name + ", " + email
}

func span(p web.Page, from, to lang.Date) string {
	switch {
	case from.IsZero() && to.IsZero():
		return p.T("workflow.roles.always")
	case to.IsZero():
		return p.T("workflow.roles.from", p.Short(from))
	case from.IsZero():
		return p.T("workflow.roles.to", p.Short(to))
	}
	return p.T("workflow.roles.span", p.Short(from), p.Short(to))
}

func (x *Service) awayText(p web.Page, a process.Period) string {
	text := span(p, a.From, a.To)
	if a.Deputy != "" {
		text += " (" + p.T("workflow.deputy", joined(a.DeputyName, a.Deputy)) + ")"
	}
	return text
}

func (x *Service) personActions(p web.Page, d *desk, role string, h process.Person) []page.Link {
	var out []page.Link
	who := role + "." + cases.WhoHash(h.Email)
	for _, a := range d.withPerson(who) {
		if a.may(d, nil, process.Locked) {
			out = append(out, page.Link{Path: "/vorgaenge/" + d.ID + "/" + a.name + "?wer=" + who, Label: p.T("workflow.do." + a.name)})
		}
	}
	return out
}

// withPerson is what can be done with somebody who holds a role here or will:
// "KUF.1a2b3c4d" names the role and the hash of the address.
func (d *desk) withPerson(who string) []action {
	today := d.today
	for role, list := range d.People {
		for _, h := range list {
			if who != role+"."+cases.WhoHash(h.Email) || h.Left(today) {
				continue
			}
			own := h.Email == process.Address(d.user.Email)
			return append([]action{{
				name: "rolle-beenden", roles: namers(role), then: "/rollen", danger: true,
				command: func(m command.Meta, _ process.Ref, a form.Answers) command.Command {
					return command.EndRole{Meta: m, Role: role, Email: h.Email, Last: cases.DateIn(a, "last"), Reason: reasonOf(a)}
				},
			}}, d.awayActions(h, own, namers(role))...)
		}
	}
	return nil
}

// namers are the roles that name who holds a role.
func namers(role string) []string {
	return slices.DeleteFunc([]string{"SVC", "FED"}, func(by string) bool { return !command.MayName(by, role) })
}

// own is what somebody can say of themselves.
func (d *desk) own() []action {
	email := process.Address(d.user.Email)
	for _, role := range d.People.RolesOf(email, d.today) {
		for _, h := range d.People[role] {
			if h.Email == email && h.Holds(d.today) {
				return d.awayActions(h, true, nil)
			}
		}
	}
	return nil
}

// awayActions are those of somebody who is to be away, or is.
func (d *desk) awayActions(h process.Person, own bool, by []string) []action {
	if own {
		by = nil // whichever role they hold
	}
	then := ""
	if d.contacts() {
		then = "/rollen"
	}
	return []action{
		{
			name: "abwesend", roles: by, then: then,
			offered: func(*desk, *process.Template) bool { return own || len(by) > 0 },
			command: func(m command.Meta, _ process.Ref, a form.Answers) command.Command {
				return command.Absence{Meta: m, Email: h.Email, Own: own, Away: page.AwayIn(a)}
			},
		},
		{
			name: "wieder-da", roles: by, then: then,
			offered: func(*desk, *process.Template) bool {
				return (own || len(by) > 0) && slices.ContainsFunc(h.Away, func(a process.Period) bool { return !a.To.Before(d.today) })
			},
			command: func(m command.Meta, _ process.Ref, a form.Answers) command.Command {
				return command.Return{Meta: m, Email: h.Email, Own: own, Reason: reasonOf(a)}
			},
		},
	}
}

// inAllCases repeats what somebody who is signed in says of their own absence in
// the other cases in which they hold a role. Where it cannot be it is left out;
// when the process dies before all are done, saying it again does the rest.
func (x *Service) inAllCases(ctx context.Context, d *desk, cmd command.Command, now time.Time) error {
	switch c := cmd.(type) {
	case command.Absence:
		if !c.Own {
			return nil
		}
	case command.Return:
		if !c.Own {
			return nil
		}
	default:
		return nil
	}
	mine, err := x.mine(ctx, d.user)
	if err != nil {
		return err
	}
	for _, o := range mine {
		if o.ID == d.ID || o.Head.Status.Ended() || len(o.own()) == 0 {
			continue
		}
		_, err := x.Do(ctx, o.ID, cmd, now)
		if err != nil && !slices.ContainsFunc(
			[]error{command.ErrAlready, command.ErrNobody, command.ErrAway, command.ErrPeriod},
			func(known error) bool { return errors.Is(err, known) }) {
			return err
		}
	}
	return nil
}

// ofPeople says in words what happened to who does things, "" for what else
// happened. By role; by name only whom the case knows, for those who see contacts.
func (x *Service) ofPeople(p web.Page, d *desk, e process.Event, title, by string) string {
	key, roles := "workflow.history."+string(e.Kind), x.RoleNames(p, e.Roles)
	switch e.Kind {
	case process.Named:
		return x.named(p, e, key, roles, by)
	case process.RoleEnded:
		return p.T(key, roles, p.Short(e.Due), by)
	case process.WentAway:
		return p.T(key, roles, p.Short(e.From), p.Short(e.Due), by)
	case process.CameBack:
		return p.T(key, roles, by)
	case process.Unreachable:
		return p.T(key, roles)
	case process.HandedOver:
		return handedOver(p, d, e, key, title, by)
	case process.Readdressed:
		return readdressed(p, d, e, key, roles, title)
	}
	return ""
}

func (x *Service) named(p web.Page, e process.Event, key, roles, by string) string {
	switch {
	case e.From.IsZero() && e.Due.IsZero():
		return p.T(key, roles, by)
	case e.Due.IsZero():
		return p.T(key+".from", roles, by, p.Short(e.From))
	case e.From.IsZero():
		return p.T(key+".to", roles, by, "", p.Short(e.Due))
	}
	return p.T(key+".span", roles, by, p.Short(e.From), p.Short(e.Due))
}

// handedOver says to whom somebody gave a step, or who was asked beside them.
func handedOver(p web.Page, d *desk, e process.Event, key, title, by string) string {
	who := d.whom(p, e)
	switch {
	case e.Gap != "":
		return p.T(key+".gap", title, by)
	case e.Beside:
		key += ".beside"
	}
	if who == "" {
		return p.T(key, title, by)
	}
	return p.T(key+".to", title, who, by)
}

// readdressed says who is asked of a step newly, who is left, or why nobody is.
func readdressed(p web.Page, d *desk, e process.Event, key, roles, title string) string {
	who := d.whom(p, e)
	switch {
	case e.Gap != "":
		return p.T(key+".gap", p.T("workflow.gap."+string(e.Gap)), title)
	case roles != "":
		return p.T(key+".to", cmp.Or(who, roles), title)
	case who != "":
		return p.T(key+".now", title, who)
	}
	return p.T(key, title)
}

// whom are who an event asks of a step, as far as the case still knows them: by
// the step, or by a role that they hold.
func (d *desk) whom(p web.Page, e process.Event) string {
	known := slices.Clone(d.Steps[e.Ref()].Asked)
	for _, role := range namedRoles {
		for _, h := range d.People[role] {
			known = append(known,
				process.Asked{Role: role, Name: h.Name, Email: h.Email},
				process.Asked{Role: role, Name: h.DeputyName, Email: h.Deputy, For: h.Email})
		}
	}
	var out []string
	for _, hash := range e.Whom {
		at := slices.IndexFunc(known, func(a process.Asked) bool { return cases.WhoHash(a.Email) == hash })
		if at >= 0 {
			out = append(out, nameOf(p, d, known[at]))
		}
	}
	return strings.Join(slices.Compact(out), ", ")
}
