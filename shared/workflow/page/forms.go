package page

import (
	"embed"
	"fmt"
	"net/url"
	"path"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

//go:embed forms/*.yaml
var forms embed.FS

// compileActions reads the small forms of what can be done at the desk.
func compileActions() (map[string]*form.Form, error) {
	entries, err := forms.ReadDir("forms")
	if err != nil {
		return nil, fmt.Errorf("reading the desk's forms: %w", err)
	}
	out := map[string]*form.Form{}
	for _, e := range entries {
		f, err := form.Load(forms, "forms/"+e.Name())
		if err != nil {
			return nil, err
		}
		out[strings.TrimSuffix(e.Name(), path.Ext(e.Name()))] = f
	}
	return out, nil
}

// Action is the form of something that can be done.
func (x *Service) Action(name string) (*form.Form, error) {
	all, err := x.actions()
	if err != nil {
		return nil, err
	}
	return all[name], nil
}

// Act is what was posted for the form of something that can be done.
type Act struct {
	Typed    form.Answers // as it was typed, to be shown again
	Answers  form.Answers // as it counts: dates and numbers understood
	Problems form.Problems
}

// ReadAct reads and judges a post.
func ReadAct(f *form.Form, posted url.Values, env form.Env) Act {
	typed := f.Settle(f.Read(posted, "", nil), env)
	return Act{Typed: typed, Answers: f.Clean(typed, env), Problems: f.Check(typed, "", env)}
}

// LabelOf is how people know a question.
func LabelOf(f *form.Form, name string) lang.Text {
	field, _ := f.Field(name)
	return field.Label
}

// NobodyThere says that an address cannot be named now; not why, since that is
// a matter between its owner and the office.
var NobodyThere = lang.Text{
	DE: "An diese Adresse kann der Schritt zurzeit nicht gehen. Bitte nennen Sie eine andere.",
	EN: "The step cannot go to this address at present. Please give another one.",
}

// WrongPeriod says that an absence is not one.
var WrongPeriod = lang.Text{
	DE: "Der letzte Tag muss heute oder später sein, nicht vor dem ersten und höchstens 400 Tage danach. Für länger besetzen Sie bitte die Rolle neu.",
	EN: "The last day must be today or later, not before the first one and at most 400 days after it. For longer, please name somebody else for the role.",
}

// SameAddress says that somebody has the step already.
var SameAddress = lang.Text{
	DE: "Diese Adresse hat den Schritt schon. Bitte nennen Sie eine andere.",
	EN: "This address has the step already. Please give another one.",
}
