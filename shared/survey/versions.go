package survey

import (
	"fmt"
	"slices"
	"strconv"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/survey/instrument"
	"kokoma/shared/survey/score"
)

// This file is for who publishes versions of the surveys' forms: which they are, where they are used,
// what they must keep.

// Forms are the shipped forms that the office may publish versions of.
func (x *Service) Forms() []*form.Form {
	keys, err := x.Instruments.Keys()
	if err != nil {
		return nil // the start tells
	}
	var out []*form.Form
	for _, key := range keys {
		if in, err := x.Instruments.Instrument(key); err == nil {
			out = append(out, in.Form)
		}
	}
	return out
}

func (x *Service) shipped(id string) *form.Form {
	forms := x.Forms()
	if i := slices.IndexFunc(forms, func(f *form.Form) bool { return f.ID == id }); i >= 0 {
		return forms[i]
	}
	return nil
}

// Uses says where the form of an id is used; nil when not here.
func (x *Service) Uses(id string) []lang.Text {
	f := x.shipped(id)
	if f == nil {
		return nil
	}
	return []lang.Text{{DE: "Befragung " + f.Title.DE, EN: "Survey " + f.Title.In(lang.EN)}}
}

// Accept says why a version can't be asked as its survey; nil when it can, or is no survey's form. A
// survey goes from page to page, is anonymous, and its items are scored by their choices.
func (x *Service) Accept(f *form.Form) []lang.Text {
	own := x.shipped(f.ID)
	if own == nil {
		return nil
	}
	out := f.LacksPages()
	if _, ok := f.Field(instrument.Sector); ok {
		out = append(out, f.Lacks(own, instrument.Sector)...)
	}
	items := 0
	for _, q := range f.Fields() {
		if q.Class != "" && q.Class != anonymous || asksWho(q) {
			out = append(out, refuse(q, "fragt nach Angaben über Personen; Befragungen sind anonym. Bitte nehmen Sie die Frage heraus oder setzen Sie x_class auf anon.",
				"asks about persons; surveys are anonymous. Please take the question out or set x_class to anon."))
		}
		if q.Scale == "" {
			continue
		}
		items++
		if !scored(q) {
			out = append(out, refuse(q, "kann nicht ausgewertet werden. Bitte nutzen Sie select_one mit mindestens zwei Zahlen als Namen der Antworten, außerhalb von Wiederholungen.",
				"can't be scored. Please use select_one with at least two numbers as names of the choices, outside of repeats."))
		}
	}
	if items == 0 {
		out = append(out, lang.Text{
			DE: "Keine Frage hat eine Skala (x_scale oder x_construct); es gäbe nichts auszuwerten. Bitte nehmen Sie mindestens eine auf.",
			EN: "No question has a scale (x_scale or x_construct); there would be nothing to evaluate. Please add at least one.",
		})
	}
	return out
}

// anonymous is the class of all that a survey asks.
const anonymous = "anon"

// asksWho says whether a question asks for what belongs to one person.
func asksWho(q form.Field) bool {
	return q.Type == "text" && (q.Appearance == "email" || q.Appearance == "tel")
}

func scored(q form.Field) bool {
	numbers := 0
	for _, c := range q.Choices {
		switch _, err := strconv.Atoi(c.Name); {
		case err == nil:
			numbers++
		case c.Name != score.NA:
			return false
		}
	}
	return q.Type == "select_one" && q.Repeat == "" && numbers >= 2
}

func refuse(q form.Field, de, en string) lang.Text {
	return lang.Text{DE: fmt.Sprintf("Die Frage „%s“ %s", q.Name, de), EN: fmt.Sprintf("The question %q %s", q.Name, en)}
}
