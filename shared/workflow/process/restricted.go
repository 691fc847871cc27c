package process

import (
	"fmt"
	"slices"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/form/expr"
	"kokoma/shared/lang"
)

// TandemOnly says whether a question is one of those of kokoma.md 6.1 that only
// the tandem and who answers them read: the note on an actor, and all that is
// sensitive about safety, which the head of administration reads, too.
func (t *Template) TandemOnly(f form.Field) bool {
	if t.Key == "A04" {
		return f.Class == sensitive && f.Appearance == "multiline"
	}
	return t.Safety() && f.Class == sensitive
}

// Safety says whether a step is about protecting people.
func (t *Template) Safety() bool { return slices.Contains(safetySteps, t.Key) }

var safetySteps = []string{"A09", "B09", "C06"}

// Restricted says whether the step has questions that only the tandem reads.
func (t *Template) Restricted() bool { return t.Key == "A04" || t.Safety() }

const sensitive = "sens"

// exposes says by which questions a version of the step's form would show more
// people what is sensitive in its own form.
func (t *Template) exposes(own, f *form.Form) []lang.Text {
	var out []lang.Text
	for _, field := range own.Fields() {
		if field.Class != sensitive {
			continue
		}
		next := successors(field, f)
		if len(next) == 0 && t.TandemOnly(field) && field.Type != "repeat" {
			out = append(out, vanished(field.Name))
		}
		for _, now := range next {
			if exposed(field, now) {
				out = append(out, opened(now.Name))
			}
		}
	}
	return append(out, t.copies(f)...)
}

// successors are the questions of a version that carry on one of the own form:
// under its name, or under another with its name as alias.
func successors(own form.Field, f *form.Form) []form.Field {
	return slices.DeleteFunc(f.Fields(), func(now form.Field) bool {
		return now.Name != own.Name && !slices.Contains(now.Aliases, own.Name)
	})
}

// exposed says whether a sensitive question lost what it is known by when it is
// decided who reads its answers.
func exposed(own, now form.Field) bool {
	return now.Class != own.Class || now.Appearance != own.Appearance
}

// copies says which questions take over answers that only the tandem reads
// without being kept from others themselves.
func (t *Template) copies(f *form.Form) []lang.Text {
	var out []lang.Text
	var walk func(list []*define.Question)
	walk = func(list []*define.Question) {
		for _, q := range list {
			if into, ok := f.Field(q.Name); ok && !t.TandemOnly(into) {
				if from := t.secretIn(f, q.Calculation, q.Default); from != "" {
					out = append(out, copied(q.Name, from))
				}
			}
			walk(q.Children)
		}
	}
	walk(f.Definition().Survey)
	return out
}

// secretIn is the first question that only the tandem reads among those that
// expressions name, "" for none. A default may be a mere value, which names no
// question.
func (t *Template) secretIn(f *form.Form, sources ...string) string {
	for _, src := range sources {
		if !strings.Contains(src, "${") {
			continue
		}
		x, err := expr.Parse(src)
		if err != nil {
			continue // the form compiled, so it is a value
		}
		for _, name := range x.Names() {
			if from, ok := f.Field(name); ok && t.TandemOnly(from) {
				return name
			}
		}
	}
	return ""
}

func opened(name string) lang.Text {
	return lang.Text{
		DE: fmt.Sprintf("Die Frage „%s“ ist besonders schutzwürdig; x_class (sens) und appearance müssen bleiben, sonst sähen zu viele die Antworten. Bitte machen Sie die Änderung rückgängig.", name),
		EN: fmt.Sprintf("The question %q is sensitive; x_class (sens) and appearance must stay, or too many would see the answers. Please undo the change.", name),
	}
}

func vanished(name string) lang.Text {
	return lang.Text{
		DE: fmt.Sprintf("Die Frage „%s“ fehlt, deren Antworten nur das Tandem liest. Wenn sie jetzt anders heißt, nennen Sie bitte den früheren Namen in x_alias; sonst nehmen Sie sie bitte wieder auf.", name),
		EN: fmt.Sprintf("The question %q is missing, whose answers only the tandem reads. If it has another name now, please give the earlier one in x_alias; else please take it in again.", name),
	}
}

func copied(into, from string) lang.Text {
	return lang.Text{
		DE: fmt.Sprintf("„%s“ übernimmt die Antwort auf „%s“, die nur das Tandem liest; so sähen sie zu viele. Bitte berechnen Sie „%s“ ohne diese Frage.", into, from, into),
		EN: fmt.Sprintf("%q takes over the answer to %q, which only the tandem reads, so too many would see it. Please calculate %q without that question.", into, from, into),
	}
}
