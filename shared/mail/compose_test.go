package mail_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
)

var identity = mail.Identity{From: "kokoma@example.org", ReplyTo: "service@example.org"}

// parsed is a message as a strict reader finds it.
type parsed struct {
	header          netmail.Header
	subject         string
	text, html      string
	textURLs, hrefs []string
	htmlText, lang  string
	elements        []string
}

var (
	urls       = regexp.MustCompile(`https?://\S+`)
	listNumber = regexp.MustCompile(`(?m)^\d+\. `)
)

// parse reads raw as strictly as the standard library can, and fails the test
// at anything that is not as RFC 5322 and 2045 want it.
func parse(t *testing.T, raw []byte) parsed {
	t.Helper()
	checkLines(t, raw)
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("reading the message: %v", err)
	}
	p := parsed{header: m.Header}
	if p.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Errorf("subject %q: %v", m.Header.Get("Subject"), err)
	}
	for name, values := range m.Header {
		if len(values) != 1 {
			t.Errorf("header %s stands there %d times: %q", name, len(values), values)
		}
	}
	p.readParts(t, m)
	p.textURLs = urls.FindAllString(p.text, -1)
	p.readHTML(t)
	return p
}

// checkLines looks at the message as bytes: CRLF, ASCII, no long lines.
func checkLines(t *testing.T, raw []byte) {
	t.Helper()
	head, _, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !ok || bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\r")) ||
		bytes.Count(raw, []byte("\n")) != bytes.Count(raw, []byte("\r\n")) || bytes.ContainsRune(raw, 0) {
		t.Fatalf("line ends or NUL in the message:\n%q", raw)
	}
	for l := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(l) > 200 || bytes.ContainsFunc(l, func(r rune) bool { return r >= utf8.RuneSelf }) {
			t.Errorf("a line is too long or not ASCII: %q", l)
		}
	}
	for l := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(bytes.TrimSpace(l)) == 0 || len(l) > 100 {
			t.Errorf("a header line is empty or too long: %q", l)
		}
	}
}

func (p *parsed) readParts(t *testing.T, m *netmail.Message) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("Content-Type %q: %v", m.Header.Get("Content-Type"), err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []string{"text/plain", "text/html"} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatalf("part %s: %v", want, err)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || kind != want || params["charset"] != "UTF-8" {
			t.Errorf("part %s has Content-Type %q: %v", want, part.Header.Get("Content-Type"), err)
		}
		body, err := io.ReadAll(part) // undoes quoted-printable
		if err != nil || !utf8.Valid(body) {
			t.Errorf("part %s: %v, valid UTF-8: %v", want, err, utf8.Valid(body))
		}
		if want == "text/plain" {
			p.text = strings.ReplaceAll(string(body), "\r\n", "\n")
		} else {
			p.html = string(body)
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("behind the last part: %v, want the end", err)
	}
}

func (p *parsed) readHTML(t *testing.T) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(p.html))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "title" {
			b.WriteString(n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		p.elements = append(p.elements, n.Data)
		for _, a := range n.Attr {
			switch a.Key {
			case "href":
				p.hrefs = append(p.hrefs, a.Val)
			case "lang":
				if n.Data == "html" {
					p.lang = a.Val
				}
			case "src", "background", "ping", "onclick", "class", "id":
				t.Errorf("attribute %s=%q in the HTML", a.Key, a.Val)
			}
		}
	}
	p.htmlText = b.String()
}

