package process

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// The file of a step. Its form stands last and is compiled on its own, so that
// the process can be read without all of its forms.
type stepFile struct {
	Key          line[string]   `yaml:"key"`
	Phase        line[string]   `yaml:"phase"`
	Title        lang.Text      `yaml:"title"`
	Acts         []line[string] `yaml:"acts"`
	Informed     []line[string] `yaml:"informed"`
	Asks         lang.Text      `yaml:"asks"`
	DueWT        line[int]      `yaml:"due_wt"`
	Minutes      line[int]      `yaml:"minutes"`
	Pre          []needFile     `yaml:"pre"`
	Milestone    line[string]   `yaml:"milestone"`
	Repeatable   bool           `yaml:"repeatable"`
	StartsSurvey line[string]   `yaml:"starts_survey"`
	Reviewer     line[string]   `yaml:"reviewer"`
	FourEyes     line[bool]     `yaml:"four_eyes"`
	Repeat       *repeatFile    `yaml:"repeat"`
	OpensOn      line[string]   `yaml:"opens_on"`
	Prefill      []prefillFile  `yaml:"prefill"`
	Records      []recordFile   `yaml:"records"`
	Roles        []namingFile   `yaml:"roles"`
	Settings     *settingsFile  `yaml:"settings"`
	Outcome      []outcomeFile  `yaml:"outcome"`
}

type needFile struct {
	Step   line[string] `yaml:"step"`
	When   line[string] `yaml:"when"`
	WaitWT line[int]    `yaml:"wait_wt"`
}

type namingFile struct {
	Each   string       `yaml:"each"`
	Role   line[string] `yaml:"role"`
	Email  line[string] `yaml:"email"`
	Name   string       `yaml:"name"`
	Deputy string       `yaml:"deputy"`
}

type outcomeFile struct {
	When   line[string] `yaml:"when"`
	Effect line[string] `yaml:"effect"`
	Step   line[string] `yaml:"step"`
	Reason line[string] `yaml:"reason"`
	Follow line[string] `yaml:"follow_up"`
}

// line is a value and where it stands.
type line[T any] struct {
	V  T
	At int
}

// UnmarshalYAML notes the line.
func (l *line[T]) UnmarshalYAML(n *yaml.Node) error {
	l.At = n.Line
	return n.Decode(&l.V)
}

// Load reads every *.yaml file below fsys, one step each. All faults are
// reported at once, each with file and line. Forms are not compiled yet:
// Definition.Compile does that.
func Load(fsys fs.FS) (*Definition, error) {
	source := map[string]string{}
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		b, err := fs.ReadFile(fsys, name)
		source[name] = string(b)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the steps: %w", err)
	}
	return fromSource(source)
}

// Stored reads a definition that an earlier release kept, from the contents of
// its files by name. Its forms may use what this release knows differently.
func Stored(source map[string]string) (*Definition, error) {
	d, err := fromSource(source)
	if err != nil {
		return nil, err
	}
	for _, t := range d.Templates {
		t.options = []form.Option{form.Stored()}
	}
	return d, nil
}

func fromSource(source map[string]string) (*Definition, error) {
	d := &Definition{Source: source, byKey: map[string]*Template{}}
	sum := sha256.New()
	var faults []error
	for _, name := range sortedNames(source) {
		fmt.Fprintf(sum, "%s\x00%d\x00%s", name, len(source[name]), source[name])
		t, errs := readStep(name, []byte(source[name]))
		faults = append(faults, errs...)
		if t == nil {
			continue
		}
		if before := d.byKey[t.Key]; before != nil {
			faults = append(faults, fmt.Errorf("%s:1: step %s is also in %s; keep one of the two", name, t.Key, before.file))
			continue
		}
		d.byKey[t.Key] = t
		d.Templates = append(d.Templates, t)
	}
	d.Hash = hex.EncodeToString(sum.Sum(nil))[:16]
	slices.SortFunc(d.Templates, func(a, b *Template) int { return order(a.Key, b.Key) })
	if len(d.Templates) == 0 && len(faults) == 0 {
		return nil, errors.New("reading the steps: there is no step, wanted are files such as o/o01-intake.yaml")
	}
	faults = append(faults, d.check()...)
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return d, nil
}

