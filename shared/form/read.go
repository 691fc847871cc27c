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
	maxRows    = 200 // rows of a repeat that are kept although too many
	maxUnknown = 20  // names that are remembered for the report
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
)

// Read takes what was posted on a page, "" for all of them, into the answers
// and returns them anew. Everything is kept as typed, wrong or not; Check
// judges. Questions that were not on the page keep their answers: a
// select_multiple or acknowledge that was shown is posted at least empty, by
// its hidden field. What no question of the page asks for is left out and
// reported by the next Check.
func (f *Form) Read(v url.Values, page string, into Answers) Answers {
	r := &reading{form: f, page: page, post: v, out: into.Clone(), rows: map[*model.Node]map[int]posted{}}
	delete(r.out, unknownName)
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if !strings.HasPrefix(name, "_") {
			r.sort(name, v[name])
		}
	}
	for _, n := range f.model.Nodes {
		if n.Kind == define.Repeat && r.covers(n) {
			r.readRows(n)
		}
	}
	r.confirmations()
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
	form    *Form
	page    string
	post    url.Values
	out     Answers
	rows    map[*model.Node]map[int]posted // by index as posted
	changed []string                       // fields whose value is new
	unknown []string
}

// posted are the values of one row, by question.
type posted map[*model.Node][]string

func (r *reading) covers(n *model.Node) bool { return r.page == "" || n.PageName() == r.page }

// sort puts a posted value where it belongs.
func (r *reading) sort(name string, values []string) {
	repeat, row, child, inRow := splitPath(name)
	n := r.form.model.ByName[child]
	takes := n != nil && n.Kind.Answered() && !n.ShownOnly() && r.covers(n)
	switch {
	case !takes || inRow != (n.Repeat != nil) || inRow && n.Repeat.Name != repeat:
		r.strange(name)
	case inRow:
		if r.rows[n.Repeat] == nil {
			r.rows[n.Repeat] = map[int]posted{}
		}
		if r.rows[n.Repeat][row] == nil {
			r.rows[n.Repeat][row] = posted{}
		}
		r.rows[n.Repeat][row][n] = values
	default:
		r.set(r.out, n, name, values)
	}
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

// splitPath takes actors[1].actor_label apart. Without a row, child is all.
func splitPath(path string) (repeat string, row int, child string, inRow bool) {
	repeat, rest, ok := strings.Cut(path, "[")
	index, child, closed := strings.Cut(rest, "].")
	row, err := strconv.Atoi(index)
	if !ok || !closed || err != nil || row < 0 || row >= maxRows || strconv.Itoa(row) != index {
		return "", 0, path, false
	}
	return repeat, row, child, true
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
	if n.Kind != define.Many {
		return Value{Text: tidy(last(values))}
	}
	choices := []string{}
	for _, name := range values {
		if name = tidy(name); name != "" && !slices.Contains(choices, name) {
			choices = append(choices, name)
		}
	}
	return Value{Choices: choices}
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
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(strings.ToValidUTF8(s, "\ufffd"))
}

// readRows makes the rows of a repeat new if it was on the page. Holes in the
// numbering close up.
func (r *reading) readRows(n *model.Node) {
	rows := r.rows[n]
	shown, err := strconv.Atoi(r.post.Get(rowsControl + n.Name))
	if err != nil && len(rows) == 0 {
		return
	}
	indexes := map[int]bool{}
	for i := range min(max(shown, 0), maxRows) {
		indexes[i] = true
	}
	for i := range rows {
		indexes[i] = true
	}
	before := r.out.Rows(n.Name)
	after := make([]Answers, 0, len(indexes))
	for _, i := range slices.Sorted(maps.Keys(indexes)) {
		row := Answers{}
		if i < len(before) {
			row = before[i]
		}
		for _, child := range slices.SortedFunc(maps.Keys(rows[i]), byPosition) {
			r.set(row, child, rowPath(n, i, child), rows[i][child])
		}
		after = append(after, row)
	}
	r.out[n.Name] = Value{Rows: after}
}

func byPosition(a, b *model.Node) int { return cmp.Compare(a.Slot, b.Slot) }

func rowPath(repeat *model.Node, row int, child *model.Node) string {
	return repeat.Name + "[" + strconv.Itoa(row) + "]." + child.Name
}

// confirmations notes which warnings were confirmed. A confirmation holds
// until the field's answer changes.
func (r *reading) confirmations() {
	confirmed := r.out.Choices(confirmedName)
	drop := func(field string) {
		confirmed = slices.DeleteFunc(confirmed, func(c string) bool { return c == field })
	}
	for _, field := range r.changed {
		for _, doubtful := range r.form.doubts(field) {
			drop(doubtful)
		}
		drop(field)
	}
	for _, name := range slices.Sorted(maps.Keys(r.post)) {
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

func (r *reading) confirm(fields []string) {
	if len(fields) == 0 {
		delete(r.out, confirmedName)
		return
	}
	slices.Sort(fields)
	r.out[confirmedName] = Value{Choices: fields}
}

func (r *reading) isField(path string) bool {
	repeat, _, child, inRow := splitPath(path)
	n := r.form.model.ByName[child]
	if n == nil || !r.covers(n) || inRow != (n.Repeat != nil) {
		return false
	}
	return !inRow || n.Repeat.Name == repeat
}

// doubts are the fields outside of rows whose checks look at this one.
func (f *Form) doubts(path string) []string {
	_, _, child, _ := splitPath(path)
	changed := f.model.ByName[child]
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
	for _, name := range slices.Sorted(maps.Keys(r.post)) {
		control, rest, ok := strings.Cut(name, ":")
		repeat, index, _ := strings.Cut(rest, ":")
		n := r.form.model.ByName[repeat]
		if !ok || n == nil || n.Kind != define.Repeat || !r.covers(n) {
			continue
		}
		i, err := strconv.Atoi(index)
		rows := r.out.Rows(n.Name)
		if control+":" == addControl {
			r.add(n, rows)
		} else if err == nil && i >= 0 && i < len(rows) {
			r.move(n, rows, i, control+":")
		}
	}
}

func (r *reading) add(n *model.Node, rows []Answers) {
	if n.Most == 0 && len(rows) < maxRows || len(rows) < n.Most {
		r.out[n.Name] = Value{Rows: append(rows, Answers{})}
	}
}

func (r *reading) move(n *model.Node, rows []Answers, i int, control string) {
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
	r.out[n.Name] = Value{Rows: rows}
	// The fields have other numbers now: what was confirmed is asked again.
	r.confirm(slices.DeleteFunc(r.out.Choices(confirmedName), func(field string) bool {
		return strings.HasPrefix(field, n.Name+"[")
	}))
}
