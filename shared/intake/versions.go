package intake

import (
	"fmt"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// This file is for who publishes versions of the form: what it is, where it is
// used, what it must keep.

// reliesOn are the questions that this noun and the opening of a case work
// with: whose municipality it is, who is written to in which language, and
// whether somebody is in danger.
var reliesOn = []string{
	"muni_by_hand", "muni_key", "muni_name", "muni_land", "muni_hand_key", "muni_type", "population", "admin_plz",
	"further_keys", "further_key", "contact_name", "contact_function", "contact_email", "contact_phone", "deputy_email",
	"kuf_name", "kuf_email", "language", "threat_now", "urgency",
}

// Forms are the shipped forms that the office may publish versions of.
func (x *Service) Forms() []*form.Form {
	f, err := x.shipped()
	if err != nil {
		return nil // Check tells
	}
	return []*form.Form{f}
}

// Accept says why a version can't be used for the expression of interest; nil
// when it can, or is another form. Section s1 is filled in from the register,
// s7 is about danger.
func (x *Service) Accept(f *form.Form) []lang.Text {
	if len(x.Uses(f.ID)) == 0 {
		return nil
	}
	shipped := x.Forms()[0]
	out := append(f.Lacks(shipped, reliesOn...), f.LacksPages("s1", "s7")...)
	return append(out, moved(shipped, f)...)
}

// moved says which questions stand on another page than the code looks for them
// on: each page is posted and judged by itself, so on another one the register
// would fill in nothing and danger would be told too late.
func moved(shipped, f *form.Form) []lang.Text {
	var out []lang.Text
	for _, name := range reliesOn {
		own, _ := shipped.Field(name)
		now, ok := f.Field(name)
		if ok && now.Page != own.Page {
			out = append(out, lang.Text{
				DE: fmt.Sprintf("Die Frage „%s“ muss auf der Seite „%s“ stehen. Bitte stellen Sie sie dorthin zurück.", name, own.Page),
				EN: fmt.Sprintf("The question %q must stand on page %q. Please move it back there.", name, own.Page),
			})
		}
	}
	return out
}

// Uses says where the form of an id is used; nil when not here.
func (x *Service) Uses(id string) []lang.Text {
	for _, f := range x.Forms() {
		if f.ID == id {
			return []lang.Text{{DE: "Interessenbekundung", EN: "Expression of interest"}}
		}
	}
	return nil
}
