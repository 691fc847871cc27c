package intake

import (
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
	return append(f.Lacks(x.Forms()[0], reliesOn...), f.LacksPages("s1", "s7")...)
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
