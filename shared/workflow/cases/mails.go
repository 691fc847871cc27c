package cases

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/workflow/process"
)

// Mails say title, date and link, never what anybody wrote. Their keys hold
// step and iteration, so that nothing is mailed twice for one cause.

const linkPath = "/s/{token}"

// mails are the mails that a row calls for; was is the case before it.
func (x *Service) mails(c *Record, row process.Row, was process.State) []mail.Entry {
	var out []mail.Entry
	news := was.Head.News // what roles have yet to hear of
	for _, e := range row.Events {
		st := c.Steps[e.Ref()]
		told := news
		news = news.After(e)
		if e.Quiet {
			continue
		}
		switch e.Kind {
		case process.Opened:
			out = append(out, x.tell(c, x.opened(c, st, e), st, told)...)
		case process.Carried:
			out = append(out, x.carried(c, e, row)...)
		case process.Configured:
			if e.Post == process.ByMail {
				out = append(out, x.ask(c, st, "step", fmt.Sprint("mail", row.Seq), st.Asked)...)
			}
		case process.HandedOver, process.Readdressed:
			out = append(out, x.handed(c, st, e)...)
		case process.Resumed:
			if st.State == process.Submitted { // whom nothing reminds; what waited was dropped
				out = append(out, x.toSecond(c, st, fmt.Sprint("again", row.Seq), before(st, row))...)
			}
		case process.WentAway:
			out = append(out, x.wentAway(c, e, row))
		case process.Nudged:
			out = append(out, x.nudge(c, st, lang.DateOf(row.At))...)
		case process.SafetyRaised:
			out = append(out, x.safety(c, e)...)
		case process.Handed:
			if e.Gap != "" {
				out = append(out, x.toOffice(c, st, "m_nobody", "nosecond"))
			}
			out = append(out, x.toSecond(c, st, "second", st.Asked)...)
		case process.StatusChanged:
			out = append(out, x.decided(c, e, row)...)
			out = append(out, x.ended(c, e, row, was)...)
		}
	}
	return out
}

// before are who is asked of a step and was before the row: whoever the row itself
// adds is mailed for that.
func before(st process.Step, row process.Row) []process.Asked {
	adds := slices.ContainsFunc(row.Events, func(e process.Event) bool {
		return e.Kind == process.Readdressed && !e.Quiet && e.Ref() == st.Ref
	})
	return slices.DeleteFunc(slices.Clone(st.Asked), func(a process.Asked) bool { return adds && a.Rev == st.Rev })
}

// handed mails who is asked of a step now and was not before.
func (x *Service) handed(c *Record, st process.Step, e process.Event) []mail.Entry {
	var out []mail.Entry
	if e.Gap != "" && !st.AnyTime() {
		out = append(out, x.toOffice(c, st, "m_nobody", fmt.Sprint("gap", st.Rev)))
	}
	fresh := slices.DeleteFunc(slices.Clone(st.Asked), func(a process.Asked) bool { return a.Rev != st.Rev })
	if st.State == process.Submitted {
		return append(out, x.toSecond(c, st, "second", fresh)...)
	}
	return append(out, x.ask(c, st, stepTemplate(st), "handed", fresh)...)
}

func (x *Service) opened(c *Record, st process.Step, e process.Event) []mail.Entry {
	switch {
	case !c.Head.Status.Running():
		return nil // it ended or rests in the same breath
	case st.AnyTime() && (st.Iteration > 1 || st.Nobody()):
		return nil // it has been there since it first opened; whoever comes to the role is told
	case st.Nobody():
		return []mail.Entry{x.toOffice(c, st, "m_nobody", "nobody")}
	case st.Due.IsZero():
		return x.ask(c, st, stepTemplate(st), "ready", st.Asked)
	case st.Iteration > 1 && e.Left == process.Skipped:
		return x.ask(c, st, "reopened", "ready", st.Asked)
	case st.Iteration > 1 && st.Comment != "":
		return x.ask(c, st, "returned", "ready", st.Asked)
	}
	return x.ask(c, st, "step", "ready", st.Asked)
}

