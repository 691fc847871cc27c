package link

import (
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"kokoma/shared/mail"
	"kokoma/shared/web"
)

// Who has lost a mail asks for its link again. The answer is the same whether
// the address is known or not, and whether it asked too often: nobody learns
// from it who takes part.

var (
	againLimit = web.Limit{Name: "again", Max: 3, Per: time.Hour}       // mails to one address
	fromLimit  = web.Limit{Name: "again-from", Max: 60, Per: time.Hour} // requests from one connection
)

type againPage struct {
	web.Page
	Asked   bool
	Email   string
	Problem string
}

func (x *Service) showAgain(w http.ResponseWriter, r *http.Request) error {
	return x.Pages.Render(w, r, http.StatusOK, "again", againPage{
		Page: x.Site.Page(r, "workflow.again.title"), Asked: r.URL.Query().Has("angefordert"),
	})
}

func (x *Service) receiveAgain(w http.ResponseWriter, r *http.Request) error {
	if err := web.ParseForm(r); err != nil {
		return err
	}
	ctx, now := r.Context(), x.Now()
	if err := x.limits.Take(ctx, fromLimit, x.Site.ClientAddress(r), now); err != nil {
		return err
	}
	typed := r.PostForm.Get("email")
	email, err := mail.Address(typed)
	if err != nil {
		p := againPage{Page: x.Site.Page(r, "workflow.again.title"), Email: typed}
		p.Problem = p.T("workflow.again.problem")
		p.Fault(true)
		return x.Pages.Render(w, r, http.StatusUnprocessableEntity, "again", p)
	}
	err = x.limits.Take(ctx, againLimit, email, now)
	if err == nil {
		err = x.MailAgain(ctx, email, rand.Text(), now)
	}
	if _, often := errors.AsType[*web.TooManyError](err); err != nil && !often {
		return err
	}
	return web.Redirect(w, r, "/neuer-link?angefordert")
}
