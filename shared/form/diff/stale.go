package diff

import (
	"maps"
	"slices"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// StaleText is a translation that is older than its source: the German was
// changed and the English was not.
type StaleText struct {
	Name   string // of the question, "" for the form's title
	Key    string // label, hint, … or title
	Choice string // name of the choice, when it is a choice's label
	Source string // the German that was translated
	Text   lang.Text
	Since  string // the version in which the German was changed
	Says   lang.Text
}

// Stale finds the translations of a new version that are older than their
// German. history are the versions before, oldest first.
func Stale(history []*form.Form, new *form.Form) []StaleText {
	known := map[place]translation{}
	var was *version
	for _, f := range append(slices.Clone(history), new) {
		now := read(f)
		known = follow(known, was, now)
		was = now
	}
	var out []StaleText
	for _, p := range placesOf(was) {
		t := known[p.place]
		if t.since == "" {
			continue
		}
		out = append(out, StaleText{
			Name: p.name, Key: p.key, Choice: p.choice, Source: t.source, Text: p.text, Since: t.since,
			Says: say("diff.stale", t.since),
		})
	}
	return out
}

// place is where a text stands.
type place struct{ name, key, choice string }

type placed struct {
	place
	text lang.Text
}

// translation is a text, the German that its English was made of, and the
// version since when the two differ.
type translation struct {
	text          lang.Text
	source, since string
}

// follow takes what is known of the translations to the next version.
func follow(known map[place]translation, was, now *version) map[place]translation {
	before := map[string]string{} // earlier names
	if was != nil {
		c := &comparison{old: was, new: now}
		c.pair()
		for e, old := range c.partner {
			before[e.Name] = old.Name
		}
	}
	out := map[place]translation{}
	for _, p := range placesOf(now) {
		from := p.place
		from.name = before[p.name]
		t, ok := known[from]
		switch {
		case !ok || p.text.EN == "" || t.text.EN != p.text.EN || letters(t.source) == letters(p.text.DE):
			t.source, t.since = p.text.DE, ""
		case t.since == "":
			t.since = now.form.Version
		}
		t.text = p.text
		out[p.place] = t
	}
	return out
}

// placesOf are all texts of a version in the order of the document.
func placesOf(v *version) []placed {
	out := []placed{{place{key: "title"}, v.form.Title}}
	for _, e := range v.entries {
		texts := e.Texts()
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			if *texts[key] != (lang.Text{}) {
				out = append(out, placed{place{name: e.Name, key: key}, *texts[key]})
			}
		}
		for _, c := range e.field.Choices {
			out = append(out, placed{place{e.Name, "label", c.Name}, c.Label})
		}
	}
	return out
}