// stepTemplate is the mail that asks for a step.
func stepTemplate(st process.Step) string {
	if st.Due.IsZero() {
		return "step_any"
	}
	return "step"
}

// pastDue are the mails that say of a date that it has passed, by those that
// say that it is to come.
var pastDue = map[string]string{"step": "step_late", "remind1": "remind2"}

// worded is the mail as it has to read on a day.
func worded(template string, due, day lang.Date) string {
	if late, ok := pastDue[template]; ok && !due.IsZero() && due.Before(day) {
		return late
	}
	return template
}

// missed are the mails that say of a date that it was missed, whenever they go.
var missed = []string{"escalate_tan", "escalate_svc", "m_remind3", "m_remind4", "m_call_paper"}

// redate words a mail that waited for the day on which it goes, and for the date
// that its step has by then: it can have been moved. False when the mail is only
// about the date that was.
func redate(e *mail.Entry, due, day lang.Date) bool {
	said := e.Params["due_date"]
	if said == "" || due.IsZero() {
		return true
	}
	if slices.Contains(missed, e.Template) {
		return said == due.String()
	}
	e.Params["due_date"] = due.String()
	for early, late := range pastDue {
		if e.Template == early || e.Template == late {
			e.Template = worded(early, due, day)
			break
		}
	}
	return true
}

// tell adds what has been done meanwhile for the information of who is asked:
// each step once, in the order in which it was done first.
func (x *Service) tell(c *Record, mails []mail.Entry, st process.Step, news process.News) []mail.Entry {
	for i, e := range mails {
		at := slices.IndexFunc(st.Asked, func(a process.Asked) bool { return a.Email == e.To })
		if at < 0 || e.Link == nil {
			continue
		}
		var keys, titles []string
		times := map[string]int{}
		for _, key := range news.Steps(st.Asked[at].Role) {
			if times[key]++; times[key] == 1 && c.Def.Template(key) != nil {
				keys = append(keys, key)
			}
		}
		for _, key := range keys {
			title := c.Def.Template(key).Title.In(e.Lang)
			if n := times[key]; n > 1 {
				title = x.Text(e.Lang, "workflow.news.times", title, n)
			}
			titles = append(titles, title)
		}
		if len(titles) > 0 {
			mails[i].Params["news"] = strings.Join(titles, "; ")
		}
	}
	return mails
}

// ask mails the step to these people, each with a link of their own.
func (x *Service) ask(c *Record, st process.Step, template, why string, to []process.Asked) []mail.Entry {
	var out []mail.Entry
	template = worded(template, st.Due, c.today)
	for i, a := range to {
		if a.Writes(c.Head.Settings) {
			continue // a letter is on the service office's desk
		}
		e := x.about(c, st, a.Lang)
		e.Key = fmt.Sprintf("%s#%s#%d.%d", MailKey(c.ID, st.Ref), why, st.Rev, i)
		e.Template, e.To, e.ToName, e.Lang = template, a.Email, a.Name, a.Lang
		x.inPlace(&e, a)
		link := StepLink(c.ID, st.Ref, a.Email, a.Rev)
		e.Link, e.LinkPath = &link, linkPath
		if a.Role != "SVC" {
			e.HandoverPath = linkPath + "/weitergeben"
		}
		out = append(out, e)
	}
	return out
}

// toSecond asks those to have a look who may accept what somebody else
// submitted. The service office does that at the desk, where it sees as well
// whom in paper mode it has to call.
func (x *Service) toSecond(c *Record, st process.Step, why string, to []process.Asked) []mail.Entry {
	to = slices.DeleteFunc(slices.Clone(to), func(a process.Asked) bool { return a.Writes(c.Head.Settings) })
	out := x.ask(c, st, "four_eyes", why, to)
	for i, a := range to {
		out[i].HandoverPath = ""
		if a.Role == "SVC" {
			out[i].Link, out[i].LinkPath = nil, "/vorgaenge/"+c.ID+"/schritte/"+st.Ref.Step
		}
	}
	return out
}

