package form

import (
	"slices"
	"strconv"

	"kokoma/shared/lang"
)

// hint is what the author wrote, and how to write the answer where that is
// not plain.
func (s *stage) hint(n *node) string {
	own, format := n.Hint.In(s.lang), s.format(n)
	if n.kind == kindNote || n.shownReadonly() {
		return own
	}
	if own == "" || format == "" {
		return own + format
	}
	return own + " " + format
}

func (s *stage) format(n *node) string {
	b := n.bounds
	switch n.kind {
	case kindText, kindArea:
		return s.lengths(n)
	case kindInteger, kindDecimal:
		if b.lo == nil || b.hi == nil {
			return ""
		}
		if b.step != nil {
			return s.say("form.hint.step", b.figure(b.lo.number), b.figure(b.hi.number), b.figure(b.step))
		}
		return s.say("form.hint.range", b.figure(b.lo.number), b.figure(b.hi.number))
	case kindDate:
		return s.dates(n, "form.hint.date")
	case kindMonth:
		return s.dates(n, "form.hint.month")
	case kindYear:
		return s.dates(n, "form.hint.year")
	case kindTime:
		return s.say("form.hint.time")
	case kindMany:
		return s.counts(n)
	case kindRepeat:
		if n.max > 0 && n.min > 0 {
			return s.say("form.hint.rows", count(n.min), count(n.max))
		} else if n.max > 0 {
			return s.say("form.hint.rows.most", count(n.max))
		}
	}
	return ""
}

// lengths are told where they matter: for long texts, and where little is not
// enough.
func (s *stage) lengths(n *node) string {
	switch {
	case n.minLength > 2:
		return s.say("form.hint.length", count(n.minLength), count(n.maxLength))
	case n.kind == kindArea && n.MaxLength != nil:
		return s.say("form.hint.longest", count(n.maxLength))
	}
	return ""
}

func (s *stage) dates(n *node, key string) string {
	if n.Unknown.DE != "" {
		return s.say(key+".unknown", verbatim(n.Unknown.In(s.lang)))
	}
	return s.say(key)
}

// counts are told unless the author told them.
func (s *stage) counts(n *node) string {
	switch {
	case n.Hint.DE != "":
		return ""
	case n.max > 0 && n.min > 1:
		return s.say("form.hint.count", count(n.min), count(n.max))
	case n.max > 0 && n.max < len(n.list.Choices):
		return s.say("form.hint.most", count(n.max))
	}
	return s.say("form.hint.several")
}

func (s *stage) input(fr *frame, n *node) *Input {
	in := &Input{
		Control: s.control(fr, n), Type: "text", Autocomplete: n.Autocomplete,
		Value: shown(n, fr.typed(n).Text),
	}
	switch n.kind {
	case kindEmail:
		in.Type = "email"
	case kindPhone:
		in.Type = "tel"
	case kindInteger, kindYear:
		in.Mode, in.Size = "numeric", "short"
	case kindDecimal:
		in.Mode, in.Size = "decimal", "short"
	case kindDate, kindMonth, kindTime:
		in.Size = "short"
	case kindMunicipality:
		s.municipality(fr, n, in)
	}
	if n.Unknown.DE != "" {
		in.Mode = ""
	}
	return in
}

// shown is what stands in the field: as typed, but a date that the platform
// wrote as people write it.
func shown(n *node, typed string) string {
	if n.kind == kindDate && isoDate.MatchString(typed) {
		if a := readDate(typed); a.fault == "" {
			return lang.Short(lang.DE, a.date)
		}
	}
	if n.kind == kindMonth && isoMonth.MatchString(typed) {
		if a := readMonth(typed); a.fault == "" {
			return typed[5:7] + "." + typed[:4]
		}
	}
	if n.Unknown.DE != "" && typed == unknownAnswer {
		return n.Unknown.DE
	}
	return typed
}

