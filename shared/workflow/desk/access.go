package desk

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// held are the roles that the signed-in person holds in a case: the service
// office in all of them, others by their address or where their account is
// bound to this case or its municipality.
func held(u *web.User, c *cases.Record, today lang.Date) []string {
	var out []string
	for _, r := range u.Roles {
		if bound(r, c) || r.Municipality == "" && r.Code == "SVC" {
			out = append(out, r.Code)
		}
	}
	for _, code := range c.People.RolesOf(process.Address(u.Email), today) {
		if !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}

// bound says whether a role is for this case: by its number or the key of its
// municipality, as they are entered at /verwaltung. A key that somebody typed
// for a municipality that the register lacks proves nothing.
func bound(r web.Role, c *cases.Record) bool {
	m := c.Head.Municipality
	return r.Municipality != "" && (r.Municipality == c.ID || r.Municipality == c.Head.No || r.Municipality == m.Key && !m.ByHand)
}

func anyOf(list []string, wanted ...string) bool {
	return slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(list, w) })
}

// desk is a signed-in person before a case.
type desk struct {
	*cases.Record
	user   *web.User
	roles  []string
	today  lang.Date
	listed cases.Listed // where the case was found in the list
}

// before puts a person before a case, on the case's day.
func (x *Service) before(c *cases.Record, u *web.User) *desk {
	today := lang.DateOf(c.Now(x.Now()))
	return &desk{Record: c, user: u, roles: held(u, c, today), today: today}
}

// has says whether the person holds one of the roles here.
func (d *desk) has(codes ...string) bool { return anyOf(d.roles, codes...) }

// enterCase opens the case of a request. What somebody may not see does not
// exist for them.
func (x *Service) enterCase(r *http.Request) (*desk, error) {
	c, err := x.Load(r.Context(), r.PathValue("case"))
	if errors.Is(err, table.ErrNotFound) {
		return nil, web.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	u := web.UserFrom(r.Context())
	d := x.before(c, u)
	if !d.has(caseRoles...) || cases.IsRehearsal(c.ID) && !u.HasIn("", "SVC") {
		return nil, web.ErrNotFound
	}
	return d, nil
}

// overview says whether the person sees the case, and not only the steps that
// are asked of them, design.md 11.12.
func (d *desk) overview() bool { return d.has("SVC", "EXT", "LOK", "FED", "KUF", "LEI", "STG") }

// readsNotes says whether the person reads what is restricted in a step: the
// tandem, who does the step, and the head of administration where it is about
// protecting people.
func (d *desk) readsNotes(t *process.Template) bool {
	return d.has("EXT", "LOK") || t.Safety() && d.has("LEI") || d.doer(t) != ""
}

// visible leaves out of answers what the person may not read, and says whether
// that was anything.
func (d *desk) visible(t *process.Template, f *form.Form, a form.Answers) (form.Answers, bool) {
	if d.readsNotes(t) {
		return a, false
	}
	return withoutRestricted(t, f, a)
}

// withoutRestricted leaves out of answers what is not for all who see the case,
// and says whether that was anything.
func withoutRestricted(t *process.Template, f *form.Form, a form.Answers) (form.Answers, bool) {
	out, hidden := a.Clone(), false
	for _, field := range f.Fields() {
		if t.TandemOnly(field) && field.Type != "repeat" {
			hidden = drop(out, strings.Split(field.Path, ".")) || hidden
		}
	}
	return out, hidden
}

// drop takes what stands at a path out of the answers, in all rows of all
// repeats on the way, and says whether that was anything.
func drop(a form.Answers, path []string) bool {
	name := path[0]
	if len(path) == 1 {
		found := !a[name].Empty()
		delete(a, name)
		return found
	}
	found := false
	for _, row := range a.Rows(name) {
		found = drop(row, path[1:]) || found
	}
	return found
}

// doer is the role in which the person does a step, "" when it is not theirs.
func (d *desk) doer(t *process.Template) string {
	for _, role := range t.Actors() {
		if slices.Contains(d.roles, role) {
			return role
		}
	}
	return ""
}

// recorder is the role in which the person records a step for somebody else.
func (d *desk) recorder() string {
	for _, role := range []string{"SVC", "EXT", "LOK"} {
		if slices.Contains(d.roles, role) {
			return role
		}
	}
	return ""
}
