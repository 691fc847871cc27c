package export

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"kokoma/shared/form/codebook"
	"kokoma/shared/form/define"
)

// longNames are the columns of the long table behind those of the record.
var longNames = [...]string{"repeat", "row", "variable", "question", "state", "value", "label", "position"}

// Long writes a row for each answer: each choice of a select_multiple and rank
// has its own, with its place in a ranking. A question without an answer has
// one, too, unless Options.OnlyAnswered is set. Of repeats there is the number
// of rows, and what stands in them: repeat names the repeats around the
// question, meeting/person, and row the rows, 2/1.
func (x *Export) Long(w io.Writer, d Dialect) error {
	t, err := x.table(w, d)
	if err != nil {
		return err
	}
	for _, name := range metaNames {
		t.text(x.title(d, name))
	}
	for _, name := range longNames {
		t.text(x.title(d, name))
	}
	if err := t.end(); err != nil {
		return fmt.Errorf("writing an export: %w", err)
	}
	err = x.each(func(r looked) error { return (&lines{t, r}).in(nil, nil) })
	if err != nil {
		return fmt.Errorf("writing an export: %w", err)
	}
	return t.close()
}

func (x *Export) title(d Dialect, name string) string {
	if d.forHuman {
		return x.say("export." + name)
	}
	return name
}

// lines writes the rows of one record.
type lines struct {
	*table
	looked
}

// in writes what stands in one row, or in none.
func (l *lines) in(chain, rows []int) error {
	x := l.looked.x
	for i := range x.variables {
		v := &x.variables[i]
		if v.left || !v.standsIn(chain) {
			continue
		}
		c := column{v: i, chain: chain, rows: rows}
		s := l.at(i, chain, rows)
		if err := l.answer(c, s); err != nil {
			return err
		}
		if v.kind != define.Repeat || !s.applies {
			continue
		}
		for row := range s.value.Rows {
			if err := l.in(with(chain, i), with(rows, row+1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// answer writes the rows of one question.
func (l *lines) answer(c column, s spot) error {
	if !s.applies || !codebook.Kind(s.field).Several() || len(s.value.Choices) == 0 {
		return l.line(c, l.looked.cell(c), "")
	}
	for i, code := range s.value.Choices {
		position := ""
		if codebook.Kind(s.field) == define.Rank {
			position = strconv.Itoa(i + 1)
		}
		one := cell{code: code, label: l.looked.x.choiceLabel(s.field, code)}
		if err := l.line(c, one, position); err != nil {
			return err
		}
	}
	return nil
}

var stateNames = [...]string{answered: "answered", notAnswered: "not_answered", notApplicable: "not_applicable"}

func (l *lines) line(c column, v cell, position string) error {
	t, x := l.table, l.looked.x
	if x.opt.OnlyAnswered && v.state != answered {
		return nil
	}
	t.meta(l.looked)
	var repeats, rows []string
	for i, r := range c.chain {
		repeats, rows = append(repeats, x.variables[r].Name), append(rows, strconv.Itoa(c.rows[i]))
	}
	t.text(strings.Join(repeats, "/"))
	t.text(strings.Join(rows, "/"))
	t.text(x.variables[c.v].Name)
	t.text(x.variables[c.v].label(x))
	t.text(x.title(t.Dialect, stateNames[v.state]))
	t.value(v)
	t.label(v)
	t.row = append(t.row, position)
	return t.end()
}

// value is the code, also where people read: the label stands beside it.
func (t *table) value(v cell) {
	switch {
	case v.state == notApplicable:
		t.row = append(t.row, t.x.codes.notApplicable)
	case v.state == notAnswered:
		t.row = append(t.row, t.x.codes.notAnswered)
	case v.sort == text:
		t.text(v.code)
	default:
		t.row = append(t.row, t.forms(v))
	}
}

func (t *table) label(v cell) {
	switch v.state {
	case notApplicable:
		t.row = append(t.row, t.x.words.notApplicable)
	case notAnswered:
		t.row = append(t.row, t.x.words.notAnswered)
	default:
		t.text(v.label)
	}
}
