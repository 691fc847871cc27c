package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// State is what an engine thinks of a question.
type State struct {
	Relevant  bool   `json:"r"`
	Value     string `json:"v"`
	Violation string `json:"f"` // required, constraint or ""
}

// States are those of all questions, by field.
type States map[string]State

// The clock on the wall stands still for both sides, some hours after summer
// time began in Berlin.
var wall = time.Date(2026, 3, 29, 9, 30, 0, 0, lang.Berlin())

func env() form.Env { return form.Env{Now: wall, Today: lang.DateOf(wall), Lang: lang.DE} }

// ours runs a sequence through our engine: the states after each step.
func (c *Case) ours(sequence []Step) ([]States, error) {
	answers := c.form.Settle(form.Answers{}, env())
	var out []States
	for _, step := range sequence {
		for _, op := range step {
			if err := c.apply(answers, op); err != nil {
				return nil, err
			}
		}
		answers = c.form.Settle(answers, env())
		out = append(out, c.look(answers))
	}
	return out, nil
}

func (c *Case) look(answers form.Answers) States {
	states := States{}
	for _, l := range c.form.Inspect(answers, env()) {
		states[l.Field] = State{Relevant: l.Relevant, Value: c.plainValue(l.Field, l.Value)}
	}
	for _, p := range c.form.Check(answers, "", env()) {
		s := states[p.Field]
		if p.Level != form.Error || s.Violation != "" {
			continue
		}
		s.Violation = "constraint"
		if s.Value == "" {
			s.Violation = "required"
		}
		states[p.Field] = s
	}
	return states
}

// apply changes the answers as a page would.
func (c *Case) apply(answers form.Answers, op Op) error {
	rest := op.Field
	for {
		repeat, tail, ok := strings.Cut(rest, "[")
		if !ok {
			break
		}
		index, tail, _ := strings.Cut(tail, "].")
		i, err := strconv.Atoi(index)
		rows := answers[repeat].Rows
		for err == nil && i >= len(rows) && c.model.ByName[repeat].Count != nil {
			rows = append(rows, form.Answers{})
			answers[repeat] = form.Value{Rows: rows}
		}
		if err != nil || i >= len(rows) {
			return fmt.Errorf("%s: there is no row for %s", c.Name, op.Field)
		}
		answers, rest = rows[i], tail
	}
	rows := answers[rest].Rows
	switch op.Do {
	case "add":
		answers[rest] = form.Value{Rows: append(rows, form.Answers{})}
	case "remove":
		answers[rest] = form.Value{Rows: append(append([]form.Answers{}, rows[:op.Row]...), rows[op.Row+1:]...)}
	default:
		answers[rest] = c.value(rest, op.Value)
	}
	return nil
}

func (c *Case) value(name, text string) form.Value {
	if n := c.model.ByName[name]; n != nil && n.Kind.Several() {
		return form.Value{Choices: strings.Fields(text)}
	}
	return form.Value{Text: text}
}

var offsets = regexp.MustCompile(`[-+][0-9]{2}:[0-9]{2}$`)
