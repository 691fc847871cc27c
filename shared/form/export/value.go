package export

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/form/codebook"
	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/lang"
)

// cell is one value of a table.
type cell struct {
	state state
	sort  sort
	code  string // canonical
	label string // for people, "" where it is the code
}

type state uint8

const (
	answered state = iota
	notAnswered
	notApplicable
)

// sort is how a value is written.
type sort uint8

const (
	text sort = iota
	number
	date
	month
	datetime
)

// looked is a record with what was asked of it.
type looked struct {
	Record
	x     *Export
	v     *version
	asked func(string) bool
}

func (x *Export) look(r Record) (looked, error) {
	v := x.byHash[r.Form]
	if v == nil {
		return looked{}, fmt.Errorf("version %.12s of the form was published meanwhile: export once more", r.Form)
	}
	env := form.Env{Now: r.At, Today: lang.DateOf(r.At), Lang: r.Lang, Lookup: x.opt.Lookup}
	return looked{r, x, v, v.Applicable(r.Answers, env)}, nil
}

// spot is a question in its row, as one version has it.
type spot struct {
	field   form.Field
	value   form.Value
	applies bool
}

// at finds the question of a variable, in the rows of the repeats around it.
func (r looked) at(i int, chain, rows []int) spot {
	v := &r.x.variables[i]
	field, ok := v.In(r.Form)
	if !ok || !slices.Equal(v.chains[r.Form], chain) {
		return spot{}
	}
	answers, prefix := r.Answers, ""
	parts := strings.Split(field.Path, ".")
	for k, row := range rows {
		all := answers.Rows(parts[k])
		if row > len(all) {
			return spot{field: field}
		}
		answers, prefix = all[row-1], prefix+parts[k]+"["+strconv.Itoa(row-1)+"]."
	}
	return spot{field, answers[field.Name], r.asked(prefix + field.Name)}
}

// cell is what stands in a column.
func (r looked) cell(c column) cell {
	s := r.at(c.v, c.chain, c.rows)
	if !s.applies {
		return cell{state: notApplicable}
	}
	kind := codebook.Kind(s.field)
	switch {
	case kind == define.Repeat:
		return counted(len(s.value.Rows))
	case kind == define.Acknowledge:
		return r.ticked(s.value.Text != "")
	case c.choice != "":
		return r.chosen(s, c.choice)
	case kind.Several() && len(s.value.Choices) == 0, !kind.Several() && s.value.Text == "":
		return cell{state: notAnswered}
	case kind.Several():
		return r.joined(s)
	}
	return r.single(s.field, kind, s.value.Text)
}

func counted(n int) cell { return cell{sort: number, code: strconv.Itoa(n)} }

// ticked is a box: an open one is an answer.
func (r looked) ticked(yes bool) cell {
	if yes {
		return cell{sort: number, code: "1", label: r.x.say("export.ticked")}
	}
	return cell{sort: number, code: "0", label: r.x.say("export.open")}
}

// chosen is 1 or 0 for a choice, or its place in a ranking.
func (r looked) chosen(s spot, choice string) cell {
	offered := slices.ContainsFunc(s.field.Choices, func(c form.Choice) bool { return c.Name == choice })
	at := slices.Index(s.value.Choices, choice)
	switch {
	case !offered && at < 0:
		return cell{state: notApplicable}
	case len(s.value.Choices) == 0:
		return cell{state: notAnswered}
	case codebook.Kind(s.field) == define.Rank && at < 0:
		return cell{state: notAnswered}
	case codebook.Kind(s.field) == define.Rank:
		return counted(at + 1)
	case at < 0:
		return cell{sort: number, code: "0", label: r.x.say("export.no")}
	}
	return cell{sort: number, code: "1", label: r.x.say("export.yes")}
}

func (r looked) joined(s spot) cell {
	labels := make([]string, len(s.value.Choices))
	for i, code := range s.value.Choices {
		labels[i] = r.x.choiceLabel(s.field, code)
	}
	return cell{code: strings.Join(s.value.Choices, " "), label: strings.Join(labels, "; ")}
}

// What is not written as the engine writes numbers and dates counts as a text,
// whatever its question is.
var (
	numeral = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,15})?$`)
	onDay   = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	inMonth = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}$`)
	atTime  = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$`)
)

// single is an answer of one value.
func (r looked) single(f form.Field, kind define.Kind, value string) cell {
	c := cell{code: value}
	switch {
	case value == entry.Unknown && r.v.asked[f.Name] != nil && r.v.asked[f.Name].Unknown.DE != "":
		c.label = r.v.asked[f.Name].Unknown.In(r.x.opt.Lang)
	case kind == define.One:
		c.label = r.x.choiceLabel(f, value)
	case kind.In(define.Integer, define.Decimal, define.Range, define.Year, define.Calculate) && numeral.MatchString(value):
		c.sort = number
	case kind == define.Date && onDay.MatchString(value):
		c.sort = date
	case kind == define.Month && inMonth.MatchString(value):
		c.sort = month
	case kind == define.Datetime && atTime.MatchString(value):
		c.sort = datetime
	case kind == define.Municipality && r.x.opt.Lookup != nil:
		c.label, _ = r.x.opt.Lookup(value)
	}
	return c
}

// choiceLabel is what a choice is called, by the version that was answered.
func (x *Export) choiceLabel(f form.Field, code string) string {
	i := slices.IndexFunc(f.Choices, func(c form.Choice) bool { return c.Name == code })
	if i < 0 {
		return code
	}
	return f.Choices[i].Label.In(x.opt.Lang)
}