func sortedNames(source map[string]string) []string {
	names := make([]string, 0, len(source))
	for n := range source {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

var (
	formLine = regexp.MustCompile(`(?m)^form:[^\n]*$`)
	keyForm  = regexp.MustCompile(`^[OABCR][0-9]{2}$`)
	yamlLine = regexp.MustCompile(`^line ([0-9]+): (.*)$`)
)

// readStep reads one file: the part above `form:` strictly, the form as text.
func readStep(name string, src []byte) (*Template, []error) {
	head, body := src, []byte(nil)
	if at := formLine.FindIndex(src); at != nil {
		head, body = src[:at[0]], src[at[0]:]
	}
	var f stepFile
	dec := yaml.NewDecoder(bytes.NewReader(head))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, []error{fmt.Errorf("%s:1: the file is empty; a step begins with its key", name)}
		}
		return nil, yamlFaults(name, err)
	}
	t := &Template{file: name}
	faults := t.fill(f)
	if body != nil {
		first := bytes.Count(head, []byte("\n")) + 1
		form, err := formSource(t, name, first, body)
		if err != nil {
			faults = append(faults, err)
		}
		t.src = form
	}
	return t, faults
}

// yamlFaults puts the file in front of each line that the reader complains of.
func yamlFaults(name string, err error) []error {
	list := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	if te := (*yaml.TypeError)(nil); errors.As(err, &te) {
		list = te.Errors
	}
	var out []error
	for _, text := range list {
		text = strings.ReplaceAll(text, "not found in type process.stepFile", "is unknown in a step")
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			out = append(out, fmt.Errorf("%s:%s: %s", name, m[1], m[2]))
			continue
		}
		out = append(out, fmt.Errorf("%s:1: %s", name, text))
	}
	return out
}

// fill takes the file over and says what is wrong in it by itself.
func (t *Template) fill(f stepFile) []error {
	var faults []error
	fault := func(at int, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s:%d: %s", t.file, max(at, 1), fmt.Sprintf(format, args...)))
	}
	t.Key, t.Phase, t.Title, t.Asks = f.Key.V, f.Phase.V, f.Title, f.Asks
	t.DueWT, t.Repeatable = f.DueWT.V, f.Repeatable
	t.Milestone, t.Survey, t.Reviewer = f.Milestone.V, f.StartsSurvey.V, f.Reviewer.V
	if !keyForm.MatchString(t.Key) {
		fault(f.Key.At, "key %q is no step key; wanted is a phase and two digits, such as A04", t.Key)
	} else if t.Phase != t.Key[:1] {
		fault(f.Phase.At, "phase %q does not fit key %s; wanted is %s", t.Phase, t.Key, t.Key[:1])
	}
	for what, text := range map[string]lang.Text{"title": t.Title, "asks": t.Asks} {
		if text.DE == "" || text.EN == "" {
			fault(f.Key.At, "%s needs both de and en", what)
		}
	}
	if t.DueWT < 1 || t.DueWT > 400 {
		fault(f.DueWT.At, "due_wt is %d; wanted are 1 to 400 working days", t.DueWT)
	}
	t.Acts = t.roles(f.Acts, "acts", fault)
	t.Informed = t.roles(f.Informed, "informed", fault)
	if len(t.Acts) == 0 {
		fault(f.Key.At, "acts is missing: say which role does the step")
	}
	if t.Reviewer != "" {
		t.roles([]line[string]{f.Reviewer}, "reviewer", fault)
	}
	t.namings(f.Roles, fault)
	t.needs(f.Pre, fault)
	t.outcomes(f.Outcome, fault)
	t.more(f, fault)
	return faults
}

