package form

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/model"
)

// Bounds of a post; what is beyond them is reported, not read.
const (
	maxRows    = model.MaxRows // rows of a repeat that are kept although too many
	maxAllRows = 2000          // rows of all repeats together
	maxUnknown = 20            // names that are remembered for the report
)

// Names of the engine's own controls. All names that begin with _ belong to
// the page, never to a question.
const (
	rowsControl    = "_rows:"    // _rows:actors=3: so many rows were shown
	confirmControl = "_confirm:" // _confirm:actors[0].actor_label=1
	pickControl    = "_pick:"    // _pick:muni_key=09999123: found by a search
	searchControl  = "_search:"
	addControl     = "_add:"
	removeControl  = "_remove:" // _remove:actors:1
	upControl      = "_up:"
	downControl    = "_down:"
	shownControl   = "_shown:" // _shown:actor_other=1: the script has shown this question
)

// Read takes what was posted on a page, "" for all of them, into the answers
// and returns them anew. Everything is kept as typed, wrong or not; Check
// judges. Questions that were not on the page keep their answers: a
// select_multiple or acknowledge that was shown is posted at least empty, by
// its hidden field. What no question of the page asks for is left out and
// reported by the next Check.
func (f *Form) Read(v url.Values, page string, into Answers) Answers {
	r := &reading{form: f, page: page, post: v, out: into.cloneFor(len(v))}
	delete(r.out, unknownName)
	delete(r.out, shownName)
	root := &posted{values: make(map[*model.Node][]string, len(v))}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if path, ok := strings.CutPrefix(name, rowsControl); ok {
			r.sortRows(root, path, v.Get(name))
		}
		if strings.HasPrefix(name, "_") {
			r.controls = append(r.controls, name)
			continue
		}
		r.sort(root, name, v[name])
	}
	r.take(root, r.out, "")
	r.confirmations()
	r.shown()
	r.buttons()
	if len(r.unknown) > 0 {
		r.out[unknownName] = Value{Choices: r.unknown}
	}
	return r.out
}

// Pressed says whether the post came from a button inside the form that only
// changes the form itself: add, remove or move a row, search. Then the page
// is shown again, unjudged, at the fragment.
func Pressed(v url.Values) (fragment string, ok bool) {
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if path, found := strings.CutPrefix(name, searchControl); found {
			return fieldID(path), true
		}
		if path, found := strings.CutPrefix(name, addControl); found {
			n, _ := strconv.Atoi(v.Get(rowsControl + path))
			return fieldID(path) + "-" + strconv.Itoa(min(max(n, 0), maxRows)), true
		}
		for _, control := range []string{removeControl, upControl, downControl} {
			if path, found := strings.CutPrefix(name, control); found {
				repeat, _, _ := strings.Cut(path, ":")
				return fieldID(repeat), true
			}
		}
	}
	return "", false
}

// reading is the work of one Read.
type reading struct {
	form      *Form
	page      string
	post      url.Values
	out       Answers
	rows      int      // rows that were posted, of all repeats together
	shownRows int      // rows that the page says it showed
	changed   []string // fields whose value is new
	unknown   []string

	controls []string // names that begin with _, in order
}

// posted is what was posted of the form, or of one row.
type posted struct {
	values map[*model.Node][]string
	rows   map[*model.Node]map[int]*posted // by index as posted
	shown  map[*model.Node]int             // how many rows the page showed
}

func (r *reading) covers(n *model.Node) bool { return r.page == "" || n.PageName() == r.page }

// step is a repeat and one of its rows.
type step struct {
	repeat *model.Node
	row    int
}

// locate takes actors[1].contacts[0].phone apart: the rows from the outside to
// the inside, and the node in the last. ok is false where the form has no such
// place.
func (f *Form) locate(path string) (rows []step, n *model.Node, ok bool) {
	var inside *model.Node
	for {
		name, rest, more := strings.Cut(path, "[")
		n = f.model.ByName[name]
		if n == nil || n.Repeat != inside {
			return nil, nil, false
		}
		if !more {
			return rows, n, true
		}
		index, child, closed := strings.Cut(rest, "].")
		row, err := strconv.Atoi(index)
		if !closed || err != nil || row < 0 || row >= maxRows || strconv.Itoa(row) != index || n.Kind != define.Repeat {
			return nil, nil, false
		}
		rows, inside, path = append(rows, step{n, row}), n, child
	}
}

// into is where the values of the innermost of these rows are gathered; nil
// when there are too many.
func (r *reading) into(p *posted, rows []step) *posted {
	for _, s := range rows {
		if p.rows == nil {
			p.rows = map[*model.Node]map[int]*posted{}
		}
		if p.rows[s.repeat] == nil {
			p.rows[s.repeat] = map[int]*posted{}
		}
		if p.rows[s.repeat][s.row] == nil {
			if r.rows++; r.rows > maxAllRows {
				return nil
			}
			p.rows[s.repeat][s.row] = &posted{}
		}
		p = p.rows[s.repeat][s.row]
	}
	return p
}

