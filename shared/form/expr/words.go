package expr

import (
	"math"
	"strconv"
	"strings"

	"kokoma/shared/lang"
)

// Names is what questions and their choices are called where an expression is
// told in words.
type Names interface {
	// Question is the label of a question, "" for none.
	Question(name string) string
	// Choice is the label of a choice of a question, "" for none. The question
	// whose answer is judged is "".
	Choice(question, code string) string
}

// Words tells the expression in words: ${esc} >= 6 is „Stufe“ ist mindestens 6.
// What has no words is quoted as the formula that it is.
func (x *Expr) Words(l lang.Lang, n Names) string {
	t := teller{x: x, lang: l, names: n}
	text := t.tell(x.root)
	if t.lost {
		return t.put(wordFormula, t.quote(x.src))
	}
	if l != lang.EN {
		text = dative.Replace(text)
	}
	return text
}

// dative puts the article right where a phrase stands behind a preposition.
var dative = strings.NewReplacer("von die ", "von der ", "bei die ", "bei der ", "von das ", "von dem ", "aus die ", "aus der ", "aus das ", "aus dem ")

type teller struct {
	x     *Expr
	lang  lang.Lang
	names Names
	lost  bool // something has no words
}

var (
	wordFormula  = lang.Text{DE: "die Formel %1 trifft zu oder ergibt den Wert", EN: "the formula %1 holds or gives the value"}
	wordSelf     = lang.Text{DE: "die Antwort", EN: "the answer"}
	wordCode     = lang.Text{DE: "der Code der Antwortmöglichkeit", EN: "the code of the choice"}
	wordColumn   = lang.Text{DE: "die Spalte %1 der Antwortmöglichkeit", EN: "the column %1 of the choice"}
	wordTrue     = lang.Text{DE: "immer", EN: "always"}
	wordFalse    = lang.Text{DE: "nie", EN: "never"}
	wordEmpty    = lang.Text{DE: "%1 ist nicht beantwortet", EN: "%1 is not answered"}
	wordFilled   = lang.Text{DE: "%1 ist beantwortet", EN: "%1 is answered"}
	wordNothing  = lang.Text{DE: "nichts", EN: "nothing"}
	wordLacks    = lang.Text{DE: "bei %1 ist %2 nicht gewählt", EN: "%2 is not chosen in %1"}
	wordNot      = lang.Text{DE: "nicht: %1", EN: "not: %1"}
	wordDays     = lang.Text{DE: "%1 Tage", EN: "%1 days"}
	wordRow      = lang.Text{DE: "die Nummer der Zeile", EN: "the number of the row"}
	wordOuterRow = lang.Text{DE: "die Nummer der Zeile, in der diese Zeile steht", EN: "the number of the row around this one"}
	wordIndexed  = lang.Text{DE: "%1 in Zeile %2", EN: "%1 in row %2"}
	wordRowOf    = lang.Text{DE: "%1 von %2", EN: "%1 of %2"}
	wordRounded  = lang.Text{DE: "%1, gerundet auf %2 Stellen", EN: "%1, rounded to %2 places"}
	wordPart     = lang.Text{DE: "der Text von %1 ab Stelle %2 bis vor Stelle %3 (gezählt ab 0)", EN: "the text of %1 from position %2 to before position %3 (counted from 0)"}
)

// operatorWords are the operators; momentWords those where dates are compared.
var (
	operatorWords = map[op]lang.Text{
		opOr: {DE: "%1 oder %2", EN: "%1 or %2"}, opAnd: {DE: "%1 und %2", EN: "%1 and %2"},
		opEq: {DE: "%1 ist %2", EN: "%1 is %2"}, opNe: {DE: "%1 ist nicht %2", EN: "%1 is not %2"},
		opLt: {DE: "%1 ist kleiner als %2", EN: "%1 is less than %2"}, opLe: {DE: "%1 ist höchstens %2", EN: "%1 is at most %2"},
		opGt: {DE: "%1 ist größer als %2", EN: "%1 is more than %2"}, opGe: {DE: "%1 ist mindestens %2", EN: "%1 is at least %2"},
		opAdd: {DE: "%1 plus %2", EN: "%1 plus %2"}, opSub: {DE: "%1 minus %2", EN: "%1 minus %2"},
		opMul: {DE: "%1 mal %2", EN: "%1 times %2"}, opDiv: {DE: "%1 geteilt durch %2", EN: "%1 divided by %2"},
		opMod: {DE: "der Rest von %1 geteilt durch %2", EN: "the remainder of %1 divided by %2"},
		opNeg: {DE: "minus %1", EN: "minus %1"},
	}
	momentWords = map[op]lang.Text{
		opLt: {DE: "%1 liegt vor %2", EN: "%1 is before %2"}, opLe: {DE: "%1 ist spätestens %2", EN: "%1 is %2 or earlier"},
		opGt: {DE: "%1 liegt nach %2", EN: "%1 is after %2"}, opGe: {DE: "%1 ist frühestens %2", EN: "%1 is %2 or later"},
	}
)

