package mail

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kokoma/shared/lang"
	"kokoma/shared/mail/markup"
)

// Limits of what values bring into a mail, in characters.
const (
	maxSubject = 78
	maxValue   = 600
)

// trialMark begins the subjects of rehearsals.
const trialMark = "[Probe] "

// digestKey is the template around several entries to one person.
const digestKey = "step_digest"

// maxPoints is how many entries a digest shows; more nobody reads in a mail.
const maxPoints = 60

// part is what one entry says, for a mail of its own or as part of a digest.
type part struct {
	entry   Entry
	framed  bool
	subject string
	core    [][]markup.Span
	action  []markup.Span // the main link
	line    []markup.Span
}

// Compose makes the mail of e. A parameter without value and an unknown
// template are errors; tests of the nouns compose each of their mails.
func (t *Templates) Compose(l *Links, e Entry, at time.Time) (Message, error) {
	e.Lang = cmp.Or(e.Lang, lang.DE)
	p, err := t.part(l, e)
	if err != nil {
		return Message{}, err
	}
	d := markup.Document{Lang: e.Lang, Subject: p.subject}
	d.Blocks = append(d.Blocks, markup.Paragraphs(p.core)...)
	if p.action != nil {
		d.Blocks = append(d.Blocks, markup.Paragraph(p.action))
	}
	return t.message(d, l, e, p.framed, at)
}

// digest makes one mail of several entries to one person, in the language of
// the newest. Of very many it shows those that are due first, and where all are.
func (t *Templates) digest(l *Links, parts []part, at time.Time) (Message, error) {
	lead := parts[0].entry
	e := Entry{
		Key: lead.Key, Template: digestKey, Lang: parts[len(parts)-1].entry.Lang,
		To: lead.To, ToName: lead.ToName, Office: lead.Office,
		Params: map[string]string{"count": strconv.Itoa(len(parts))}, LinkPath: "/aufgaben",
	}
	var list markup.Block
	framed := false
	sorted := byDue(parts)
	for _, p := range sorted[:min(maxPoints, len(sorted))] {
		framed = framed || p.framed
		list.Items = append(list.Items, p.item())
	}
	if len(sorted) > maxPoints {
		e.Params["shown"] = strconv.Itoa(maxPoints)
	}
	if first := sorted[0].due(); first != "" && first < lang.DateOf(at).String() {
		e.Params["late_date"] = first
	} else {
		e.Params["due_date"] = first
	}
	e.Params["news"] = news(parts, e.Lang)
	for _, name := range []string{"tandem_name", "tandem_phone"} {
		if shared(parts, name) {
			e.Params[name] = lead.Params[name]
		}
	}
	p, err := t.part(l, e)
	if err != nil {
		return Message{}, err
	}
	d := markup.Document{Lang: e.Lang, Subject: p.subject, Blocks: append(markup.Paragraphs(p.core), list)}
	if len(sorted) > maxPoints {
		d.Blocks = append(d.Blocks, markup.Paragraph(p.action))
	}
	return t.message(d, l, e, framed, at)
}

// byDue sorts by due date, what has none last.
func byDue(parts []part) []part {
	return slices.SortedStableFunc(slices.Values(parts), func(a, b part) int {
		return strings.Compare(cmp.Or(a.due(), "9"), cmp.Or(b.due(), "9"))
	})
}

// due is the date that the entry gives, "" for none. ISO dates sort as text.
func (p part) due() string {
	due := p.entry.Params["due_date"]
	if _, err := lang.ParseDate(due); err != nil {
		return ""
	}
	return due
}

