package account

import (
	"context"
	"net/http"
	"slices"

	"kokoma/shared/mail"
	"kokoma/shared/web"
)

// maxRoles keeps a person's item small.
const maxRoles = 200

// peoplePage lists who may sign in, and lets the office change it.
type peoplePage struct {
	web.Page
	People   []personRow
	MayEdit  bool
	Done     string
	Wish     wish
	Roles    []optionGroup // that the signed-in person may give
	Local    bool          // some of them are for one municipality
	Problems []shownProblem
	Wrong    map[string]string // text of the problem by field
}

type personRow struct {
	ID, Name, Email string
	Roles           []roleRow
}

type roleRow struct {
	Code, Label  string
	Municipality string // as in the role: a municipality's key or a case number, empty for all
	Where        string
	Kept         bool // not to be taken by who looks at it
}

type option struct {
	Value, Label string
	Selected     bool
}

type optionGroup struct {
	Label   string
	Options []option
}

type shownProblem struct{ Field, Text string }

func (s *Service) showPeople(w http.ResponseWriter, r *http.Request) error {
	p, err := s.peoplePage(r, wish{})
	if err != nil {
		return err
	}
	switch r.FormValue("ok") {
	case "neu":
		p.Done = p.T("account.people.added")
	case "weg":
		p.Done = p.T("account.people.removed")
	}
	return s.pages.Render(w, r, http.StatusOK, "people", p)
}

func (s *Service) peoplePage(r *http.Request, typed wish) (*peoplePage, error) {
	p := &peoplePage{Page: s.Site.Page(r, "account.people.title"), Wish: typed}
	p.Wide()
	p.MayEdit = p.User.Has("SVC", "ADM")
	people, err := s.store.people(r.Context())
	if err != nil {
		return nil, err
	}
	for _, one := range people {
		row, err := s.personRow(r.Context(), p.Page, one)
		if err != nil {
			return nil, err
		}
		p.People = append(p.People, row)
	}
	p.addRoles("account.people.everywhere", everywhere())
	p.Local = p.addRoles("account.people.somewhere", somewhere())
	return p, nil
}

// addRoles offers those of the roles that the signed-in person may give, if any.
func (p *peoplePage) addRoles(key string, codes []string) bool {
	mine := slices.DeleteFunc(codes, func(code string) bool { return !mayGive(p.User, code) })
	if len(mine) > 0 {
		p.Roles = append(p.Roles, optionGroup{p.T(key), roleOptions(p.Page, mine, p.Wish.Role)})
	}
	return len(mine) > 0
}

func roleOptions(p web.Page, codes []string, selected string) []option {
	options := make([]option, len(codes))
	for i, c := range codes {
		options[i] = option{c, p.T("account.role." + c), c == selected}
	}
	return options
}

func (s *Service) personRow(ctx context.Context, page web.Page, one person) (personRow, error) {
	row := personRow{ID: hash(one.Email), Name: one.Name, Email: one.Email}
	if row.Name == "" {
		row.Name = one.Email
	}
	for _, role := range one.Roles {
		where, err := s.placeName(ctx, role.Municipality)
		if err != nil {
			return personRow{}, err
		}
		row.Roles = append(row.Roles, roleRow{
			Code: role.Code, Label: page.T("account.role." + role.Code), Municipality: role.Municipality, Where: where,
			Kept: !mayTake(page.User, row.ID, role),
		})
	}
	return row, nil
}

// placeName is a municipality's name, or its key when the register lacks it.
func (s *Service) placeName(ctx context.Context, key string) (string, error) {
	if key == "" || s.Register == nil {
		return key, nil
	}
	m, ok, err := s.Register.Find(ctx, key)
	if err != nil || !ok {
		return key, err
	}
	return m.Name + " (" + key + ")", nil
}

// mayGive reports whether u may give and take the role: the service office all, the platform
// administration its own and the data protection officer's. Nobody gives themselves more by it.
func mayGive(u *web.User, code string) bool {
	return u.Has("SVC") || u.Has("ADM") && (code == "ADM" || code == "DSB")
}

// mayTake leaves people their own administration, too: nobody locks themselves out.
func mayTake(u *web.User, id string, r web.Role) bool {
	own := id == hash(u.Email) && (r.Code == "SVC" || r.Code == "ADM")
	return mayGive(u, r.Code) && !own
}

// addRole gives somebody a role, and makes them known if they are not.
func (s *Service) addRole(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	f := r.PostForm
	typed := wish{f.Get("email"), f.Get("name"), f.Get("role"), f.Get("municipality")}.trimmed()
	problems := typed.check()
	if typed.Role != "" && !mayGive(web.UserFrom(r.Context()), typed.Role) {
		problems = []problem{{"role", "account.problem.role"}}
	}
	if len(problems) > 0 {
		return s.refuseRole(w, r, typed, problems)
	}
	address, err := mail.Address(typed.Email)
	if err != nil {
		return err // check has seen to it
	}
	role, full := web.Role{Code: typed.Role, Municipality: typed.Municipality}, false
	err = s.store.change(r.Context(), hash(address), func(p *person, _ bool) bool {
		p.Email, p.Name = address, typed.Name
		if !slices.Contains(p.Roles, role) {
			p.Roles = append(p.Roles, role)
		}
		full = len(p.Roles) > maxRoles
		return !full
	})
	if err != nil {
		return err
	}
	if full {
		return s.refuseRole(w, r, typed, []problem{{"role", "account.problem.full"}})
	}
	return web.Redirect(w, r, "/verwaltung?ok=neu")
}

func (s *Service) refuseRole(w http.ResponseWriter, r *http.Request, typed wish, problems []problem) error {
	p, err := s.peoplePage(r, typed)
	if err != nil {
		return err
	}
	p.Wrong = map[string]string{}
	for _, one := range problems {
		text := p.T(one.Key)
		p.Problems = append(p.Problems, shownProblem{one.Field, text})
		p.Wrong[one.Field] = text
	}
	p.Fault(true)
	return s.pages.Render(w, r, http.StatusUnprocessableEntity, "people", p)
}

// removeRole takes a role away; who has none left can no longer sign in. It holds from the next
// request on, since roles are read with each.
func (s *Service) removeRole(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	f := r.PostForm
	id, role := f.Get("person"), web.Role{Code: f.Get("role"), Municipality: f.Get("municipality")}
	if !mayTake(web.UserFrom(r.Context()), id, role) {
		return web.ErrNotFound
	}
	err := s.store.change(r.Context(), id, func(p *person, found bool) bool {
		before := len(p.Roles)
		p.Roles = slices.DeleteFunc(p.Roles, func(x web.Role) bool { return x == role })
		return found && len(p.Roles) < before
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/verwaltung?ok=weg")
}