// functionWords are the functions by their names: %1 is the first argument, %+
// all that no other place takes.
var functionWords = map[string]lang.Text{
	"true": wordTrue, "false": wordFalse, "not": wordNot,
	"boolean":             {DE: "%1 trifft zu oder ist beantwortet", EN: "%1 holds or is answered"},
	"boolean-from-string": {DE: "%1 ist „true“ oder 1", EN: "%1 is “true” or 1"},
	"selected":            {DE: "bei %1 ist %2 gewählt", EN: "%2 is chosen in %1"},
	"contains":            {DE: "%1 enthält den Text %2", EN: "%1 contains the text %2"},
	"starts-with":         {DE: "%1 beginnt mit %2", EN: "%1 begins with %2"},
	"ends-with":           {DE: "%1 endet mit %2", EN: "%1 ends with %2"},
	"regex":               {DE: "%1 passt zum Muster %2", EN: "%1 matches the pattern %2"},
	"checklist":           {DE: "mindestens %1 und höchstens %2 davon treffen zu (-1: ohne Grenze): %+", EN: "at least %1 and at most %2 of these hold (-1: no bound): %+"},
	"weighted-checklist":  {DE: "die Gewichte dessen, was zutrifft, ergeben mindestens %1 und höchstens %2 (-1: ohne Grenze); Bedingung und Gewicht: %+", EN: "the weights of what holds come to at least %1 and at most %2 (-1: no bound); condition and weight: %+"},

	"number":            {DE: "%1 als Zahl", EN: "%1 as a number"},
	"int":               {DE: "%1 ohne Nachkommastellen", EN: "%1 without decimal places"},
	"round":             {DE: "%1, gerundet", EN: "%1, rounded"},
	"abs":               {DE: "der Betrag von %1", EN: "the absolute value of %1"},
	"pow":               {DE: "%1 hoch %2", EN: "%1 to the power of %2"},
	"string-length":     {DE: "die Zahl der Zeichen von %1", EN: "the number of characters of %1"},
	"count-selected":    {DE: "die Zahl der gewählten Antworten bei %1", EN: "the number of choices made in %1"},
	"decimal-date-time": {DE: "%1 als Zahl der Tage seit 1970", EN: "%1 as days since 1970"},
	"decimal-time":      {DE: "%1 als Teil des Tages", EN: "%1 as a part of the day"},
	"min":               {DE: "der kleinste Wert von %+", EN: "the least of %+"},
	"max":               {DE: "der größte Wert von %+", EN: "the greatest of %+"},
	"sum":               {DE: "die Summe von %1 über alle Zeilen", EN: "the sum of %1 over all rows"},
	"count":             {DE: "die Zahl der Zeilen von %1", EN: "the number of rows of %1"},
	"count-non-empty":   {DE: "die Zahl der Zeilen, in denen %1 beantwortet ist", EN: "the number of rows in which %1 is answered"},
	"position":          wordRow,

	"string":           {DE: "%1 als Text", EN: "%1 as a text"},
	"concat":           {DE: "der Text aus %+", EN: "the text of %+"},
	"join":             {DE: "%+, verbunden mit %1", EN: "%+, joined by %1"},
	"substr":           {DE: "der Text von %1 ab Stelle %2 (gezählt ab 0)", EN: "the text of %1 from position %2 (counted from 0)"},
	"substring-before": {DE: "der Teil von %1 vor %2", EN: "the part of %1 before %2"},
	"substring-after":  {DE: "der Teil von %1 nach %2", EN: "the part of %1 after %2"},
	"translate":        {DE: "%1, darin die Zeichen %2 ersetzt durch %3", EN: "%1 with the characters %2 replaced by %3"},
	"normalize-space":  {DE: "%1 ohne überzählige Leerzeichen", EN: "%1 without surplus blanks"},
	"selected-at":      {DE: "die gewählte Antwort von %1 an Stelle %2 (gezählt ab 0)", EN: "the choice made in %1 at position %2 (counted from 0)"},
	"format-date":      {DE: "das Datum %1, geschrieben als %2", EN: "the date %1, written as %2"},
	"format-date-time": {DE: "der Zeitpunkt %1, geschrieben als %2", EN: "the time %1, written as %2"},
	"coalesce":         {DE: "%1 oder, wo nichts steht, %2", EN: "%1 or, where that is empty, %2"},
	"once":             {DE: "%1, einmal festgelegt und dann beibehalten", EN: "%1, settled once and then kept"},
	"jr:choice-name":   {DE: "die Beschriftung der Antwort %1 auf %2", EN: "the label of the answer %1 to %2"},

	"if":             {DE: "wenn %1, dann %2, sonst %3", EN: "if %1, then %2, else %3"},
	"indexed-repeat": wordIndexed,
	"today":          {DE: "heute", EN: "today"},
	"now":            {DE: "jetzt", EN: "now"},
	"date":           {DE: "das Datum %1", EN: "the date %1"},
	"date-time":      {DE: "der Zeitpunkt %1", EN: "the time %1"},
}