// sort puts a posted value where it belongs.
func (r *reading) sort(root *posted, name string, values []string) {
	rows, n, ok := r.form.locate(name)
	if !ok || !n.Kind.Answered() || n.ShownOnly() || !r.covers(n) {
		r.strange(name)
		return
	}
	p := r.into(root, rows)
	if p == nil {
		r.strange(name)
		return
	}
	if p.values == nil {
		p.values = map[*model.Node][]string{}
	}
	p.values[n] = values
}

// sortRows notes how many rows of a repeat the page showed.
func (r *reading) sortRows(root *posted, path, count string) {
	rows, n, ok := r.form.locate(path)
	shown, err := strconv.Atoi(count)
	if !ok || err != nil || n.Kind != define.Repeat || !r.covers(n) {
		return
	}
	p := r.into(root, rows)
	if p == nil {
		return
	}
	if p.shown == nil {
		p.shown = map[*model.Node]int{}
	}
	p.shown[n] = min(max(shown, 0), maxRows)
	if r.shownRows += p.shown[n]; r.shownRows > maxAllRows {
		p.shown[n] = 0
		r.strange(rowsControl + path)
	}
}

// take puts what was posted of one place into its answers.
func (r *reading) take(p *posted, into Answers, prefix string) {
	for _, n := range slices.SortedFunc(maps.Keys(p.values), byPosition) {
		r.set(into, n, prefix+n.Name, p.values[n])
	}
	repeats := map[*model.Node]bool{}
	for n := range p.rows {
		repeats[n] = true
	}
	for n := range p.shown {
		repeats[n] = true
	}
	for _, n := range slices.SortedFunc(maps.Keys(repeats), byPosition) {
		r.takeRows(p, n, into, prefix)
	}
}

func byPosition(a, b *model.Node) int { return cmp.Compare(a.Slot, b.Slot) }

// takeRows makes the rows of a repeat new that was on the page. Holes in the
// numbering close up. Where the form says how many rows there are, those that
// were not on the page are kept: their number may come back.
func (r *reading) takeRows(p *posted, n *model.Node, into Answers, prefix string) {
	indexes := map[int]bool{}
	for i := range p.shown[n] {
		indexes[i] = true
	}
	for i := range p.rows[n] {
		indexes[i] = true
	}
	before := into.Rows(n.Name)
	after := make([]Answers, 0, len(indexes))
	for _, i := range slices.Sorted(maps.Keys(indexes)) {
		row := Answers{}
		if i < len(before) {
			row = before[i]
		}
		if there := p.rows[n][i]; there != nil {
			r.take(there, row, rowPrefix(prefix, n, i))
		}
		after = append(after, row)
	}
	if n.Count != nil && len(after) < len(before) {
		after = append(after, before[len(after):]...)
	}
	into[n.Name] = Value{Rows: after}
}

// rowPrefix stands in front of the names of what is asked in a row.
func rowPrefix(prefix string, repeat *model.Node, row int) string {
	return prefix + repeat.Name + "[" + strconv.Itoa(row) + "]."
}

func (r *reading) strange(name string) {
	if len(r.unknown) == maxUnknown {
		return
	}
	name = entry.CleanLine(strings.ToValidUTF8(name, ""))
	if utf8.RuneCountInString(name) > 40 {
		name = string([]rune(name)[:40]) + "…"
	}
	r.unknown = append(r.unknown, name)
}

// set keeps one answer and notes whether it is new.
func (r *reading) set(a Answers, n *model.Node, path string, values []string) {
	before := a[n.Name]
	v := received(n, values)
	if pick := last(r.post[pickControl+path]); pick != "" && v.Text == before.Text {
		v.Text = tidy(pick)
	}
	if v.Text != before.Text || !slices.Equal(v.Choices, before.Choices) {
		r.changed = append(r.changed, path)
	}
	a[n.Name] = v
}

// received is the value of a question as it was posted. A hidden field in
// front posts "" where nothing is ticked.
func received(n *model.Node, values []string) Value {
	switch n.Kind {
	case define.Rank:
		return Value{Choices: ranked(values)}
	case define.Many:
		return Value{Choices: chosen(values)}
	}
	return Value{Text: tidy(last(values))}
}

// chosen are the choices that were ticked, each once.
func chosen(values []string) []string {
	choices := []string{}
	for _, name := range values {
		if name = tidy(name); name != "" && !slices.Contains(choices, name) {
			choices = append(choices, name)
		}
	}
	return choices
}