// words are what a text says, without addresses, list numbers and the signs
// that stand between a label and its link.
func words(s string) []string {
	s = listNumber.ReplaceAllString(urls.ReplaceAllString(s, " "), "")
	var out []string
	for w := range strings.FieldsSeq(s) {
		if w = strings.Trim(w, ":·"); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// entryFor is an entry with everything that a template can show.
func entryFor(texts *mail.Templates, key string, l lang.Lang) mail.Entry {
	e := step("case#1#"+key, "amt@musterstadt.example.org")
	e.Template, e.Lang = key, l
	e.Params["count"] = "2"
	e.Code = &mail.CodeRef{Purpose: "login", ID: "id", Nonce: "n"}
	if slices.Contains([]string{"login_code", "call", "accepted"}, key) {
		e.LinkPath, e.HandoverPath = "", ""
	}
	return e
}

func TestEveryMailParsesAndSaysTheSameInTextAndHTML(t *testing.T) {
	t.Parallel()
	texts, l := templates(t), links("https://kokoma.example.org")
	for _, key := range texts.Keys() {
		for _, g := range []lang.Lang{lang.DE, lang.EN} {
			t.Run(key+"/"+string(g), func(t *testing.T) {
				t.Parallel()
				e := entryFor(texts, key, g)
				m, err := texts.Compose(l, e, monday)
				if err != nil {
					t.Fatal(err)
				}
				raw, err := identity.Raw(m)
				if err != nil {
					t.Fatal(err)
				}
				checkMessage(t, parse(t, raw), e, m, texts)
			})
		}
	}
}

func checkMessage(t *testing.T, p parsed, e mail.Entry, m mail.Message, texts *mail.Templates) {
	t.Helper()
	if got, want := words(p.htmlText), words(p.text); !slices.Equal(got, want) {
		t.Errorf("HTML says\n%q\ntext says\n%q", got, want)
	}
	if !slices.Equal(p.hrefs, p.textURLs) {
		t.Errorf("HTML links to\n%q\ntext to\n%q", p.hrefs, p.textURLs)
	}
	if p.lang != string(e.Lang) || p.header.Get("Content-Language") != string(e.Lang) {
		t.Errorf("lang=%q, Content-Language %q, want %q", p.lang, p.header.Get("Content-Language"), e.Lang)
	}
	for name, want := range map[string]string{
		"Auto-Submitted": "auto-generated", "Reply-To": "<service@example.org>",
		"From": `"Servicestelle KoKoMa" <kokoma@example.org>`, "To": `"Ansprechperson" <amt@musterstadt.example.org>`,
		"Message-Id": "<" + m.Tag + "@example.org>", "Date": "Mon, 02 Mar 2026 10:00:00 +0100",
	} {
		if got := p.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name := range p.header {
		if strings.HasPrefix(name, "List-") || name == "User-Agent" || name == "X-Mailer" {
			t.Errorf("header %s does not belong here", name)
		}
	}
	if p.subject != m.Subject || p.subject == "" || utf8.RuneCountInString(p.subject) > 78 {
		t.Errorf("subject %q, composed was %q", p.subject, m.Subject)
	}
	for _, no := range []string{"img", "script", "style", "link", "iframe", "table", "form", "svg"} {
		if slices.Contains(p.elements, no) {
			t.Errorf("the HTML has a %s", no)
		}
	}
	for _, want := range []string{"https://kokoma.example.org" + map[lang.Lang]string{lang.EN: "/en"}[e.Lang] + "/impressum", "030 390634770"} {
		if !strings.Contains(p.text, want) {
			t.Errorf("the text lacks %q", want)
		}
	}
	if slices.Contains(texts.Params(e.Template), "due_date") && !strings.Contains(p.text, lang.Long(e.Lang, lang.Date{Year: 2026, Month: 4, Day: 7})) {
		t.Errorf("the text lacks the date with its weekday:\n%s", p.text)
	}
	for l := range strings.Lines(p.text) {
		if utf8.RuneCountInString(l) > 77 && !urls.MatchString(l) {
			t.Errorf("line wider than 76: %q", l)
		}
	}
	if action := linkLines(p.text); e.LinkPath != "" && len(action) < 1 {
		t.Errorf("the main link does not stand on a line of its own:\n%s", p.text)
	}
}

// linkLines are lines that are an address and nothing else.
func linkLines(text string) (out []string) {
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, "https://") && !strings.Contains(l, " ") {
			out = append(out, l)
		}
	}
	return out
}

func TestStepMailHasTheWordingOfTheDomain(t *testing.T) {
	t.Parallel()
	texts, l := templates(t), links("https://kokoma.example.org")
	e := step("k", "amt@musterstadt.example.org")
	m, err := texts.Compose(l, e, monday)
	if err != nil {
		t.Fatal(err)
	}
	token := l.Token(*e.Link)
	want := `Guten Tag,

im Projekt „Kommunales Konfliktmanagement“ steht der nächste Schritt an:
Kooperationsvereinbarung schließen.

Bitte prüfen Sie den Entwurf und melden Sie die Unterzeichnung.

Zeitbedarf: etwa 12 Minuten. Bitte erledigen Sie den Schritt bis
Dienstag, 7. April 2026.

Zum Schritt:
https://kokoma.example.org/s/` + token + `

Sie können zwischenspeichern und später weitermachen. Wenn Sie den
Schritt nicht übernehmen können, nennen Sie uns bitte eine Vertretung:
https://kokoma.example.org/s/` + token + `/vertretung

Bitte schreiben Sie keine vertraulichen Einzelheiten in eine E-Mail.

Bei Fragen: Prozessbegleitung Musterstadt, 030 1234567 – oder die
Servicestelle, 030 390634770.

Mit freundlichen Grüßen
Servicestelle Kommunales Konfliktmanagement, Stiftung SPI

Impressum https://kokoma.example.org/impressum
Datenschutz https://kokoma.example.org/datenschutz
Barrierefreiheit https://kokoma.example.org/barrierefreiheit
Leichte Sprache https://kokoma.example.org/leichte-sprache
`
	if m.Text != want {
		t.Errorf("got\n%s\nwant\n%s", m.Text, want)
	}
	if want := "KoKoMa KK-2026-0007: Kooperationsvereinbarung schließen – bis 07.04.2026"; m.Subject != want {
		t.Errorf("subject %q, want %q", m.Subject, want)
	}
	e.Params["step_title"] = "Angaben prüfen"
	if m, _ = texts.Compose(l, e, monday); m.Subject != "KoKoMa KK-2026-0007: Angaben prüfen – bis Dienstag, 7. April 2026" {
		t.Errorf("short subject %q", m.Subject)
	}
}

func TestWithoutTandemOrDeputyTheMailNamesTheOfficeAlone(t *testing.T) {
	t.Parallel()
	e := step("k", "amt@musterstadt.example.org")
	e.HandoverPath = ""
	delete(e.Params, "tandem_name")
	delete(e.Params, "minutes")
	m, err := templates(t).Compose(links("https://kokoma.example.org"), e, monday)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nBei Fragen: die Servicestelle, 030 390634770.\n", "\nBitte erledigen Sie den Schritt bis Dienstag, 7. April 2026.\n"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("lacks %q:\n%s", want, m.Text)
		}
	}
	for _, no := range []string{"Vertretung", "Zeitbedarf"} {
		if strings.Contains(m.Text, no) {
			t.Errorf("has %q:\n%s", no, m.Text)
		}
	}
}

