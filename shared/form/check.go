package form

import (
	"slices"
	"strings"

	"kokoma/shared/lang"
)

// Check judges the answers of a page, or of the whole form with page "": what
// is missing, what is wrong, what needs a second look. Questions that are not
// relevant and rows in which nothing stands are not judged. Problems come in
// the order of the form.
func (f *Form) Check(a Answers, page string, e Env) Problems {
	j := &judge{st: f.look(a, e)}
	j.strange(a.Choices(unknownName))
	for _, n := range f.top {
		if page == "" || n.pageName() == page {
			j.node(j.st.top, n)
		}
	}
	return j.found
}

// judge collects problems.
type judge struct {
	st    *state
	found Problems
}

func (j *judge) strange(names []string) {
	if len(names) > 0 {
		j.found = append(j.found, Problem{
			Level: Error, Label: say("form.label.form"),
			Message: say("form.unknown", verbatim(strings.Join(names, ", "))),
		})
	}
}

func (j *judge) add(fr *frame, n *node, level Level, message lang.Text) {
	label := n.Label
	if fr.repeat != nil {
		label = say("form.label.row", label, count(fr.row+1))
	}
	j.found = append(j.found, Problem{
		Field: fr.path(n), Page: n.pageName(), Level: level, Label: label, Message: message,
	})
}

// path is how a field is called in posts and problems.
func (fr *frame) path(n *node) string {
	if fr.repeat == nil || n.repeat == nil {
		return n.Name
	}
	return rowPath(fr.repeat, fr.row, n)
}

func (j *judge) node(fr *frame, n *node) {
	if !fr.isRelevant(n) {
		return
	}
	before := len(j.found)
	switch {
	case n.kind == kindGroup:
		for _, child := range n.children {
			j.node(fr, child)
		}
		before = len(j.found)
	case n.kind == kindRepeat:
		j.repeat(n)
	case n.kind.answered() && !n.shownReadonly():
		j.question(fr, n)
	}
	if len(j.found) == before || n.kind == kindRepeat {
		j.checks(fr, n)
	}
}

// checks applies x_checks. One that looks at the own answer waits until there
// is one.
func (j *judge) checks(fr *frame, n *node) {
	for _, c := range n.checks {
		if c.when.x.UsesSelf() && fr.value(n).Empty() {
			continue
		}
		if fr.holds(c.when, n) {
			j.add(fr, n, c.level, c.message)
		}
	}
}

func (j *judge) repeat(n *node) {
	rows := j.st.filled(n)
	least := n.min
	if least == 0 && j.st.top.isRequired(n) {
		least = 1
	}
	switch total := len(rows); {
	case total == 0 && least > 0:
		j.missing(j.st.top, n, least)
	case total < least:
		j.add(j.st.top, n, Error, say("form.rows.few", count(total), count(least)))
	case n.max > 0 && total > n.max:
		j.add(j.st.top, n, Error, say("form.rows.many", count(total), count(n.max)))
	}
	for _, fr := range rows {
		for _, child := range n.children {
			j.node(fr, child)
		}
	}
}

func (j *judge) missing(fr *frame, n *node, least int) {
	message := n.RequiredMessage
	if message.DE == "" {
		message = n.requiredText(least)
	}
	j.add(fr, n, Error, message)
}

var requiredKeys = map[kind]string{
	kindEmail: "email", kindPhone: "phone", kindMunicipality: "municipality", kindInteger: "integer",
	kindDecimal: "decimal", kindDate: "date", kindMonth: "month", kindYear: "year", kindTime: "time",
	kindOne: "one", kindMany: "many", kindAcknowledge: "acknowledge",
}

func (n *node) requiredText(least int) lang.Text {
	switch key, ok := requiredKeys[n.kind]; {
	case ok:
		return say("form.required." + key)
	case n.kind == kindRepeat && least == 1:
		return say("form.required.row")
	case n.kind == kindRepeat:
		return say("form.required.rows", count(least))
	case n.minLength > 1:
		return say("form.required.length", count(n.minLength))
	}
	return say("form.required.text")
}

// question judges one answer: is it there, is it one, does it keep the rules.
// The first fault is reported alone.
func (j *judge) question(fr *frame, n *node) {
	typed := fr.typed(n)
	if n.kind == kindMany {
		j.selection(fr, n, typed.Choices)
		return
	}
	a := fr.understood(n)
	if a.text == "" {
		if fr.isRequired(n) {
			j.missing(fr, n, 1)
		}
		return
	}
	fault, args := a.fault, []speaker(nil)
	switch {
	case fault != "":
	case n.kind == kindOne:
		fault = fr.choiceFault(n, a.text)
	case n.kind == kindAcknowledge:
		if a.text != Acknowledged {
			fault = "form.choice"
		}
	default:
		fault, args = n.judge(a, j.st.env.Today)
	}
	j.verdict(fr, n, fault, args)
}

// verdict reports a fault of the answer, or what its constraint says.
func (j *judge) verdict(fr *frame, n *node, fault string, args []speaker) {
	switch {
	case fault == "form.choice.order" && n.ConstraintMessage.DE != "":
		j.add(fr, n, Error, n.ConstraintMessage)
	case fault != "":
		j.add(fr, n, Error, say(fault, args...))
	case n.constraint != nil && !fr.holds(n.constraint, n):
		j.add(fr, n, Error, n.ConstraintMessage)
	case n.unique:
		j.unique(fr, n)
	}
}

func (fr *frame) choiceFault(n *node, name string) string {
	if _, ok := n.choices[name]; !ok {
		return "form.choice"
	}
	if !fr.offered(n, name) {
		return "form.choice.order"
	}
	return ""
}

func (j *judge) selection(fr *frame, n *node, names []string) {
	if len(names) == 0 {
		if fr.isRequired(n) {
			j.missing(fr, n, 1)
		}
		return
	}
	fault, args := "", []speaker(nil)
	for _, name := range names {
		if fault = fr.choiceFault(n, name); fault != "" {
			break
		}
	}
	alone := slices.IndexFunc(names, func(name string) bool { return slices.Contains(n.exclusive, name) })
	total := len(names)
	switch {
	case fault != "":
	case alone >= 0 && total > 1:
		c, _ := n.list.Choice(names[alone])
		fault, args = "form.exclusive", []speaker{c.Label}
	case n.max > 0 && total > n.max:
		fault, args = "form.many", []speaker{count(total), count(n.max)}
	case total < n.min && alone < 0:
		fault, args = "form.few", []speaker{count(total), count(n.min)}
	}
	j.verdict(fr, n, fault, args)
}

// unique compares with the rows before.
func (j *judge) unique(fr *frame, n *node) {
	own := strings.ToLower(fr.value(n).Text())
	for _, other := range j.st.filled(n.repeat) {
		if other.row >= fr.row {
			return
		}
		if strings.ToLower(other.value(n).Text()) == own {
			j.add(fr, n, Error, say("form.twice", count(other.row+1)))
			return
		}
	}
}