func (t *teller) tell(n *node) string {
	switch n.op {
	case opLit:
		return t.literal(n)
	case opRef:
		return t.question(n.ref)
	case opSelf:
		return wordSelf.In(t.lang)
	case opChoice:
		if n.column == "name" {
			return wordCode.In(t.lang)
		}
		return t.put(wordColumn, t.quote(n.column))
	case opOr, opAnd, opAdd, opSub, opMul, opDiv, opMod, opNeg, opEq, opNe, opLt, opLe, opGt, opGe:
		return t.operator(n)
	case opPosition:
		if n.ref > 1 {
			return wordOuterRow.In(t.lang)
		}
		return wordRow.In(t.lang)
	case opIndexed:
		return t.indexed(n)
	case opChoiceName:
		return t.put(functionWords["jr:choice-name"], t.inside(n.args[0]), t.question(n.ref))
	case opSelected:
		return t.put(functionWords["selected"], t.inside(n.args[0]), t.beside(n.args[1], n.args[0]))
	case opNot:
		if in := n.args[0]; in.op == opSelected {
			return t.put(wordLacks, t.inside(in.args[0]), t.beside(in.args[1], in.args[0]))
		}
	}
	return t.call(n)
}

func (t *teller) operator(n *node) string {
	pattern, ok := operatorWords[n.op]
	if !ok {
		t.lost = true
		return ""
	}
	if n.op == opNeg {
		return t.put(pattern, t.inside(n.args[0]))
	}
	a, b := n.args[0], n.args[1]
	switch n.op {
	case opOr, opAnd:
		return t.put(pattern, t.under(n, a), t.under(n, b))
	case opAdd, opSub:
		if moment(a) && b.op == opLit && b.lit.kind == Number {
			return t.put(pattern, t.under(n, a), t.put(wordDays, t.tell(b)))
		}
	case opEq, opNe:
		if asked, empty := emptiness(a, b); empty {
			if n.op == opEq {
				return t.put(wordEmpty, t.inside(asked))
			}
			return t.put(wordFilled, t.inside(asked))
		}
		return t.put(pattern, t.beside(a, b), t.beside(b, a))
	case opLt, opLe, opGt, opGe:
		if moment(a) || moment(b) {
			pattern = momentWords[n.op]
		}
	}
	return t.put(pattern, t.under(n, a), t.under(n, b))
}

// emptiness finds the comparison with the empty text.
func emptiness(a, b *node) (*node, bool) {
	if b.isText() && b.lit.text == "" {
		return a, true
	}
	return b, a.isText() && a.lit.text == ""
}

// moment says that a node is a date or a time, as far as can be seen from it.
func moment(n *node) bool {
	switch n.op {
	case opToday, opNow, opDate:
		return true
	case opAdd, opSub:
		return moment(n.args[0])
	case opLit:
		_, ok := isoDate(n)
		return ok
	}
	return false
}

func isoDate(n *node) (lang.Date, bool) {
	if !n.isText() || len(n.lit.text) != len("2026-03-01") {
		return lang.Date{}, false
	}
	d, err := lang.ParseDate(n.lit.text)
	return d, err == nil
}

// strength says how tightly a node holds together when it is told.
func (n *node) strength() int {
	switch n.op {
	case opOr:
		return 1
	case opAnd:
		return 2
	case opEq, opNe, opLt, opLe, opGt, opGe:
		return 3
	case opAdd, opSub:
		return 5
	case opMul, opDiv, opMod:
		return 6
	}
	return 9
}

