package form

import (
	"slices"
	"strconv"

	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/model"
)

// hint is what the author wrote, and how to write the answer where that is
// not plain.
func (s *stage) hint(n *model.Node) string {
	own, format := n.Hint.In(s.lang), s.format(n)
	if n.Kind == define.Note || n.ShownOnly() {
		return own
	}
	if own == "" || format == "" {
		return own + format
	}
	return own + " " + format
}

func (s *stage) format(n *model.Node) string {
	b := n.Bounds
	switch n.Kind {
	case define.Text, define.Area:
		return s.lengths(n)
	case define.Integer, define.Decimal:
		if b.Lo == nil || b.Hi == nil {
			return ""
		}
		if b.Step != nil {
			return s.say("form.hint.step", b.Figure(b.Lo.Number), b.Figure(b.Hi.Number), b.Figure(b.Step))
		}
		return s.say("form.hint.range", b.Figure(b.Lo.Number), b.Figure(b.Hi.Number))
	case define.Range:
		if n.Bounds.Short() {
			return ""
		}
		return s.say("form.hint.step", b.Figure(b.Lo.Number), b.Figure(b.Hi.Number), b.Figure(b.Step))
	case define.Date:
		return s.dates(n, "form.hint.date")
	case define.Datetime:
		return s.say("form.hint.datetime")
	case define.Rank:
		return s.say("form.hint.rank")
	case define.Month:
		return s.dates(n, "form.hint.month")
	case define.Year:
		return s.dates(n, "form.hint.year")
	case define.Time:
		return s.say("form.hint.time")
	case define.Many:
		return s.counts(n)
	case define.Repeat:
		if n.Most > 0 && n.Least > 0 {
			return s.say("form.hint.rows", entry.Count(n.Least), entry.Count(n.Most))
		} else if n.Most > 0 {
			return s.say("form.hint.rows.most", entry.Count(n.Most))
		}
	}
	return ""
}

// lengths are told where they matter: for long texts, and where little is not
// enough.
func (s *stage) lengths(n *model.Node) string {
	switch {
	case n.Shortest > 2:
		return s.say("form.hint.length", entry.Count(n.Shortest), entry.Count(n.Longest))
	case n.Kind == define.Area && n.MaxLength != nil:
		return s.say("form.hint.longest", entry.Count(n.Longest))
	}
	return ""
}

func (s *stage) dates(n *model.Node, key string) string {
	if n.Unknown.DE != "" {
		return s.say(key+".unknown", entry.Verbatim(n.Unknown.In(s.lang)))
	}
	return s.say(key)
}

// counts are told unless the author told them.
func (s *stage) counts(n *model.Node) string {
	switch {
	case n.Hint.DE != "" || len(n.Options.Choices) == 1:
		return ""
	case n.Most > 0 && n.Least > 1:
		return s.say("form.hint.count", entry.Count(n.Least), entry.Count(n.Most))
	case n.Most > 0 && n.Most < len(n.Options.Choices):
		return s.say("form.hint.most", entry.Count(n.Most))
	}
	return s.say("form.hint.several")
}

func (s *stage) input(fr *frame, n *model.Node) *Input {
	in := &Input{
		Control: s.control(fr, n), Type: "text", Autocomplete: n.Autocomplete,
		Value: shown(n, fr.typed(n).Text),
	}
	switch n.Kind {
	case define.Email:
		in.Type = "email"
	case define.Phone:
		in.Type = "tel"
	case define.Integer, define.Year:
		in.Mode, in.Size = "numeric", "short"
	case define.Decimal, define.Range:
		in.Mode, in.Size = "decimal", "short"
	case define.Date, define.Month, define.Time, define.Datetime:
		in.Size = "short"
	case define.Municipality:
		s.municipality(fr, n, in)
	case define.Area:
		if n.MaxLength != nil {
			in.Most, s.scripted = n.Longest, true
		}
	}
	if n.Unknown.DE != "" {
		in.Mode = ""
	}
	return in
}

// shown is what stands in the field.
func shown(n *model.Node, typed string) string {
	if n.Unknown.DE != "" && typed == entry.Unknown {
		return n.Unknown.DE
	}
	return entry.Shown(n.Kind, typed)
}

// municipality adds what was found for the answer and a search that works
// without scripts.
func (s *stage) municipality(fr *frame, n *model.Node, in *Input) {
	e := s.st.env
	if e.Lookup != nil {
		in.Found, _ = e.Lookup(fr.understood(n).Text)
	}
	if e.Search == nil {
		return
	}
	in.Search = &Button{Name: searchControl + in.Name, Label: s.say("form.search")}
	if in.Value == "" || in.Found != "" {
		return
	}
	found := e.Search(in.Value)
	if len(found) < 2 {
		return
	}
	pick := &Options{Control: Control{ID: in.ID + "-pick", Name: pickControl + in.Name, Label: s.say("form.pick")}}
	for i, m := range found {
		pick.Options = append(pick.Options, Offer{
			ID: pick.ID + suffix(i), Name: pick.Name, Value: m.Key, Label: m.Label,
		})
	}
	in.Pick = pick
}

// choicesOffered are those that the choice filter lets through.
func (fr *frame) choicesOffered(n *model.Node) []Choice {
	if n.OfferedIf == nil {
		return n.Options.Choices
	}
	var offered []Choice
	for i := range n.Options.Choices {
		if fr.offered(n, &n.Options.Choices[i]) {
			offered = append(offered, n.Options.Choices[i])
		}
	}
	return offered
}