// ranked are the choices of a ranking by their places. What stands twice is
// kept and judged; places that were left free at the end are not.
func ranked(values []string) []string {
	choices := make([]string, 0, len(values))
	for _, name := range values {
		choices = append(choices, tidy(name))
	}
	for len(choices) > 0 && choices[len(choices)-1] == "" {
		choices = choices[:len(choices)-1]
	}
	if len(choices) > define.MaxChoices {
		choices = choices[:define.MaxChoices]
	}
	return choices
}

func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// tidy makes valid text of what came: line ends of one kind, no NUL.
func tidy(s string) string {
	if entry.Plain(s) {
		return s
	}
	return lineEnds.Replace(strings.ToValidUTF8(s, "\ufffd"))
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "")

// confirmations notes which warnings were confirmed. A confirmation holds
// until the field's answer changes.
func (r *reading) confirmations() {
	confirmed := r.out.Choices(confirmedName)
	drop := func(field string) {
		confirmed = slices.DeleteFunc(confirmed, func(c string) bool { return c == field })
	}
	for _, field := range r.changed {
		if len(confirmed) == 0 {
			break
		}
		for _, doubtful := range r.form.doubts(field) {
			drop(doubtful)
		}
		drop(field)
	}
	for _, name := range r.controls {
		field, ok := strings.CutPrefix(name, confirmControl)
		if !ok || !r.isField(field) {
			continue
		}
		drop(field)
		if last(r.post[name]) == "1" {
			confirmed = append(confirmed, field)
		}
	}
	r.confirm(confirmed)
}

// shown notes which questions the script has shown before the page was sent.
func (r *reading) shown() {
	var fields []string
	for _, name := range r.controls {
		if field, ok := strings.CutPrefix(name, shownControl); ok && r.isField(field) {
			fields = append(fields, field)
		}
	}
	if len(fields) > 0 {
		r.out[shownName] = Value{Choices: fields}
	}
}

func (r *reading) confirm(fields []string) {
	if len(fields) == 0 {
		delete(r.out, confirmedName)
		return
	}
	slices.Sort(fields)
	r.out[confirmedName] = Value{Choices: fields}
}

func (r *reading) isField(path string) bool {
	_, n, ok := r.form.locate(path)
	return ok && r.covers(n)
}

// doubts are the fields outside of rows whose checks look at this one.
func (f *Form) doubts(path string) []string {
	_, changed, _ := f.locate(path)
	var out []string
	for _, n := range f.model.Nodes {
		for _, c := range n.Rules {
			if n.Repeat == nil && slices.Contains(c.When.Refs, changed) {
				out = append(out, n.Name)
			}
		}
	}
	return out
}

// buttons does what the buttons of rows ask for.
func (r *reading) buttons() {
	for _, name := range r.controls {
		control, rest, ok := strings.Cut(name, ":")
		path, index, _ := strings.Cut(rest, ":")
		if control += ":"; !ok || !slices.Contains([]string{addControl, removeControl, upControl, downControl}, control) {
			continue
		}
		rows, n, ok := r.form.locate(path)
		into := r.row(rows)
		if !ok || into == nil || n.Kind != define.Repeat || n.Count != nil || !r.covers(n) {
			continue
		}
		i, err := strconv.Atoi(index)
		if control == addControl {
			add(into, n)
		} else if err == nil && i >= 0 && i < len(into.Rows(n.Name)) {
			r.move(into, n, path, i, control)
		}
	}
}

// row are the answers of the innermost of these rows; nil where it is not there.
func (r *reading) row(rows []step) Answers {
	at := r.out
	for _, s := range rows {
		all := at.Rows(s.repeat.Name)
		if s.row >= len(all) {
			return nil
		}
		at = all[s.row]
	}
	return at
}

func add(into Answers, n *model.Node) {
	rows := into.Rows(n.Name)
	if n.Most == 0 && len(rows) < maxRows || len(rows) < n.Most {
		into[n.Name] = Value{Rows: append(rows, Answers{})}
	}
}

func (r *reading) move(into Answers, n *model.Node, path string, i int, control string) {
	rows := into.Rows(n.Name)
	switch {
	case control == removeControl:
		rows = slices.Delete(rows, i, i+1)
	case control == upControl && i > 0:
		rows[i-1], rows[i] = rows[i], rows[i-1]
	case control == downControl && i < len(rows)-1:
		rows[i], rows[i+1] = rows[i+1], rows[i]
	default:
		return
	}
	into[n.Name] = Value{Rows: rows}
	// The fields have other numbers now: what was confirmed is asked again.
	r.confirm(slices.DeleteFunc(r.out.Choices(confirmedName), func(field string) bool {
		return strings.HasPrefix(field, path+"[")
	}))
}