// under tells an operand, in brackets where it would fall apart.
func (t *teller) under(n, operand *node) string {
	s := operand.strength()
	same := s == n.strength() && (n.op == operand.op || n.op == opAdd)
	if s > n.strength() || same && operand != n.args[len(n.args)-1] || same && n.op <= opAnd {
		return t.tell(operand)
	}
	return "(" + t.tell(operand) + ")"
}

// inside tells an argument.
func (t *teller) inside(n *node) string {
	if n.strength() < 9 {
		return "(" + t.tell(n) + ")"
	}
	return t.tell(n)
}

// beside tells what is compared with other: a code of a choice by its label.
func (t *teller) beside(n, other *node) string {
	if n.op != opLit || n.lit.kind == Bool {
		return t.inside(n)
	}
	question := ""
	switch other.op {
	case opRef, opIndexed:
		question = t.x.names[other.ref]
	case opSelf:
	default:
		return t.literal(n)
	}
	if label := t.names.Choice(question, n.lit.Text()); label != "" {
		return t.quote(label)
	}
	return t.literal(n)
}

func (t *teller) literal(n *node) string {
	switch v := n.lit; {
	case v.kind == Bool && v.num != 0:
		return wordTrue.In(t.lang)
	case v.kind == Bool:
		return wordFalse.In(t.lang)
	case v.kind == Number:
		return t.number(v.num)
	case v.text == "":
		return wordNothing.In(t.lang)
	}
	if d, ok := isoDate(n); ok {
		return lang.Short(t.lang, d)
	}
	return t.quote(n.lit.text)
}

// number writes a number with the places that it has; years get no separators.
func (t *teller) number(f float64) string {
	s := strconv.FormatFloat(f, 'f', -1, 64)
	_, places, _ := strings.Cut(s, ".")
	if math.Abs(f) < 10_000 {
		if t.lang == lang.DE {
			return strings.Replace(s, ".", ",", 1)
		}
		return s
	}
	return lang.Number(t.lang, f, len(places))
}

func (t *teller) question(ref int) string {
	name := t.x.names[ref]
	if label := t.names.Question(name); label != "" {
		return t.quote(label)
	}
	return t.quote(name)
}

func (t *teller) indexed(n *node) string {
	text := t.question(n.ref)
	for i := len(n.args) - 1; i >= 0; i-- {
		text = t.put(wordIndexed, text, t.inside(n.args[i]))
		if i < len(n.refs) {
			text = t.put(wordRowOf, text, t.question(n.refs[i]))
		}
	}
	return text
}

func (t *teller) call(n *node) string {
	if n.fn == nil {
		t.lost = true
		return ""
	}
	pattern, ok := functionWords[n.fn.name]
	switch {
	case !ok:
		t.lost = true
		return ""
	case n.fn.name == "round" && len(n.args) == 2:
		pattern = wordRounded
	case n.fn.name == "substr" && len(n.args) == 3:
		pattern = wordPart
	}
	args := make([]string, len(n.args))
	for i, a := range n.args {
		args[i] = t.inside(a)
		if n.op == opIf || n.op == opCoalesce || n.op == opNot {
			args[i] = t.inBranches(n, a)
		}
	}
	return t.put(pattern, args...)
}

// inBranches tells the parts of if() without brackets where they are clear.
func (t *teller) inBranches(n, a *node) string {
	if a.op == opIf || n.op != opIf && a.strength() < 9 {
		return "(" + t.tell(a) + ")"
	}
	return t.tell(a)
}

func (t *teller) quote(s string) string {
	if t.lang == lang.EN {
		return "“" + s + "”"
	}
	return "„" + s + "“"
}

// put puts arguments into a pattern: %1 to %9, and %+ for those that are left.
// What is put in is not looked at again: labels may hold percent signs.
func (t *teller) put(pattern lang.Text, args ...string) string {
	text := pattern.In(t.lang)
	next := 0
	for i := range args {
		if strings.Contains(text, "%"+strconv.Itoa(i+1)) {
			next = i + 1
		}
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "%")
		b.WriteString(before)
		if !found || after == "" {
			return b.String()
		}
		if at := int(after[0] - '1'); after[0] == '+' {
			b.WriteString(strings.Join(args[next:], ", "))
		} else if at >= 0 && at < len(args) {
			b.WriteString(args[at])
		}
		text = after[1:]
	}
}
