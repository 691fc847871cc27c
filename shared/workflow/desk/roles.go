package desk

import (
	"kokoma/shared/web"
	"kokoma/shared/workflow/process"
)

// ofPeople says in words what happened to who does things, "" for what else
// happened. By role, never by name.
func (x *Service) ofPeople(p web.Page, e process.Event, title, by string) string {
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
	case process.Opened, process.HandedOver, process.Readdressed:
		return gapOrTo(p, e, key, roles, title, by)
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

// gapOrTo adds to a step's line why nobody is asked, or who newly is.
func gapOrTo(p web.Page, e process.Event, key, roles, title, by string) string {
	gap := p.T("workflow.gap." + string(e.Gap))
	switch {
	case e.Kind == process.Readdressed && e.Gap != "":
		return p.T(key+".gap", gap, title)
	case e.Kind == process.Readdressed && roles != "":
		return p.T(key+".to", roles, title)
	case e.Kind == process.Readdressed:
		return p.T(key, title)
	case e.Gap == "":
		return ""
	case e.Kind == process.Opened:
		return p.T(key+".gap", title, p.Short(e.Due), gap)
	}
	return p.T(key+".gap", title, by)
}
