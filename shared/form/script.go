package form

import (
	"slices"

	"kokoma/shared/form/define"
	"kokoma/shared/form/entry"
	"kokoma/shared/form/expr"
	"kokoma/shared/form/model"
)

// Early stands around items whose relevance depends on answers of the same
// page: the script shows and hides them before the page is sent. It is never a
// second rule, the server judges everything again.
type Early struct {
	If     string   // the condition, for the script
	Hidden bool     // not relevant now: without the script nobody sees it
	Marks  []string // controls that tell the server what the script has shown
	Items  []Item
}

// Live are the words of the script, in the line where it says what it changed.
type Live struct {
	One, More   string // questions that came up: "1 weitere Frage", "%s weitere Fragen"
	Less, Fewer string // questions that fell away, one or several
	Left, Over  string // characters of a text: "noch %s Zeichen"
	Search      string // label of the field that searches a long list: "Suchen in: %s"
	Found       string // choices that fit: "Treffer: %s"
}

func (s *stage) live() *Live {
	number := entry.Verbatim("%s") // which the script puts in
	return &Live{
		One: s.say("form.live.one"), More: s.say("form.live.more", number),
		Less: s.say("form.live.less"), Fewer: s.say("form.live.fewer", number),
		Left: s.say("form.live.left", number), Over: s.say("form.live.over", number),
		Search: s.say("form.live.search", number), Found: s.say("form.live.found", number),
	}
}

// append shows n if it is relevant. What may become relevant while people fill
// in the page is put ready for the script, with nothing in it that others
// answered.
func (s *stage) append(items []Item, fr *frame, n *model.Node) []Item {
	condition, follows := s.condition(fr, n)
	switch {
	case s.ahead == nil && fr.shows(n):
		if !follows {
			return append(items, s.item(fr, n))
		}
		s.scripted = true
		return append(items, Item{Early: &Early{If: condition, Items: []Item{s.item(fr, n)}}})
	case !askable(n):
		return items
	case follows:
		return s.putReady(items, fr, n, condition)
	case s.ahead != nil && s.stands(fr, n):
		return s.appendAhead(items, fr, n)
	}
	return items
}

// askable says that n may be shown before the server has judged that it is
// relevant: it asks or warns, and tells no answer.
func askable(n *model.Node) bool {
	return !n.Kind.In(define.Hidden, define.Calculate) && !n.ShownOnly() && n.Count == nil
}

// putReady prepares n for the script, which alone can show it.
func (s *stage) putReady(items []Item, fr *frame, n *model.Node, condition string) []Item {
	around := s.ahead
	early := &Early{If: condition, Hidden: true}
	s.scripted = true
	s.ahead = early
	early.Items = s.appendAhead(nil, fr, n)
	s.ahead = around
	if len(early.Items) == 0 {
		return items
	}
	return append(items, Item{Early: early})
}

// appendAhead adds n to what the script may show, and notes that it is there.
func (s *stage) appendAhead(items []Item, fr *frame, n *model.Node) []Item {
	it := s.item(fr, n)
	if it.Group != nil && !slices.ContainsFunc(it.Group.Items, func(i Item) bool { return i.Early == nil }) {
		return items
	}
	if it.Matrix != nil && len(it.Matrix.Rows) == 0 {
		return items
	}
	s.mark(fr, n)
	return append(items, it)
}

// mark notes that the script shows n, if it is one of those that Revealed
// looks at.
func (s *stage) mark(fr *frame, n *model.Node) {
	if s.ahead != nil && n.Kind != define.Group {
		s.ahead.Marks = append(s.ahead.Marks, shownControl+fr.path(n))
	}
}

// stands says whether n is part of what is shown when what it stands in is:
// without a condition, or with one that nothing on the page changes.
func (s *stage) stands(fr *frame, n *model.Node) bool {
	if s.ahead == nil {
		return fr.isRelevant(n)
	}
	return n.RelevantIf == nil || !s.ruleMoves(n.RelevantIf) && fr.of(n).holds(n.RelevantIf, n)
}

// condition is the relevance of n for the script, if there is one that it can
// follow.
func (s *stage) condition(fr *frame, n *model.Node) (string, bool) {
	if n.RelevantIf == nil {
		return "", false
	}
	fr = fr.of(n)
	key := placed{fr, n}
	if c, ok := s.conditions[key]; ok {
		return c.src, c.ok
	}
	var c condition
	refs := n.RelevantIf.Refs
	c.src, c.ok = n.RelevantIf.X.Script(&around{frame: fr, rule: n.RelevantIf, node: n}, func(i int) expr.Place { return s.place(fr, refs[i]) })
	s.conditions[key] = c
	return c.src, c.ok
}

type placed struct {
	frame *frame
	node  *model.Node
}

type condition struct {
	src string
	ok  bool
}

// place says where the answer to ref stands, seen from a question in fr.
func (s *stage) place(fr *frame, ref *model.Node) expr.Place {
	if !s.moves(ref) {
		return expr.Place{Told: ref.Kind != define.Hidden && ref.Kind.Answered() && !ref.ShownOnly()}
	}
	as := readAs(ref)
	if as == "" || !s.isHere(ref) || !fr.sees(ref) || !s.canFollow(fr, ref) {
		return expr.Place{Lost: true}
	}
	return expr.Place{Control: fr.path(ref), As: as}
}

// canFollow says whether the script knows at any time if ref is asked.
func (s *stage) canFollow(fr *frame, ref *model.Node) bool {
	for n := ref; n != nil; n = n.Parent {
		if n.Count != nil && s.ruleMoves(n.Count) {
			return false
		}
		if n.RelevantIf == nil || !s.ruleMoves(n.RelevantIf) {
			continue
		}
		if _, ok := s.condition(fr, n); !ok || n.Parent != nil && n.Parent.Matrix() {
			return false
		}
	}
	return true
}

// readAs is how the script reads the answer: only where it can be sure to
// understand what the server does.
func readAs(n *model.Node) string {
	switch n.Kind {
	case define.One, define.Acknowledge:
		return expr.AsChoice
	case define.Many, define.Rank:
		return expr.AsChoices
	case define.Integer:
		return expr.AsInteger
	case define.Decimal:
		return expr.AsDecimal
	case define.Range:
		if n.Bounds.Whole() {
			return expr.AsInteger
		}
		return expr.AsDecimal
	case define.Text:
		return expr.AsText
	}
	return ""
}

// isHere says whether n is on the page that is shown.
func (s *stage) isHere(n *model.Node) bool { return s.here == "" || n.PageName() == s.here }

// moves says whether what expressions see of n can change while the page is
// filled in.
func (s *stage) moves(n *model.Node) bool {
	moves, known := s.moving[n]
	if known {
		return moves
	}
	s.moving[n] = false // what asks for itself does not move by that
	moves = s.isHere(n) && (n.Kind == define.Repeat || n.Kind.Answered() && n.Kind != define.Hidden && !n.ShownOnly()) ||
		s.ruleMoves(n.Formula) || s.ruleMoves(n.Preset) || s.ruleMoves(n.Count) || s.ruleMoves(n.RelevantIf) ||
		n.Parent != nil && s.moves(n.Parent)
	s.moving[n] = moves
	return moves
}

func (s *stage) ruleMoves(r *model.Rule) bool {
	return r != nil && slices.ContainsFunc(r.Refs, s.moves)
}
