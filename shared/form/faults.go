package form

import (
	"strings"

	"kokoma/shared/form/entry"
	"kokoma/shared/lang"
)

// Faults is the box over a form that says what to correct, what to confirm
// and what is good to know; template form.problems shows it.
type Faults struct {
	Errors   *FaultList
	Warnings *FaultList
	Hints    *FaultList
}

// FaultList is one of the boxes.
type FaultList struct {
	ID    string
	Class string
	Title string
	Alert bool // takes the focus: this must be dealt with first
	Links []FaultLink
}

// FaultLink leads to the field.
type FaultLink struct {
	Href string // "" where there is no field to go to
	Text string
}

// ID is the id of the field's control in the page; a link goes to "#"+ID.
func (p Problem) ID() string { return fieldID(p.Field) }

// NewFaults makes the box for a page that is not the form itself, such as the
// summary before sending; href says where a problem's field is found. Warnings
// that were confirmed are left out.
func NewFaults(p Problems, a Answers, l lang.Lang, href func(Problem) string) Faults {
	byLevel := map[Level][]FaultLink{}
	for _, q := range p {
		if q.Level == Warning && a.Confirmed(q.Field) {
			continue
		}
		link := FaultLink{Text: sentence(q.Label.In(l), q.Message.In(l))}
		if q.Field != "" {
			link.Href = href(q)
		}
		byLevel[q.Level] = append(byLevel[q.Level], link)
	}
	title := "form.problems.title"
	if len(byLevel[Error]) == 1 {
		title = "form.problems.one"
	}
	f := Faults{
		Errors:   faultList("problems", byLevel[Error], l, title),
		Warnings: faultList("warnings", byLevel[Warning], l, "form.warnings.title"),
		Hints:    faultList("hints", byLevel[Hint], l, "form.hints.title"),
	}
	if f.Errors != nil {
		f.Errors.Alert = true
	} else if f.Warnings != nil {
		f.Warnings.Alert = true
	}
	return f
}

func faultList(name string, links []FaultLink, l lang.Lang, title string) *FaultList {
	if len(links) == 0 {
		return nil
	}
	class := "problems"
	if name != class {
		class += " " + name
	}
	var args []entry.Spoken
	if title == "form.problems.title" {
		args = append(args, entry.Count(len(links)))
	}
	return &FaultList{ID: "form-" + name, Class: class, Title: sayIn(l, title, args...), Links: links}
}

// sentence puts the field's name in front: „Kurztitel: Es fehlen Angaben.“
func sentence(label, message string) string {
	if label == "" {
		return message
	}
	if strings.ContainsAny(label[len(label)-1:], "?!.:") {
		return label + " " + message
	}
	return label + ": " + message
}

// fieldID is the id of a field's control: f-kind, f-actors-1-actor_label.
func fieldID(path string) string { return "f-" + idPart.Replace(path) }

var idPart = strings.NewReplacer("[", "-", "].", "-", "]", "", ".", "-", ":", "-")