// MailKey begins the keys of the mails on a step, and is their topic.
func MailKey(id string, ref process.Ref) string {
	return Prefix + id + "#" + ref.Step + "#" + strconv.Itoa(ref.Iteration)
}

// about is what every mail on a step says.
func (x *Service) about(c *Record, st process.Step, l lang.Lang) mail.Entry {
	p := map[string]string{}
	if !st.Due.IsZero() {
		p["due_date"] = st.Due.String()
	}
	if t := c.Def.Template(st.Ref.Step); t != nil {
		p["step_title"], p["ask"] = t.Title.In(l), t.Asks.In(l)
		if n := t.Minutes(); n > 0 {
			p["minutes"] = strconv.Itoa(n)
		}
	}
	var names []string
	for _, role := range []string{"EXT", "LOK"} {
		for _, h := range c.Reach(role, c.today) {
			if h.Name != "" {
				names = append(names, h.Name)
			}
		}
	}
	p["tandem_name"] = strings.Join(names, ", ")
	return mail.Entry{
		Params: p, Lang: l, Land: c.Head.Municipality.Land, Settings: c.Head.Settings, CaseNo: c.Head.No, Class: mail.Step,
		Topic: MailKey(c.ID, st.Ref),
	}
}

// toOffice mails the service office about a step.
func (x *Service) toOffice(c *Record, st process.Step, template, why string) mail.Entry {
	e := x.about(c, st, lang.DE)
	e.Key = MailKey(c.ID, st.Ref) + "#" + why + "#" + strconv.Itoa(len(st.Moved))
	e.Template, e.To, e.LinkPath = template, x.Office, "/vorgaenge/"+c.ID
	if st.Gap != "" {
		e.Params["why"] = x.Text(e.Lang, "workflow.gap."+string(st.Gap))
	}
	return e
}

// safety asks the service office and the companion from outside to call; what
// it is about is not in a mail. Who was named for a role has no account by that,
// so only the office is led to its desk.
func (x *Service) safety(c *Record, e process.Event) []mail.Entry {
	to := append([]process.Asked{{Email: x.Office, Lang: lang.DE}}, c.Reach("EXT", c.today)...)
	var out []mail.Entry
	for i, h := range to {
		m := mail.Entry{
			Key: fmt.Sprintf("%s#safety#%d", MailKey(c.ID, e.Ref()), i), Template: "m_safety_ext", Class: mail.Safety,
			To: h.Email, ToName: h.Name, Lang: h.Lang, CaseNo: c.Head.No,
			Land: c.Head.Municipality.Land, Settings: c.Head.Settings,
		}
		if h.Email == x.Office {
			m.Template, m.LinkPath = "m_safety_svc", "/vorgaenge/"+c.ID
		}
		out = append(out, m)
	}
	return out
}

// decided tells the lead office what became of its expression of interest.
func (x *Service) decided(c *Record, e process.Event, row process.Row) []mail.Entry {
	template := decisions[e.Status]
	if template == "" {
		return nil
	}
	ref := row.Events[0].Ref()
	var out []mail.Entry
	for i, h := range c.told(e, row) {
		if h.Writes(c.Head.Settings) {
			continue // toWrite
		}
		m := mail.Entry{
			Key:      fmt.Sprintf("%s#decided#%d.%d", MailKey(c.ID, ref), row.Seq, i),
			Template: template, To: h.Email, ToName: h.Name, Lang: h.Lang, CaseNo: c.Head.No,
			Land: c.Head.Municipality.Land, Settings: c.Head.Settings,
		}
		if e.Status != process.Active {
			link := DecisionLink(c.ID, ref, h.Email)
			m.Link, m.LinkPath = &link, linkPath
		}
		out = append(out, m)
	}
	return out
}

// decisions are the mails about what was decided.
var decisions = map[process.Status]string{
	process.Active: "m_accept", process.Declined: "m_decline", process.Waiting: "m_waiting", process.Referred: "m_referred",
}

