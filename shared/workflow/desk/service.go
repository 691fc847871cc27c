// Package desk serves the cases to who is signed in: open work, the list of
// cases, one case with its history, its steps, and what can be done with them.
//
// Who sees what is in access.go: the service office everything, others the
// cases in which they hold a role, by kokoma.md 6.1. What somebody may not see
// is not found. Read tasks.go, nudge.go, forecast.go, list.go, municipalities.go,
// casepage.go, history.go, steps.go (doing and reading a step), rounds.go (a step
// as it was answered before), report.go (quarterly reports to print),
// assessments.go (how far the conflict has gone), concept.go (what the steps of
// phase C add up to), calendar.go (when the municipality works), letter.go (a
// step on paper), actions.go and roles.go (who holds which role); versions.go,
// move.go and rehearsal.go are about the process itself.
package desk

import (
	"kokoma/shared/web"
	"kokoma/shared/workflow/page"
)

// Service serves the desk.
type Service struct{ *page.Service }

// New returns the service.
func New(p *page.Service) *Service { return &Service{p} }

// Who finds what at the desk, by kokoma.md 6.1 and design.md 11.12. Which cases
// somebody finds is a matter of each case.
var (
	taskRoles = []string{"SVC", "EXT", "LOK", "TRA", "FED", "KUF", "LEI", "STG", "BUE", "KM"}
	caseRoles = []string{"SVC", "EXT", "LOK", "TRA", "FED", "KUF", "LEI", "STG"}
)

// Routes adds the desk.
func (x *Service) Routes(mux web.Mux) {
	desk := func(h web.HandlerFunc) web.HandlerFunc { return web.RequireUser(h, caseRoles...) }
	office := func(h web.HandlerFunc) web.HandlerFunc { return web.RequireUser(officeOnly(h), "SVC") }
	for pattern, h := range map[string]web.HandlerFunc{
		"GET /vorgaenge/prozess":                       office(x.showVersions),
		"GET /vorgaenge/prozess/umstellung":            office(x.showMove),
		"POST /vorgaenge/prozess/umstellung":           office(x.receiveMove),
		"POST /vorgaenge/prozess/probe":                office(x.beginRehearsal),
		"POST /vorgaenge/{case}/probe/{do}":            office(x.rehearse),
		"GET /aufgaben":                                web.RequireUser(x.showTasks, taskRoles...),
		"GET /aufgaben/erinnern":                       desk(x.showNudge),
		"POST /aufgaben/erinnern":                      desk(x.receiveNudge),
		"GET /aufgaben/vorschau":                       desk(x.showForecast),
		"GET /vorgaenge":                               desk(x.showCases),
		"GET /vorgaenge/{case}":                        desk(x.showCase),
		"GET /vorgaenge/{case}/schritte/{step}":        desk(x.showStep),
		"POST /vorgaenge/{case}/schritte/{step}":       desk(x.receiveStep),
		"GET /vorgaenge/{case}/schritte/{step}/{do}":   desk(x.showAction),
		"POST /vorgaenge/{case}/schritte/{step}/{do}":  desk(x.receiveAction),
		"GET /vorgaenge/{case}/konzept":                desk(x.showConcept),
		"GET /vorgaenge/{case}/rollen":                 desk(x.showRoles),
		"GET /vorgaenge/{case}/kalender":               desk(x.showCalendar),
		"POST /vorgaenge/{case}/kalender":              desk(x.receiveCalendar),
		"GET /vorgaenge/{case}/schritte/{step}/brief":  desk(x.showLetter),
		"POST /vorgaenge/{case}/schritte/{step}/brief": desk(x.receiveLetter),
		"GET /vorgaenge/{case}/{do}":                   desk(x.showAction),
		"POST /vorgaenge/{case}/{do}":                  desk(x.receiveAction),
		"GET /vorgaenge/{case}/einschaetzungen":        desk(x.showAssessments),
		"GET /kommunen":                                desk(x.showMunicipalities),
		"GET /kommunen/{key}":                          desk(x.showMunicipality),

		"GET /vorgaenge/{case}/bericht/{n}":                   desk(x.showReport),
		"GET /vorgaenge/{case}/schritte/{step}/durchgang/{n}": desk(x.showRound),
	} {
		mux.Handle(pattern, x.Site.Handle(h))
	}
}
