// Package link serves the steps by personal link, without an account.
//
// A link opens the questions of one step, never what somebody wrote: a mail
// scanner follows links, too, and presses what it finds. What was saved is
// shown to the browser that saved it, or after typing the code that a button
// mails to the link's recipient (code.go). A link is good until its step is
// done; then it looks like any unknown one, but to the browser that did it, and
// to the other half of the tandem it says that the step is done (tandem.go).
//
// Read link.go (a step), code.go, handover.go, away.go, again.go (a lost link),
// present.go (what can be done at any time), second.go (four eyes), withdraw.go
// and decision.go (the reasons of a decision, for the lead office).
package link

import (
	"kokoma/shared/web"
	"kokoma/shared/workflow/page"
)

// Service serves links.
type Service struct {
	*page.Service
	limits *web.Limiter
}

// New returns the service.
func New(p *page.Service) *Service {
	return &Service{Service: p, limits: web.NewLimiter(p.Table)}
}

// Routes adds the pages behind links.
func (x *Service) Routes(mux web.Mux) {
	for pattern, h := range map[string]web.HandlerFunc{
		"GET /s/{token}":                x.showLink,
		"POST /s/{token}":               x.receiveLink,
		"GET /s/{token}/fertig":         x.showDone,
		"GET /s/{token}/weitergeben":    x.showHandover,
		"POST /s/{token}/weitergeben":   x.receiveHandover,
		"POST /s/{token}/gegenlesen":    x.receiveSecond,
		"GET /s/{token}/zurueckziehen":  x.showWithdraw,
		"POST /s/{token}/zurueckziehen": x.receiveWithdraw,
		"POST /s/{token}/zuruecknehmen": x.receiveTakeBack,
		"GET /s/{token}/abwesend":       x.showAway,
		"POST /s/{token}/abwesend":      x.receiveAway,
		"GET /s/{token}/code":           x.showCode,
		"POST /s/{token}/code":          x.sendCode,
		"POST /s/{token}/oeffnen":       x.receiveCode,
		"GET /neuer-link":               x.showAgain,
		"POST /neuer-link":              x.receiveAgain,
	} {
		mux.Handle(pattern, x.Site.Handle(h))
	}
}