// told are who has to know of a decision or of the end of a case, each once.
func (c *Record) told(e process.Event, row process.Row) []process.Asked {
	if e.Status == process.Completed {
		var out []process.Asked
		for _, role := range []string{"LEI", "FED", "EXT", "LOK"} {
			for _, h := range c.belonging(role, false) {
				if !slices.ContainsFunc(out, func(a process.Asked) bool { return a.Email == h.Email }) {
					out = append(out, h)
				}
			}
		}
		return out
	}
	if decisions[e.Status] == "" || !endsStep(row) {
		return nil
	}
	out := c.belonging("FED", false)
	if len(out) == 0 {
		out = c.belonging("FED", true) // it comes back once more, and so stands on the desk
	}
	for i, h := range out {
		if h.Lent { // named by link perhaps; the reasons are for who holds the role
			out[i].Email, out[i].Name = h.For, h.ForName
		}
	}
	return out
}

// belonging are who is told what can wait: who is asked in a role today, and whom
// of it nobody stands in for; they read it when they are back. An address from
// which mail comes back is left out unless it is asked for.
func (c *Record) belonging(role string, bounced bool) []process.Asked {
	out := c.Reach(role, c.today)
	for _, h := range c.People[role] {
		there := slices.ContainsFunc(out, func(a process.Asked) bool { return a.Email == h.Email || a.For == h.Email })
		if h.Holds(c.today) && (bounced || h.Bounced.IsZero()) && !there {
			out = append(out, process.Asked{Role: role, Name: h.Name, Email: h.Email, Lang: cmp.Or(h.Lang, c.Head.Lang)})
		}
	}
	return out
}

// endsStep tells a decision from the end of a pause.
func endsStep(row process.Row) bool { return row.Events[0].Kind == process.Finished }

// Wanted says whether a mail about a step is still of use: the outbox asks it
// about mails that had to wait. Meanwhile the step may be somebody else's, or
// the municipality may have closed its offices or asked for letters, and the
// date may have passed by now.
func (x *Service) Wanted(ctx context.Context, e *mail.Entry, now time.Time) (bool, error) {
	id, ref, ok := topic(e.Topic)
	if !ok {
		return true, nil
	}
	st, err := x.Followed(ctx, id, ref)
	if errors.Is(err, table.ErrNotFound) {
		return false, nil // a move left nothing of it
	}
	if err != nil {
		return true, fmt.Errorf("looking whether a mail is still wanted: %w", err)
	}
	waits := st.State == process.Open || st.State == process.Submitted && len(st.Asked) > 0
	if !waits || st.Pause {
		return false, nil
	}
	if st.State == process.Open {
		e.Settings = st.Settings
		if !redate(e, st.Due, lang.DateOf(now)) {
			return false, nil
		}
	}
	return still(st, *e), nil
}

// still says whether the link of a mail is good: who is not asked any more, or
// gets letters now, gets none of the mails that waited.
func still(st process.Step, e mail.Entry) bool {
	if e.Link == nil || e.Link.Purpose != purposeStep {
		return true
	}
	return slices.ContainsFunc(Recipients(st), func(a process.Asked) bool {
		return a.Email == cmp.Or(e.Link.Recipient, e.To) && a.Rev == e.Link.Revocation && !a.Writes(st.Settings)
	})
}

// topic reads what MailKey wrote.
func topic(s string) (string, process.Ref, bool) {
	rest, ok := strings.CutPrefix(s, Prefix)
	parts := strings.SplitN(rest, "#", 4)
	if !ok || len(parts) < 3 || !caseID.MatchString(parts[0]) {
		return "", process.Ref{}, false
	}
	n, err := strconv.Atoi(parts[2])
	return parts[0], process.Ref{Step: parts[1], Iteration: n}, err == nil
}

func cutTask(name string) (kind string, ref process.Ref, ok bool) {
	kind, _, _ = strings.Cut(name, "#")
	ref, ok = refOf(name)
	return kind, ref, ok
}
