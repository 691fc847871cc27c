package form

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/model"
	"kokoma/shared/lang"
)

// Check judges the answers of a page, or of the whole form with page "": what
// is missing, what is wrong, what needs a second look. Questions that are not
// relevant and rows in which nothing stands are not judged. Problems come in
// the order of the form.
func (f *Form) Check(a Answers, page string, e Env) Problems {
	j := &judge{st: f.look(a, e)}
	j.strange(a.Choices(unknownName))
	for _, n := range f.model.Top {
		if page == "" || n.PageName() == page {
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
			Message: say("form.unknown", entry.Verbatim(strings.Join(names, ", "))),
		})
	}
}

func (j *judge) add(fr *frame, n *model.Node, level Level, message lang.Text) {
	label := n.Label
	if fr.of(n).repeat != nil {
		label = say("form.label.row", label, fr.of(n).number())
	}
	j.found = append(j.found, Problem{
		Field: fr.path(n), Page: n.PageName(), Level: level, Label: label, Message: message,
	})
}

// path is how a field is called in posts and problems.
func (fr *frame) path(n *model.Node) string { return fr.of(n).prefix() + n.Name }

// prefix stands in front of the names of what is asked in this frame.
func (fr *frame) prefix() string {
	if fr.above == nil {
		return ""
	}
	return rowPrefix(fr.above.prefix(), fr.repeat, fr.row)
}

// number is how people count a row: 2, or 2.1 for the first in the second.
func (fr *frame) number() entry.Spoken {
	if fr.above.repeat == nil {
		return entry.Count(fr.row + 1)
	}
	return entry.Verbatim(fr.above.number().In(lang.DE) + "." + strconv.Itoa(fr.row+1))
}

func (j *judge) node(fr *frame, n *model.Node) {
	if !fr.isRelevant(n) {
		return
	}
	before := len(j.found)
	switch {
	case n.Kind == define.Group:
		for _, child := range n.Inner {
			j.node(fr, child)
		}
		before = len(j.found)
	case n.Kind == define.Repeat:
		j.repeat(fr.of(n), n)
	case n.Kind.Answered() && !n.ShownOnly():
		j.question(fr, n)
	}
	if len(j.found) == before || n.Kind == define.Repeat {
		j.checks(fr, n)
	}
}

// checks applies x_checks. One that looks at the own answer waits until there
// is one.
func (j *judge) checks(fr *frame, n *model.Node) {
	for _, c := range n.Rules {
		if c.When.X.UsesSelf() && fr.value(n).Empty() {
			continue
		}
		if fr.holds(c.When, n) {
			j.add(fr, n, Level(c.Level), c.Message)
		}
	}
}

func (j *judge) repeat(fr *frame, n *model.Node) {
	rows := fr.filled(n)
	least := n.Least
	if least == 0 && fr.isRequired(n) {
		least = 1
	}
	switch total := len(rows); {
	case n.Count != nil:
		if fr.wanted(n) > total {
			j.add(fr, n, Error, say("form.rows.counted", entry.Count(min(maxRows, total))))
		}
	case total == 0 && least > 0:
		j.missing(fr, n, least)
	case total < least:
		j.add(fr, n, Error, say("form.rows.few", entry.Count(total), entry.Count(least)))
	case n.Most > 0 && total > n.Most:
		j.add(fr, n, Error, say("form.rows.many", entry.Count(total), entry.Count(n.Most)))
	}
	for _, row := range rows {
		for _, child := range n.Inner {
			j.node(row, child)
		}
	}
}

func (j *judge) missing(fr *frame, n *model.Node, least int) {
	message := n.RequiredMessage
	if message.DE == "" {
		message = requiredText(n, least)
	}
	j.add(fr, n, Error, message)
}

var requiredKeys = map[define.Kind]string{
	define.Email: "email", define.Phone: "phone", define.Municipality: "municipality", define.Integer: "integer",
	define.Decimal: "decimal", define.Date: "date", define.Month: "month", define.Year: "year", define.Time: "time",
	define.One: "one", define.Many: "many", define.Rank: "rank", define.Acknowledge: "acknowledge",
	define.Range: "decimal", define.Datetime: "datetime",
}

func requiredText(n *model.Node, least int) lang.Text {
	switch key, ok := requiredKeys[n.Kind]; {
	case ok:
		return say("form.required." + key)
	case n.Kind == define.Repeat && least == 1:
		return say("form.required.row")
	case n.Kind == define.Repeat:
		return say("form.required.rows", entry.Count(least))
	case n.Shortest > 1:
		return say("form.required.length", entry.Count(n.Shortest))
	}
	return say("form.required.text")
}

