package form

import (
	"kokoma/shared/form/define"
	"kokoma/shared/form/model"
)

// Applicable says which questions, repeats and groups were asked of somebody
// who handed in these answers, by the name of the field as in posts:
// "actors[1].actor_label". The answers are canonical, as Clean made them, and
// the form is the version that they were given to.
func (f *Form) Applicable(a Answers, e Env) func(field string) bool {
	asked := map[string]bool{}
	for _, look := range f.Inspect(f.handedIn(a), e) {
		if look.Relevant {
			asked[look.Field] = true
		}
	}
	return func(field string) bool { return asked[field] }
}

// handedIn makes of answers that Clean made a state that is looked at as it was
// handed in. Clean drops what was emptied, and what is not there counts as not
// touched yet: it would get its default again, and with that other questions
// would seem to have been asked.
func (f *Form) handedIn(a Answers) Answers {
	out := a.Clone()
	emptied(f.model.Top, out)
	return out
}

func emptied(nodes []*model.Node, a Answers) {
	for _, n := range nodes {
		if n.Kind == define.Repeat {
			for _, row := range a.Rows(n.Name) {
				emptied(n.Inner, row)
			}
			continue
		}
		emptied(n.Inner, a)
		if _, there := a[n.Name]; !there && n.Default != "" {
			a[n.Name] = Value{}
		}
	}
}
