package workflow

import (
	"kokoma/shared/web"
)

// Who finds what at the desk, by kokoma.md 6.1 and design.md 11.12. Which cases
// somebody finds is a matter of each case.
var (
	taskRoles = []string{"SVC", "EXT", "LOK", "TRA", "FED", "KUF", "LEI", "STG", "BUE", "KM"}
	caseRoles = []string{"SVC", "EXT", "LOK", "TRA", "FED", "KUF", "LEI", "STG"}
)

// Routes adds the steps by link and the desk.
func (x *Service) Routes(mux web.Mux) {
	desk := func(h web.HandlerFunc) web.HandlerFunc { return web.RequireUser(h, caseRoles...) }
	for pattern, h := range map[string]web.HandlerFunc{
		"GET /s/{token}":              x.showLink,
		"POST /s/{token}":             x.receiveLink,
		"GET /s/{token}/fertig":       x.showDone,
		"GET /s/{token}/weitergeben":  x.showHandover,
		"POST /s/{token}/weitergeben": x.receiveHandover,
		"POST /s/{token}/code":        x.sendCode,
		"GET /s/{token}/code":         x.showCode,
		"POST /s/{token}/oeffnen":     x.receiveCode,

		"GET /aufgaben":                               web.RequireUser(x.showTasks, taskRoles...),
		"GET /vorgaenge":                              desk(x.showCases),
		"GET /vorgaenge/{case}":                       desk(x.showCase),
		"GET /vorgaenge/{case}/schritte/{step}":       desk(x.showStep),
		"POST /vorgaenge/{case}/schritte/{step}":      desk(x.receiveStep),
		"GET /vorgaenge/{case}/schritte/{step}/{do}":  desk(x.showAction),
		"POST /vorgaenge/{case}/schritte/{step}/{do}": desk(x.receiveAction),
		"GET /vorgaenge/{case}/{do}":                  desk(x.showAction),
		"POST /vorgaenge/{case}/{do}":                 desk(x.receiveAction),
		"GET /kommunen":                               web.RequireUser(x.showMunicipalities, caseRoles...),
	} {
		mux.Handle(pattern, x.Site.Handle(h))
	}
}