// municipality adds what was found for the answer and a search that works
// without scripts.
func (s *stage) municipality(fr *frame, n *node, in *Input) {
	e := s.st.env
	if e.Lookup != nil {
		in.Found, _ = e.Lookup(fr.understood(n).text)
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

// options shows the choices that the filter offers; all where it offers none,
// since it then waits for another answer on the same page.
func (s *stage) options(fr *frame, n *node, chosen ...string) *Options {
	o := &Options{Control: s.control(fr, n), Empty: s.say("form.select"), Options: make([]Offer, 0, len(n.list.Choices))}
	if n.Appearance == "likert" {
		o.Layout = "likert"
	}
	offered := n.list.Choices
	if n.filter != nil {
		offered = slices.DeleteFunc(slices.Clone(offered), func(c Choice) bool { return !fr.offered(n, c.Name) })
		if len(offered) == 0 {
			offered = n.list.Choices
		}
	}
	for i, c := range offered {
		o.Options = append(o.Options, Offer{
			ID: o.ID + suffix(i), Name: o.Name, Value: c.Name, Label: c.Label.In(s.lang),
			Class: n.choiceClass(c.Name), Checked: slices.Contains(chosen, c.Name),
		})
	}
	return o
}

func (n *node) choiceClass(name string) string {
	switch {
	case name == "NA":
		return "na"
	case slices.Contains(n.exclusive, name):
		return "exclusive"
	}
	return ""
}

func (s *stage) tick(fr *frame, n *node) *Tick {
	c := s.control(fr, n)
	return &Tick{Control: c, Offer: Offer{
		ID: c.ID, Name: c.Name, Value: Acknowledged, Label: c.Label,
		Checked: fr.typed(n).Text == Acknowledged,
	}}
}

func (s *stage) matrix(fr *frame, n *node) *Matrix {
	m := &Matrix{Control: s.control(fr, n)}
	for _, child := range n.children {
		if fr.isRelevant(child) {
			m.Rows = append(m.Rows, *s.options(fr, child, fr.understood(child).text))
		}
	}
	for _, c := range n.children[0].list.Choices {
		class := ""
		if c.Name == "NA" {
			class = "na"
		}
		m.Columns = append(m.Columns, Column{Label: c.Label.In(s.lang), Class: class})
	}
	return m
}

func (s *stage) repeat(n *node) *Repeat {
	rows := s.st.framesOf(n)
	least := n.min
	if _, answered := s.st.top.answers[n.Name]; !answered {
		least = max(n.min, 1)
	}
	for i := len(rows); i < least; i++ {
		rows = append(rows, s.st.frame(Answers{}, n, i, n.slots))
	}
	r := &Repeat{Control: s.control(s.st.top, n), RowsName: rowsControl + n.Name, Count: len(rows)}
	for _, fr := range rows {
		r.Rows = append(r.Rows, s.row(fr, n, len(rows)))
	}
	if n.max == 0 && len(rows) < maxRows || len(rows) < n.max {
		r.Add = &Button{Name: addControl + n.Name, Label: s.say("form.row.add")}
		if len(rows) == 0 {
			r.Add.Label = s.say("form.row.first")
		}
	}
	return r
}

func (s *stage) row(fr *frame, n *node, total int) Row {
	index := strconv.Itoa(fr.row)
	row := Row{ID: fieldID(n.Name) + "-" + index, Label: s.say("form.row", count(fr.row+1))}
	for _, child := range n.children {
		row.Items = s.append(row.Items, fr, child)
	}
	button := func(control, key string) {
		row.Buttons = append(row.Buttons, Button{
			Name: control + n.Name + ":" + index, Label: s.say(key, count(fr.row+1)),
		})
	}
	if n.Appearance == "ordered" && fr.row > 0 {
		button(upControl, "form.row.up")
	}
	if n.Appearance == "ordered" && fr.row < total-1 {
		button(downControl, "form.row.down")
	}
	if total > n.min {
		button(removeControl, "form.row.remove")
	}
	return row
}
