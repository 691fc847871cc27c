package intake

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/intake/begin"
	"kokoma/shared/intake/draft"
	"kokoma/shared/intake/legal"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// Texts and Mails are the texts of this noun, for lang.LoadCatalog and
// mail.LoadTemplates; Forms its definitions, for the check of all of them.
var (
	//go:embed texts.yaml
	Texts embed.FS
	//go:embed mail.yaml
	Mails embed.FS
	//go:embed forms/*.yaml
	Forms embed.FS

	//go:embed tmpl/*.html
	templates embed.FS
)

// Deps is what the expression of interest works with; all are needed.
type Deps struct {
	Table    table.Table
	Site     *web.Site
	Outbox   *mail.Outbox
	Links    *mail.Links
	Register *municipality.Register
	Log      *slog.Logger
	Now      func() time.Time
	Office   string // address of the service office, for what is urgent

	// Library has the versions of the form; nil: one of its own.
	Library *form.Library
	// OpenCase gives the operations that begin the case of a confirmed
	// expression of interest, and its number.
	OpenCase func(ctx context.Context, c Confirmed) (ops []table.Op, caseNo string, err error)
	// Answered gives the operations that tell the case that the municipality
	// has answered the service office's questions.
	Answered func(ctx context.Context, intakeID, caseNo string, now time.Time) ([]table.Op, error)
}

// Service serves the expression of interest.
type Service struct {
	Deps
	pages *web.Pages
	forms *form.Library
	// shipped is the expression of interest as it comes with the platform.
	shipped func() (*form.Form, error)
	drafts  draft.Store
	codes   draft.Codes
	begin   *begin.Service
	legal   *legal.Service
}

// New returns the service.
func New(d Deps) (*Service, error) {
	shipped := sync.OnceValues(func() (*form.Form, error) { return form.Load(Forms, "forms/intake.yaml") })
	forms := d.Library
	if forms == nil {
		forms = form.NewLibrary(d.Table, d.Now)
	}
	return &Service{
		Deps: d, pages: d.Site.Pages(templates), forms: forms, shipped: shipped,
		drafts: draft.Store{Table: d.Table},
		codes:  draft.Codes{Table: d.Table, Links: d.Links, Outbox: d.Outbox},
		begin: begin.New(begin.Deps{
			Table: d.Table, Site: d.Site, Links: d.Links, Register: d.Register, Now: d.Now, Library: forms, Shipped: shipped,
		}),
		legal: legal.New(legal.Deps{
			Table: d.Table, Site: d.Site, Outbox: d.Outbox, Now: d.Now, Office: d.Office, Forms: Forms,
		}),
	}, nil
}

// Check compiles the definitions that are shipped, for the start and for CI.
func Check() error {
	_, interest := form.Load(Forms, "forms/intake.yaml")
	_, barrier := form.Load(Forms, "forms/barrier.yaml")
	return errors.Join(interest, barrier)
}

// Routes adds the pages of the expression of interest, the start page and the
// legal pages.
func (x *Service) Routes(mux web.Mux) {
	for pattern, h := range map[string]web.HandlerFunc{
		"GET /interessenbekundung/{token}":              x.showOverview,
		"POST /interessenbekundung/{token}":             x.openDraft,
		"POST /interessenbekundung/{token}/code":        x.sendCode,
		"GET /interessenbekundung/{token}/speichern":    x.showLater,
		"POST /interessenbekundung/{token}/speichern":   x.mailLater,
		"GET /interessenbekundung/{token}/pruefen":      x.showCheck,
		"POST /interessenbekundung/{token}/pruefen":     x.send,
		"GET /interessenbekundung/{token}/bestaetigen":  x.showConfirm,
		"POST /interessenbekundung/{token}/bestaetigen": x.confirm,
		"GET /interessenbekundung/{token}/{section}":    x.showSection,
		"POST /interessenbekundung/{token}/{section}":   x.receiveSection,
		"GET /interessenbekundungen/{id}":               web.RequireUser(x.showDesk, "SVC"),
		"GET /interessenbekundungen/dringend":           web.RequireUser(x.showDanger, "SVC"),
	} {
		mux.Handle(pattern, x.Site.Handle(h))
	}
	x.begin.Routes(mux)
	x.legal.Routes(mux)
}

// visit is a request to one draft.
type visit struct {
	draft.Entry
	token string
	may   bool // the browser may see the answers
	now   time.Time
}

// base is where the pages of the draft are.
func (v visit) base() string { return draft.PathBase + v.token }

// visit finds the draft of a request's link. Links that lead nowhere and drafts
// that are gone look the same.
func (x *Service) visit(r *http.Request) (visit, error) {
	token := r.PathValue("token")
	id, ok := x.Links.ID(token)
	if !ok {
		return visit{}, web.ErrUnknownLink
	}
	e, err := x.drafts.Load(r.Context(), id)
	if errors.Is(err, table.ErrNotFound) || err == nil && !x.leadsTo(token, e) {
		return visit{}, web.ErrUnknownLink
	}
	if err != nil {
		return visit{}, err
	}
	return visit{Entry: e, token: token, may: e.Admits(x.Site, r), now: x.Now()}, nil
}

// leadsTo checks a token. The link of a mail is bound to its recipient: when the
// draft's address changes, the link that went to the old one is void.
func (x *Service) leadsTo(token string, e draft.Entry) bool {
	link := draft.Link(e.ID)
	return slices.ContainsFunc([]string{"", e.Address, e.Contact(), e.Confirmed}, func(to string) bool {
		link.Recipient = to
		return x.Links.Check(token, link)
	})
}

// env is the world around the form.
func (x *Service) env(ctx context.Context, now time.Time) form.Env {
	return form.Env{
		Today: lang.DateOf(now), Now: now, Lang: lang.From(ctx),
		Lookup: func(key string) (string, bool) {
			m, ok, err := x.Register.Find(ctx, key)
			x.noteRegister(ctx, err)
			return m.Name, ok
		},
		Search: func(typed string) []form.Found {
			found, err := x.find(ctx, typed, 12)
			x.noteRegister(ctx, err)
			return offers(found)
		},
	}
}

// noteRegister logs that the register could not be read; what was typed then
// counts as not found, and can be sent again.
func (x *Service) noteRegister(ctx context.Context, err error) {
	if err != nil {
		x.Log.LogAttrs(ctx, slog.LevelError, "register of municipalities not read", slog.String("kind", fmt.Sprintf("%T", err)))
	}
}

var wholeNumber = regexp.MustCompile(`^[0-9]{5}([0-9]{3})?$`)

// find searches the register for what somebody typed into a field. A whole key
// or postcode means itself: that the key of an unknown county begins one key of
// the register does not make it that municipality.
func (x *Service) find(ctx context.Context, typed string, limit int) ([]municipality.Municipality, error) {
	typed = strings.TrimSpace(typed)
	if len(typed) > begin.MaxQuery {
		return nil, nil
	}
	found, err := x.Register.Search(ctx, typed, limit)
	if wholeNumber.MatchString(typed) {
		found = slices.DeleteFunc(found, func(m municipality.Municipality) bool {
			return m.Key != typed && m.Postcode != typed
		})
	}
	return found, err
}

func offers(found []municipality.Municipality) []form.Found {
	out := make([]form.Found, len(found))
	for i, m := range found {
		out[i] = form.Found{Key: m.Key, Label: m.Name + " (" + m.Key + ")"}
	}
	return out
}

// redirect leads to a page of the draft.
func (x *Service) redirect(w http.ResponseWriter, r *http.Request, v visit, page string) error {
	return web.Redirect(w, r, v.base()+page)
}