// question judges one answer: is it there, is it one, does it keep the rules.
// The first fault is reported alone.
func (j *judge) question(fr *frame, n *model.Node) {
	typed := fr.typed(n)
	switch n.Kind {
	case define.Many:
		j.selection(fr, n, typed.Choices)
		return
	case define.Rank:
		j.ranking(fr, n, typed.Choices)
		return
	}
	a := fr.understood(n)
	if a.Text == "" {
		if fr.isRequired(n) {
			j.missing(fr, n, 1)
		}
		return
	}
	fault, args := a.Fault, []entry.Spoken(nil)
	switch {
	case fault != "":
	case n.Kind == define.One:
		fault = fr.choiceFault(n, a.Text)
	case n.Kind == define.Acknowledge:
		if a.Text != model.Acknowledged {
			fault = "form.choice"
		}
	default:
		fault, args = judged(n, a, j.st.env.Today)
	}
	j.verdict(fr, n, fault, args)
}

// judged says what is wrong with an answer that was understood, beyond its
// form: length and bounds.
func judged(n *model.Node, a entry.Answer, today lang.Date) (string, []entry.Spoken) {
	if a.Text == entry.Unknown && n.Unknown.DE != "" {
		return "", nil
	}
	switch n.Kind {
	case define.Integer, define.Decimal, define.Range:
		return n.Bounds.NumberFault(a.Number)
	case define.Date, define.Month, define.Year:
		return n.Bounds.DateFault(a.Date, today, n.Kind)
	case define.Time, define.Datetime:
		return "", nil
	}
	switch length := utf8.RuneCountInString(a.Text); {
	case length < n.Shortest:
		return "form.short", []entry.Spoken{entry.Count(length), entry.Count(n.Shortest)}
	case length > n.Longest:
		return "form.long", []entry.Spoken{entry.Count(length), entry.Count(n.Longest)}
	}
	return "", nil
}

// verdict reports a fault of the answer, or what its constraint says.
func (j *judge) verdict(fr *frame, n *model.Node, fault string, args []entry.Spoken) {
	switch {
	case fault == "form.choice.order" && n.ConstraintMessage.DE != "":
		j.add(fr, n, Error, n.ConstraintMessage)
	case fault != "":
		j.add(fr, n, Error, say(fault, args...))
	case n.ValidIf != nil && !fr.holds(n.ValidIf, n):
		j.add(fr, n, Error, n.ConstraintMessage)
	case n.Distinct:
		j.unique(fr, n)
	}
}

func (fr *frame) choiceFault(n *model.Node, name string) string {
	at, ok := n.Position[name]
	if !ok {
		return "form.choice"
	}
	if !fr.offered(n, &n.Options.Choices[at]) {
		return "form.choice.order"
	}
	return ""
}

// ranking judges an order of choices: all that are offered have a place, each
// one.
func (j *judge) ranking(fr *frame, n *model.Node, names []string) {
	if len(names) == 0 {
		if fr.isRequired(n) {
			j.missing(fr, n, 1)
		}
		return
	}
	fault, args := "", []entry.Spoken(nil)
	for i, name := range names {
		if name == "" {
			fault = "form.rank.hole"
			args = []entry.Spoken{entry.Count(i + 1)}
			break
		}
		if slices.Contains(names[:i], name) {
			c, _ := n.Options.Choice(name)
			fault, args = "form.rank.twice", []entry.Spoken{c.Label}
			break
		}
		if fault = fr.choiceFault(n, name); fault != "" {
			break
		}
	}
	if total := len(fr.choicesOffered(n)); fault == "" && len(names) < total {
		fault, args = "form.rank.short", []entry.Spoken{entry.Count(len(names)), entry.Count(total)}
	}
	j.verdict(fr, n, fault, args)
}

func (j *judge) selection(fr *frame, n *model.Node, names []string) {
	if len(names) == 0 {
		if fr.isRequired(n) {
			j.missing(fr, n, 1)
		}
		return
	}
	fault, args := "", []entry.Spoken(nil)
	for _, name := range names {
		if fault = fr.choiceFault(n, name); fault != "" {
			break
		}
	}
	alone := slices.IndexFunc(names, func(name string) bool { return slices.Contains(n.Alone, name) })
	total := len(names)
	switch {
	case fault != "":
	case alone >= 0 && total > 1:
		c, _ := n.Options.Choice(names[alone])
		fault, args = "form.exclusive", []entry.Spoken{c.Label}
	case n.Most > 0 && total > n.Most:
		fault, args = "form.many", []entry.Spoken{entry.Count(total), entry.Count(n.Most)}
	case total < n.Least && alone < 0:
		fault, args = "form.few", []entry.Spoken{entry.Count(total), entry.Count(n.Least)}
	}
	j.verdict(fr, n, fault, args)
}

// unique compares with the rows before.
func (j *judge) unique(fr *frame, n *model.Node) {
	own := strings.ToLower(fr.value(n).Text())
	for _, other := range fr.of(n).above.filled(n.Repeat) {
		if other.row >= fr.row {
			return
		}
		if strings.ToLower(other.value(n).Text()) == own {
			j.add(fr, n, Error, say("form.twice", entry.Count(other.row+1)))
			return
		}
	}
}