// options shows the choices that the filter offers; all where it offers none,
// since it then waits for another answer on the same page.
func (s *stage) options(fr *frame, n *model.Node, chosen ...string) *Options {
	o := &Options{Control: s.control(fr, n)}
	for _, layout := range []string{"likert", "compact"} {
		if n.Looks(layout) {
			o.Layout = layout
		}
	}
	offered := fr.choicesOffered(n)
	if len(offered) == 0 {
		offered = n.Options.Choices
	}
	o.Options = make([]Offer, 0, len(offered))
	for i, c := range offered {
		o.Options = append(o.Options, Offer{
			ID: o.ID + suffix(i), Name: o.Name, Value: c.Name, Label: c.Label.In(s.lang),
			Class: choiceClass(n, c.Name), Checked: slices.Contains(chosen, c.Name),
		})
	}
	return o
}

// list is a select; the script makes a long one searchable.
func (s *stage) list(fr *frame, n *model.Node) *Options {
	o := s.options(fr, n, fr.understood(n).Text)
	o.Empty = s.say("form.select")
	if len(o.Options) > mostRadios {
		o.Long, s.scripted = true, true
	}
	return o
}

// steps shows a short range as radio buttons.
func (s *stage) steps(fr *frame, n *model.Node) *Options {
	o := &Options{Control: s.control(fr, n), Layout: "likert"}
	chosen := fr.understood(n).Text
	for i, value := range n.Bounds.Values() {
		o.Options = append(o.Options, Offer{
			ID: o.ID + suffix(i), Name: o.Name, Value: value, Label: entry.Figure(value).In(s.lang), Checked: value == chosen,
		})
	}
	return o
}

// ranking asks which choice comes first, second and so on: one select a place.
func (s *stage) ranking(fr *frame, n *model.Node) *Ranking {
	r := &Ranking{Control: s.control(fr, n)}
	chosen, offered := fr.typed(n).Choices, fr.choicesOffered(n)
	for i := range max(len(offered), len(chosen)) {
		place := Options{Empty: s.say("form.select")}
		place.ID, place.Name = r.ID+suffix(i), r.Name
		place.Label = s.say("form.rank.place", entry.Count(i+1))
		for _, c := range offered {
			place.Options = append(place.Options, Offer{
				Value: c.Name, Label: c.Label.In(s.lang), Checked: i < len(chosen) && chosen[i] == c.Name,
			})
		}
		r.Places = append(r.Places, place)
	}
	return r
}

func choiceClass(n *model.Node, name string) string {
	switch {
	case name == "NA":
		return "na"
	case slices.Contains(n.Alone, name):
		return "exclusive"
	}
	return ""
}

func (s *stage) tick(fr *frame, n *model.Node) *Tick {
	c := s.control(fr, n)
	return &Tick{Control: c, Offer: Offer{
		ID: c.ID, Name: c.Name, Value: model.Acknowledged, Label: c.Label,
		Checked: fr.typed(n).Text == model.Acknowledged,
	}}
}

func (s *stage) matrix(fr *frame, n *model.Node) *Matrix {
	m := &Matrix{Control: s.control(fr, n), Rows: make([]Options, 0, len(n.Inner))}
	for _, child := range n.Inner {
		if s.stands(fr, child) && askable(child) {
			s.mark(fr, child)
			m.Rows = append(m.Rows, *s.options(fr, child, fr.understood(child).Text))
		}
	}
	for _, c := range n.Inner[0].Options.Choices {
		class := ""
		if c.Name == "NA" {
			class = "na"
		}
		m.Columns = append(m.Columns, Column{Label: c.Label.In(s.lang), Class: class})
	}
	return m
}

func (s *stage) repeat(fr *frame, n *model.Node) *Repeat {
	fr = fr.of(n)
	rows := fr.framesOf(n)
	least := n.Least
	if _, answered := fr.answers[n.Name]; !answered {
		least = max(n.Least, 1)
	}
	for i := len(rows); n.Count == nil && i < least; i++ {
		rows = append(rows, s.st.frame(fr, Answers{}, n, i, n.Slots))
	}
	r := &Repeat{Control: s.control(fr, n), RowsName: rowsControl + fr.path(n), Count: len(rows)}
	for _, row := range rows {
		r.Rows = append(r.Rows, s.row(row, n, len(rows)))
	}
	if n.Count == nil && (n.Most == 0 && len(rows) < maxRows || len(rows) < n.Most) {
		r.Add = &Button{Name: addControl + fr.path(n), Label: s.say("form.row.add")}
		if len(rows) == 0 {
			r.Add.Label = s.say("form.row.first")
		}
	}
	return r
}

func (s *stage) row(fr *frame, n *model.Node, total int) Row {
	path, index := fr.above.path(n), strconv.Itoa(fr.row)
	row := Row{ID: fieldID(path) + "-" + index, Label: s.say("form.row", fr.number())}
	for _, child := range n.Inner {
		row.Items = s.append(row.Items, fr, child)
	}
	if n.Count != nil {
		return row
	}
	button := func(control, key string) {
		row.Buttons = append(row.Buttons, Button{Name: control + path + ":" + index, Label: s.say(key, fr.number())})
	}
	if n.Looks("ordered") && fr.row > 0 {
		button(upControl, "form.row.up")
	}
	if n.Looks("ordered") && fr.row < total-1 {
		button(downControl, "form.row.down")
	}
	if total > n.Least {
		button(removeControl, "form.row.remove")
	}
	return row
}