// news is what the entries tell for information, each thing once. Titles in
// another language than the digest's are left out: they could not be marked.
func news(parts []part, l lang.Lang) string {
	var out []string
	for _, p := range parts {
		n := p.entry.Params["news"]
		if n != "" && p.entry.Lang == l && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return strings.Join(out, "; ")
}

func shared(parts []part, name string) bool {
	return !slices.ContainsFunc(parts, func(p part) bool {
		return p.entry.Params[name] != parts[0].entry.Params[name]
	})
}

func (p part) item() markup.Item {
	it := markup.Item{Lang: p.entry.Lang, Head: p.line}
	if p.line == nil {
		it.Head, it.Body = []markup.Span{{Text: p.subject}}, slices.Clone(p.core)
	}
	if p.action != nil {
		it.Body = append(it.Body, p.action)
	}
	return it
}

// part fills the texts of the entry's template.
func (t *Templates) part(l *Links, e Entry) (part, error) {
	m, ok := t.loaded().byKey[e.Template]
	if !ok || e.Lang != lang.DE && e.Lang != lang.EN {
		return part{}, fmt.Errorf("composing %s: no such template in language %q", e.Template, e.Lang)
	}
	p := part{entry: e, framed: m.Framed}
	value := e.values(l, lang.Long)
	var err error
	if p.subject, err = e.subject(m.Subject[e.Lang], l); err != nil {
		return part{}, fmt.Errorf("composing the subject of %s: %w", e.Template, err)
	}
	if p.core, err = m.Core[e.Lang].Fill(value); err != nil {
		return part{}, fmt.Errorf("composing %s: %w", e.Template, err)
	}
	line, err := m.Line[e.Lang].Fill(value)
	if err != nil {
		return part{}, fmt.Errorf("composing the line of %s: %w", e.Template, err)
	}
	if len(line) > 0 {
		p.line = line[0]
	}
	label, err := m.Action[e.Lang].Fill(value)
	if err != nil {
		return part{}, fmt.Errorf("composing the action of %s: %w", e.Template, err)
	}
	if url := e.url(l, e.LinkPath); url != "" && len(label) > 0 {
		p.action = []markup.Span{{Text: markup.Plain(label[0]), URL: url}}
	} else if (url == "") != (len(label) == 0) {
		return part{}, fmt.Errorf("composing %s: a link needs both the template's action and the entry's LinkPath", e.Template)
	}
	return p, nil
}

// message puts the frame around d and writes it as text and HTML.
func (t *Templates) message(d markup.Document, l *Links, e Entry, framed bool, at time.Time) (Message, error) {
	names := []string{"greeting", "contact", "closing", "sender"}
	if e.Office {
		names = slices.Delete(names, 1, 2)
	}
	if framed {
		names = slices.Insert(names, 1, "discretion")
	}
	if framed && e.Template != digestKey {
		names = slices.Insert(names, 1, "handover")
	}
	if e.Trial != "" {
		names = slices.Insert(names, 1, "trial")
		d.Subject = clip(trialMark+d.Subject, maxSubject)
	}
	frame, err := t.around(l, e, names)
	if err != nil {
		return Message{}, err
	}
	// The sender's name stands right below the last line of the closing.
	last := len(frame) - 1
	frame[last-1].Lines = append(frame[last-1].Lines, frame[last].Lines...)
	d.Blocks = slices.Concat(frame[:1], d.Blocks, frame[1:last], []markup.Block{t.footer(l, e.Lang)})

	html, err := d.HTML()
	if err != nil {
		return Message{}, err
	}
	return Message{
		To: e.To, ToName: e.ToName, Lang: e.Lang, Subject: d.Subject, Text: d.Text(), HTML: html,
		Headers: map[string]string{"Auto-Submitted": "auto-generated", "Content-Language": string(e.Lang)},
		Tag:     Tag(e.Key), At: at,
	}, nil
}

func (t *Templates) around(l *Links, e Entry, names []string) ([]markup.Block, error) {
	var out []markup.Block
	for _, name := range names {
		spans, err := t.loaded().frame[name][e.Lang].Fill(e.values(l, lang.Long))
		if err != nil {
			return nil, fmt.Errorf("composing the frame around %s: %w", e.Template, err)
		}
		out = append(out, markup.Paragraphs(spans)...)
	}
	return out, nil
}

func (t *Templates) footer(l *Links, g lang.Lang) markup.Block {
	b := markup.Block{Footer: true}
	for _, p := range [][2]string{
		{"imprint", "/impressum"},
		{"privacy", "/datenschutz"},
		{"accessibility", "/barrierefreiheit"},
		{"easy", "/leichte-sprache"},
	} {
		label, _ := t.loaded().frame[p[0]][g].Fill(func(string) string { return "" })
		b.Lines = append(b.Lines, []markup.Span{{Text: markup.Plain(label[0]), URL: l.URL(g, p[1])}})
	}
	return b
}

// values gives the parameters of e as they are written in a mail: one line
// each, no address that a mail program would make a link of, dates in words
// and unbroken.
func (e Entry) values(l *Links, words func(lang.Lang, lang.Date) string) func(string) string {
	return func(name string) string {
		switch {
		case name == "trial":
			return line(e.Trial, maxValue)
		case name == "case_no" && e.CaseNo != "":
			return line(e.CaseNo, 40)
		case name == "code" && e.Code == nil, name == "handover" && e.HandoverPath == "":
			return ""
		case name == "code":
			return l.Code(e.Code.Purpose, e.Code.ID, e.Code.Nonce)
		case name == "handover":
			return e.url(l, e.HandoverPath)
		}
		v := e.Params[name]
		if d, err := lang.ParseDate(v); err == nil && !d.IsZero() {
			return strings.ReplaceAll(words(e.Lang, d), " ", "\u00a0")
		}
		return strings.ReplaceAll(line(v, maxValue), "://", ": //")
	}
}

// url is the address of a link of e, "" without path.
func (e Entry) url(l *Links, path string) string {
	switch {
	case path == "":
		return ""
	case e.Link == nil:
		return l.URL(e.Lang, path)
	}
	k := *e.Link
	if k.Recipient == "" {
		k.Recipient = e.To
	}
	return l.LinkURL(e.Lang, path, k)
}

// subject fills a subject so that it fits: dates in words if they fit, else in
// figures, else the longest value is cut, since the rest says what it is about.
func (e Entry) subject(m markup.Text, l *Links) (string, error) {
	fill := func(e Entry, words func(lang.Lang, lang.Date) string) (string, int, error) {
		spans, err := m.Fill(e.values(l, words))
		if err != nil || len(spans) == 0 {
			return "", 0, err
		}
		s := strings.ReplaceAll(markup.Plain(spans[0]), "\u00a0", " ")
		return s, utf8.RuneCountInString(s), nil
	}
	s, n, err := fill(e, lang.Long)
	if err != nil || n <= maxSubject {
		return s, err
	}
	for range 3 {
		if s, n, err = fill(e, lang.Short); err != nil || n <= maxSubject {
			return s, err
		}
		e = e.shortened(m.Params(), n-maxSubject)
	}
	s, _, err = fill(e, lang.Short)
	return clip(s, maxSubject), err
}

// shortened cuts the longest value among names by so many characters, leaving
// some.
func (e Entry) shortened(names []string, by int) Entry {
	longest, most := "", 0
	for _, name := range names {
		name = strings.TrimSuffix(name, "?")
		if n := utf8.RuneCountInString(e.Params[name]); n > most {
			longest, most = name, n
		}
	}
	if most == 0 {
		return e
	}
	v := line(e.Params[longest], maxValue)
	e.Params = maps.Clone(e.Params)
	e.Params[longest] = clip(v, max(utf8.RuneCountInString(v)-by, 12))
	return e
}