func (t *Template) roles(list []line[string], what string, fault func(int, string, ...any)) []string {
	var out []string
	for _, r := range list {
		if !slices.Contains(roles, r.V) && (what != "informed" || r.V != admin) {
			fault(r.At, "%s: %q is no role; known are %s", what, r.V, strings.Join(roles, " "))
		}
		out = append(out, r.V)
	}
	return out
}

func (t *Template) namings(list []namingFile, fault func(int, string, ...any)) {
	for _, n := range list {
		if n.Role.V == "" || n.Email.V == "" {
			fault(max(n.Role.At, n.Email.At), "roles: role and email are needed")
		}
		if n.Each == "" && !slices.Contains(roles, n.Role.V) {
			fault(n.Role.At, "roles: %q is no role; known are %s", n.Role.V, strings.Join(roles, " "))
		}
		t.Roles = append(t.Roles, Naming{Each: n.Each, Role: n.Role.V, Email: n.Email.V, Name: n.Name, DeputyField: n.Deputy})
	}
}

func (t *Template) outcomes(list []outcomeFile, fault func(int, string, ...any)) {
	known := []Effect{
		EffectQuery, EffectSafety, EffectPark, EffectDeclined, EffectReferred, EffectAccept, EffectReopen, EffectComplete, EffectStop,
	}
	for _, o := range list {
		e := Effect(o.Effect.V)
		if !slices.Contains(known, e) {
			fault(o.Effect.At, "outcome: effect %q is unknown; known are %v", e, known)
		}
		if (e == EffectReopen) != (o.Step.V != "") {
			fault(o.Effect.At, "outcome: reopen needs a step, the other effects have none")
		}
		if (e == EffectStop) != (o.Reason.V != "") {
			fault(o.Effect.At, "outcome: stop needs the question of its reason in `reason`, the other effects have none")
		}
		if e != EffectComplete && o.Follow.V != "" {
			fault(o.Follow.At, "outcome: follow_up goes with complete only")
		}
		if o.When.V == "" && e != EffectComplete {
			fault(o.Effect.At, "outcome: %s needs a condition in `when`", e)
		}
		t.Outcomes = append(t.Outcomes, Outcome{
			When: cond(o.When, fault), Effect: e, Step: o.Step.V, Reason: o.Reason.V, Follow: o.Follow.V, line: o.Effect.At,
		})
	}
}

func cond(src line[string], fault func(int, string, ...any)) *Cond {
	if src.V == "" {
		return nil
	}
	x, err := form.CompileExpr(src.V)
	if err != nil {
		fault(src.At, "condition %q: %v", src.V, err)
		return nil
	}
	return &Cond{Src: src.V, line: src.At, expr: x}
}

// FormPrefix begins the form_id of a step: step_a04.
const FormPrefix = "step_"

// formSource makes a form of its own out of the lines below `form:`. Each line
// keeps its number, so that the form's faults name the line in the step's file.
func formSource(t *Template, name string, first int, body []byte) ([]byte, error) {
	rows := strings.Split(string(body), "\n")
	if rest := strings.TrimSpace(strings.TrimPrefix(rows[0], "form:")); rest != "" && rest[0] != '#' {
		return nil, fmt.Errorf("%s:%d: write the form as indented lines below `form:`", name, first)
	}
	title, err := json.Marshal(t.Title)
	if err != nil {
		return nil, err
	}
	indent := -1
	for i, r := range rows[1:] {
		bare := strings.TrimLeft(r, " ")
		if bare == "" || bare[0] == '#' {
			continue
		}
		n := len(r) - len(bare)
		if n == 0 {
			return nil, fmt.Errorf("%s:%d: form must be the last part of the file; move this above it", name, first+1+i)
		}
		if indent < 0 || n < indent {
			indent = n
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "settings: {form_id: %s%s, version: \"1\", default_language: de, title: %s}", FormPrefix, strings.ToLower(t.Key), title)
	out.WriteString(strings.Repeat("\n", first-1))
	for _, r := range rows[1:] {
		out.WriteString("\n")
		out.WriteString(r[min(max(indent, 0), len(r)-len(strings.TrimLeft(r, " "))):])
	}
	return []byte(out.String()), nil
}