func TestComposeRefusesWhatTheTemplateDoesNotGet(t *testing.T) {
	t.Parallel()
	texts, l := templates(t), links("https://kokoma.example.org")
	for want, change := range map[string]func(*mail.Entry){
		"no value for {{ask}}":        func(e *mail.Entry) { delete(e.Params, "ask") },
		"no value for {{step_title}}": func(e *mail.Entry) { e.Params["step_title"] = " \n" },
		"no value for {{code}}":       func(e *mail.Entry) { e.Template, e.LinkPath = "login_code", "" },
		"no such template":            func(e *mail.Entry) { e.Template = "stepp" },
		"a link needs both":           func(e *mail.Entry) { e.LinkPath = "" },
	} {
		e := step("k", "amt@musterstadt.example.org")
		change(&e)
		if _, err := texts.Compose(l, e, monday); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// hostile is what people and programs write into fields to break a mail.
var hostile = []string{
	"a\r\nBcc: victim@example.org\r\n\r\n<script>x</script>", "a\nX-Evil: 1", "a\rb", "a\x00b",
	strings.Repeat("Ä", 5000), strings.Repeat("a", 10_000), strings.Repeat("x y ", 2500),
	"\u202egnp.exe", "\u2066a\u2069", "a\u2028Bcc: b\u2029c", "=?utf-8?q?=0D=0ABcc:_x@example.org?=",
	`"; Bcc: x@example.org`, "\xff\xfe\xfd", "{{code}} [[x]] **y** [a]({{handover}})", "https://evil.example/ klick",
	"<b onmouseover=x>", "\ufeff\u200b\u200d\u00ad", "--boundary--", ".\r\n.\r\nQUIT",
}

func TestHostileValuesNeverChangeHeaders(t *testing.T) {
	t.Parallel()
	texts, l := templates(t), links("https://kokoma.example.org")
	allowed := []string{
		"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Reply-To", "Subject", "To",
	}
	for _, evil := range hostile {
		for name, put := range map[string]func(*mail.Entry){
			"title":  func(e *mail.Entry) { e.Params["step_title"] = "x" + evil },
			"tandem": func(e *mail.Entry) { e.Params["tandem_name"] = "x" + evil },
			"name":   func(e *mail.Entry) { e.ToName = evil },
			"case":   func(e *mail.Entry) { e.CaseNo = evil },
			"date":   func(e *mail.Entry) { e.Params["due_date"] = "x" + evil },
		} {
			e := step("k", "amt@musterstadt.example.org")
			put(&e)
			m, err := texts.Compose(l, e, monday)
			if err != nil {
				t.Fatalf("%s = %.40q: %v", name, evil, err)
			}
			raw, err := identity.Raw(m)
			if err != nil {
				t.Fatalf("%s = %.40q: %v", name, evil, err)
			}
			p := parse(t, raw)
			for h := range p.header {
				if !slices.Contains(allowed, h) {
					t.Errorf("%s = %.40q gives header %s", name, evil, h)
				}
			}
			to, err := p.header.AddressList("To")
			if err != nil || len(to) != 1 || to[0].Address != "amt@musterstadt.example.org" || utf8.RuneCountInString(to[0].Name) > 80 {
				t.Errorf("%s = %.40q: To is %v, %v", name, evil, to, err)
			}
			if !slices.Equal(p.hrefs, p.textURLs) || len(p.hrefs) != 6 || strings.Contains(p.html, "<script") || strings.Contains(p.html, "<b ") {
				t.Errorf("%s = %.40q: links %q\n%s", name, evil, p.hrefs, p.html)
			}
			for _, s := range []string{p.subject, p.text, p.htmlText, to[0].Name} {
				if strings.ContainsAny(s, "\u202e\u2066\u2069\u200b\u2028\u2029\ufeff\r\x00") {
					t.Errorf("%s = %.40q: signs that turn or hide writing are left in %q", name, evil, s)
				}
			}
		}
	}
}

func TestHostileMessagesAreRefusedOrTamed(t *testing.T) {
	t.Parallel()
	good := mail.Message{To: "amt@musterstadt.example.org", Subject: "s", Text: "t", HTML: "<p>t</p>", Tag: "abc", At: monday}
	for _, evil := range hostile {
		m := good
		m.Subject, m.Tag, m.ToName = evil, evil, evil
		m.Headers = map[string]string{"X-Kokoma": evil, evil: "x", "Bcc": "x@example.org", "content-type": "text/x"}
		raw, err := identity.Raw(m)
		if err != nil {
			t.Errorf("%.40q: %v", evil, err)
			continue
		}
		p := parse(t, raw)
		if strings.ContainsAny(p.subject+p.header.Get("X-Kokoma"), "\r\n") || strings.Contains(p.header.Get("X-Kokoma"), "=?utf-8?q?=0D") {
			t.Errorf("%.40q: subject %q, header %q", evil, p.subject, p.header.Get("X-Kokoma"))
		}
		if p.header.Get("Bcc") != "" || p.header.Get("X-Evil") != "" || len(p.header) > 10 {
			t.Errorf("%.40q gives headers %v", evil, p.header)
		}
		m = good
		m.To = "amt@musterstadt.example.org" + evil
		if raw, err := identity.Raw(m); err == nil {
			t.Errorf("address with %.40q is mailed:\n%.200s", evil, raw)
		}
	}
}

func TestNothingPersonalIsInAMailButTheTandem(t *testing.T) {
	t.Parallel()
	texts, l := templates(t), links("https://kokoma.example.org")
	e := step("case#canary-key", "canary-address@example.org")
	e.ToName, e.Topic, e.Land = "canary-name", "canary-topic", "BY"
	e.Params["conflict_title"], e.Params["reasons"] = "canary-conflict", "canary-reasons"
	for _, key := range texts.Keys() {
		c := entryFor(texts, key, lang.DE)
		e.Template, e.LinkPath, e.HandoverPath, e.Code = key, c.LinkPath, c.HandoverPath, c.Code
		e.Params["count"] = "2"
		m, err := texts.Compose(l, e, monday)
		if err != nil {
			t.Fatal(err)
		}
		if s := m.Subject + m.Text + m.HTML; strings.Contains(s, "canary") {
			t.Errorf("%s tells what it must not:\n%s", key, m.Text)
		}
	}
}
