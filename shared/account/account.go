// Package account signs people in at the desk and says who they are: an address, a code by mail,
// a session. Respondents and people who do a step have no account; their link is what lets them in.
//
// Read in the request's order: web.go (sign-in and sign-out), limit.go (how often), session.go (who
// sends this request), admin.go (who may do what), account.go (types and rules), store.go (keys).
//
// Keys in the main table; every hash is SHA-256, so a dump of the table signs nobody in:
//
//	PK account#user#<hash of the normalised address>  SK user     a person, versioned; By: account#users, by name;
//	                                                                without roles neither name, address nor place
//	PK account#login#<hash of the browser's cookie>   SK login    a code was asked for; counter "tries"; expires after 10 minutes
//	PK account#session#<hash of the browser's cookie> SK session  somebody is signed in; expires with the session
//
// The code itself is stored nowhere: it is made from the login's key and nonce under the link key
// (mail.Links.Code), once for the mail and once to compare.
//
// When the process dies after asking for a code, the mail is in the outbox of the same write; after
// the sign-in was written but not answered, the person asks for another code.
package account

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// Texts are the texts of the pages, Mails those of the mails.
//
//go:embed texts.yaml
var Texts embed.FS

//go:embed mail.yaml
var Mails embed.FS

//go:embed tmpl/*.html
var templates embed.FS

// How long things last, and how often a code may be tried; limit.go has who may do what how often.
const (
	codeLife     = 10 * time.Minute
	codeTries    = 5
	sessionIdle  = 60 * time.Minute
	sessionLife  = 12 * time.Hour
	sessionTouch = 5 * time.Minute // a session's last use is written at most this often
)

// Deps is what the service is made of.
type Deps struct {
	Table    table.Table
	Site     *web.Site
	Outbox   *mail.Outbox
	Links    *mail.Links
	Register *municipality.Register // names the municipalities of roles; may be nil
	Log      *slog.Logger
	Now      func() time.Time
}

// Service signs people in.
type Service struct {
	Deps
	store   store
	limiter *web.Limiter
	pages   *web.Pages
}

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.Table == nil || d.Site == nil || d.Outbox == nil || d.Links == nil || d.Now == nil {
		return nil, errors.New("account needs table, site, outbox, links and clock")
	}
	return &Service{
		Deps: d, store: store{d.Table}, limiter: web.NewLimiter(d.Table), pages: d.Site.Pages(templates),
	}, nil
}

// person is a desk user as stored.
type person struct {
	Email string     `json:"email"`
	Name  string     `json:"name,omitempty"`
	Roles []web.Role `json:"roles"`
	Epoch int64      `json:"epoch,omitempty"` // sessions of an earlier epoch are over: signed out everywhere

	version int64
}

func (p person) user() *web.User {
	return &web.User{Email: p.Email, Name: p.Name, Roles: p.Roles}
}

// login is a code that was asked for, in one browser. It is the same for known and unknown addresses.
type login struct {
	Email string    `json:"email"` // in the spelling of mail.Address
	Nonce string    `json:"nonce"`
	Next  string    `json:"next,omitempty"`
	Until time.Time `json:"until"`

	key   string // hash of the cookie
	tries int64
}

// session is somebody signed in, in one browser.
type session struct {
	User    string    `json:"user"` // hash of the normalised address
	Epoch   int64     `json:"epoch,omitempty"`
	Started time.Time `json:"started"`
	Seen    time.Time `json:"seen"`
}

// until is when the session ends if nothing more happens.
func (s session) until() time.Time {
	idle, absolute := s.Seen.Add(sessionIdle), s.Started.Add(sessionLife)
	if idle.Before(absolute) {
		return idle
	}
	return absolute
}

// hash is what stands in a key for an address (in the spelling of mail.Address) or a cookie's value.
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// The roles of kokoma.md 1.3 that can sign in: those that hold everywhere, and those that hold for
// one municipality.
func everywhere() []string { return []string{"SVC", "EVA", "ADM", "DSB"} }

func somewhere() []string {
	return []string{"EXT", "LOK", "TRA", "FED", "KUF", "LEI", "STG", "BUE", "KM"}
}

var caseNo = regexp.MustCompile(`^KK-\d{4}-\d{4,6}$`)

// wish is a role that somebody should have, as typed at the desk.
type wish struct{ Email, Name, Role, Municipality string }

func (w wish) trimmed() wish {
	return wish{
		Email: strings.TrimSpace(w.Email), Name: strings.Join(strings.Fields(w.Name), " "),
		Role: w.Role, Municipality: strings.ToUpper(strings.Join(strings.Fields(w.Municipality), "")),
	}
}

// problem is something that has to be put right: a field and a text.
type problem struct{ Field, Key string }

// check says what has to be put right. A place may be a municipality's key or, for municipalities
// without one, the number of a case.
func (w wish) check() []problem {
	var found []problem
	add := func(field, key string) { found = append(found, problem{field, key}) }
	if _, err := mail.Address(w.Email); err != nil {
		add("email", "account.problem.email")
	}
	if n := utf8.RuneCountInString(w.Name); n == 0 || n > 120 {
		add("name", "account.problem.name")
	}
	local := slices.Contains(somewhere(), w.Role)
	switch {
	case !local && !slices.Contains(everywhere(), w.Role):
		add("role", "account.problem.role")
	case local && w.Municipality == "":
		add("municipality", "account.problem.where")
	case local && !municipality.ValidKey(w.Municipality) && !caseNo.MatchString(w.Municipality):
		add("municipality", "account.problem.municipality")
	case !local && w.Municipality != "":
		add("municipality", "account.problem.everywhere")
	}
	return found
}
