package form

import (
	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/model"
	"kokoma/shared/lang"
)

// Lacks says what the form lacks of the questions that the platform works with:
// each of these names must be there as it is in the form that comes with the
// platform, which the code was written for. Type, rows and choices stay; what
// is always asked there is always asked here. Wordings are free, and so are more
// choices and more questions.
func (f *Form) Lacks(shipped *Form, names ...string) []lang.Text {
	var out []lang.Text
	for _, name := range names {
		if like := shipped.model.ByName[name]; like != nil {
			out = append(out, f.lacks(like)...)
		}
	}
	return out
}

func (f *Form) lacks(like *model.Node) []lang.Text {
	name := entry.Verbatim(like.Name)
	n := f.model.ByName[like.Name]
	switch {
	case n == nil:
		return []lang.Text{say("form.needs.question", name)}
	case n.Kind != like.Kind:
		return []lang.Text{say("form.needs.type", name, entry.Verbatim(like.Type))}
	case repeatName(n) != repeatName(like):
		return []lang.Text{say("form.needs.rows", name, entry.Verbatim(repeatName(like)))}
	}
	var out []lang.Text
	if like.Always && (!n.Always || conditions(n) != conditions(like)) {
		out = append(out, say("form.needs.required", name))
	}
	if n.Kind.Listed() {
		for _, c := range like.Options.Choices {
			if _, ok := n.Options.Choice(c.Name); !ok {
				out = append(out, say("form.needs.choice", name, entry.Verbatim(c.Name)))
			}
		}
	}
	return out
}

func repeatName(n *model.Node) string {
	if n.Repeat == nil {
		return ""
	}
	return n.Repeat.Name
}

// conditions are all that must hold for the question to be asked.
func conditions(n *model.Node) string {
	if n == nil {
		return ""
	}
	return conditions(n.Parent) + "\n" + n.Relevant
}

// LacksPages says which pages the form lacks, and that all must stand on one:
// for what is asked page by page.
func (f *Form) LacksPages(names ...string) []lang.Text {
	var out []lang.Text
	for _, n := range f.model.Top {
		if n.Kind != define.Group && !n.Kind.In(define.Calculate, define.Hidden) {
			out = append(out, say("form.needs.paged", entry.Verbatim(n.Name)))
		}
	}
	for _, name := range names {
		if n := f.model.ByName[name]; n == nil || n.Kind != define.Group || n.Parent != nil {
			out = append(out, say("form.needs.page", entry.Verbatim(name)))
		}
	}
	return out
}
