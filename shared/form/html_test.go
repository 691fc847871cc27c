package form_test

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/form"

	"golang.org/x/net/html"
)

// page is rendered markup.
type page struct {
	src   string
	nodes []*html.Node
	ids   map[string]*html.Node
}

func render(t testing.TB, name string, data any) page {
	t.Helper()
	var b bytes.Buffer
	if err := templates(t).ExecuteTemplate(&b, name, data); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	p := page{src: b.String(), ids: map[string]*html.Node{}}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		p.nodes = append(p.nodes, n)
		if id := attr(n, "id"); id != "" {
			if p.ids[id] != nil {
				t.Errorf("the id %s stands twice", id)
			}
			p.ids[id] = n
		}
	}
	return p
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func inside(n *html.Node, tag string) *html.Node {
	for p := range n.Ancestors() {
		if p.Data == tag {
			return p
		}
	}
	return nil
}

// audit checks what every page of a form owes to those who can't see it.
func (p page) audit(t *testing.T) {
	t.Helper()
	labels := map[string]bool{}
	for _, n := range p.nodes {
		if n.Data == "label" {
			labels[attr(n, "for")] = text(n) != ""
		}
	}
	for _, n := range p.nodes {
		p.auditControl(t, n, labels)
		for _, key := range []string{"aria-describedby", "aria-labelledby", "for"} {
			for id := range strings.FieldsSeq(attr(n, key)) {
				if p.ids[id] == nil {
					t.Errorf("%s of <%s %s> names %s, which is not on the page", key, n.Data, attr(n, "id"), id)
				}
			}
		}
		if href := attr(n, "href"); strings.HasPrefix(href, "#") && p.ids[href[1:]] == nil {
			t.Errorf("a link leads to %s, which is not on the page", href)
		}
		if n.Data == "fieldset" && (n.FirstChild == nil || !strings.Contains(p.src, "<legend") || text(legend(n)) == "") {
			t.Errorf("the fieldset %s has no legend", attr(n, "id"))
		}
	}
}

func legend(fieldset *html.Node) *html.Node {
	for n := range fieldset.ChildNodes() {
		if n.Data == "legend" {
			return n
		}
	}
	return &html.Node{}
}

func (p page) auditControl(t *testing.T, n *html.Node, labels map[string]bool) {
	t.Helper()
	if !slices.Contains([]string{"input", "select", "textarea"}, n.Data) || attr(n, "type") == "hidden" {
		return
	}
	id := attr(n, "id")
	if id == "" || !labels[id] {
		t.Errorf("the control %s has no label", attr(n, "name"))
	}
	if attr(n, "name") == "" {
		t.Errorf("the control %s has no name", id)
	}
	if kind := attr(n, "type"); (kind == "radio" || kind == "checkbox" && strings.Count(p.src, `name="`+attr(n, "name")+`"`) > 2) && inside(n, "fieldset") == nil {
		t.Errorf("%s stands in no fieldset", id)
	}
	if attr(n, "aria-invalid") != "" && attr(n, "aria-describedby") == "" {
		t.Errorf("%s is invalid, but nothing says why", id)
	}
}

// states are what people see a form in.
func states(f *form.Form) map[string]form.Answers {
	long := good()
	long.Set("title", strings.Repeat("sehr langer Titel ", 40))
	long.Set("summary", strings.Repeat("<b>&\n", 2000))
	long.Set("muni_key", "Muster")
	long.Set("email", "amt@gmx.de")
	long.Set("threat", "ACUTE")
	long.Set("decision", "declined")
	long.Set("year", "2008")
	long.Set("esc", "8")
	long.Set("protection", "N")
	rows := url.Values{"_rows:actors": {"20"}, "_rows:dates": {"3"}, "<script>": {"x"}}
	for i := range 20 {
		rows.Set("actors["+itoa(i)+"].actor_sector", "OTH")
	}
	return map[string]form.Answers{
		"fresh": nil, "empty": f.Read(url.Values{"notice_ack": {""}}, "", nil), "good": f.Read(good(), "", nil),
		"long": f.Read(long, "", nil), "rows": f.Read(rows, "", nil),
	}
}

func itoa(i int) string {
	if i > 9 {
		return string(rune('0'+i/10)) + string(rune('0'+i%10))
	}
	return string(rune('0' + i))
}

func TestEveryPageInEveryStateCanBeUsedByAll(t *testing.T) {
	t.Parallel()
	f := everything(t)
	for state, a := range states(f) {
		for _, e := range []form.Env{env, inEnglish(env)} {
			for _, name := range []string{"", "s1", "s2", "s3", "s4", "s5"} {
				t.Run(state+"/"+string(e.Lang)+"/"+name, func(t *testing.T) {
					v := f.View(a, name, f.Check(a, name, e), e)
					p := render(t, "both", both{v})
					p.audit(t)
				})
			}
		}
	}
}

// TestOneBoxDoesNotOfferSeveral: of several boxes several can be ticked.
func TestOneBoxDoesNotOfferSeveral(t *testing.T) {
	t.Parallel()
	one := "  nobody:\n    - {name: Y, label: {de: Niemand, en: Nobody}}\n"
	two := one + "    - {name: N, label: {de: Jemand, en: Somebody}}\n"
	for list, want := range map[string]bool{one: false, two: true} {
		f := compiled(t, "- {type: select_multiple nobody, name: a, "+label+"}", "choices:\n"+list)
		p := render(t, "form.fields", f.View(nil, "", nil, env))
		if got := strings.Contains(p.src, "Mehrere Antworten"); got != want {
			t.Errorf("several can be chosen: %t, want %t in\n%s", got, want, p.src)
		}
	}
}

// both stands for a page of the platform: the box and the fields.
type both struct{ View form.View }

func TestTheBoxOverTheFormLeadsToTheFields(t *testing.T) {
	t.Parallel()
	f := everything(t)
	a := states(f)["rows"]
	p := render(t, "form.problems", f.View(a, "", f.Check(a, "", env), env))
	box := p.ids["form-problems"]
	if box == nil || attr(box, "role") != "alert" || attr(box, "tabindex") != "-1" || !strings.Contains(p.src, " autofocus") {
		t.Fatalf("the box does not take the focus: %.300s", p.src)
	}
	for _, want := range []string{`href="#f-title">Kurztitel: Es fehlen Angaben. Bitte schreiben Sie mindestens 5 Zeichen.<`, `href="#f-actors-3-actor_label">Bezeichnung, Eintrag 4: `, "&lt;script&gt;", "Bitte korrigieren Sie "} {
		if !strings.Contains(p.src, want) {
			t.Errorf("%s is not in\n%s", want, p.src)
		}
	}
	if empty := render(t, "form.problems", f.View(nil, "s1", nil, env)); strings.TrimSpace(empty.src) != "" {
		t.Errorf("without problems there is a box: %s", empty.src)
	}
}

func TestWarningsAndHintsHaveTheirOwnBoxes(t *testing.T) {
	t.Parallel()
	f := everything(t)
	v := good()
	v.Set("email", "amt@gmx.de")
	v.Set("esc", "7")
	v.Set("protection", "N")
	a := f.Read(v, "", nil)
	p := render(t, "both", both{f.View(a, "", f.Check(a, "", env), env)})
	if p.ids["form-problems"] != nil || attr(p.ids["form-warnings"], "role") != "alert" || attr(p.ids["form-hints"], "role") != "group" {
		t.Errorf("boxes: %.900s", p.src)
	}
	box := p.ids["f-email-confirm"]
	if box == nil || attr(box, "name") != "_confirm:email" || attr(box, "value") != "1" {
		t.Fatal("the warning has no box to confirm it")
	}
	v.Set("_confirm:email", "1")
	a = f.Read(v, "", nil)
	p = render(t, "both", both{f.View(a, "", f.Check(a, "", env), env)})
	if p.ids["form-warnings"] != nil || !hasAttr(p.ids["f-email-confirm"], "checked") {
		t.Error("a confirmed warning is asked again")
	}
}

func hasAttr(n *html.Node, name string) bool {
	return n != nil && slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func TestControlsAreWhatTheDefinitionAsksFor(t *testing.T) {
	t.Parallel()
	f := everything(t)
	p := render(t, "form.fields", f.View(f.Read(good(), "", nil), "", nil, env))
	for id, want := range map[string]string{
		"f-email":                "input type=email autocomplete=email value=amt@musterstadt.example",
		"f-phone":                "input type=tel",
		"f-population":           "input type=text inputmode=numeric value=12.500",
		"f-fte":                  "input type=text inputmode=decimal aria-describedby=f-fte-hint",
		"f-born":                 "input type=text value=1.3.2026",
		"f-summary":              "textarea rows=6",
		"f-step":                 "select",
		"f-format":               "select", // more choices than radio buttons
		"f-main":                 "input type=radio value=CT1",
		"f-actors-1-actor_label": "input name=actors[1].actor_label value=Sportverein",
		"f-actors-1-actor_other": "input type=text",
		"f-notice_ack":           "input type=checkbox value=OK",
		"f-KOM5-6":               "input type=radio value=NA",
		"f-stamp":                "div class=field",
		"f-people":               "div",
		"f-muni_key-pick":        "",
		"f-emergency":            "",
		"f-actors-0-actor_other": "",
		"f-lei_email":            "input type=email",
		"f-if_accepted":          "fieldset tabindex=-1",
	} {
		n := p.ids[id]
		if n != nil && inside(n, "template") != nil {
			n = nil // nobody sees it without scripts
		}
		if (n == nil) != (want == "") {
			t.Errorf("%s is on the page: %v", id, n != nil)
			continue
		}
		for i, part := range strings.Fields(want) {
			key, value, _ := strings.Cut(part, "=")
			if i == 0 && n.Data != part || i > 0 && attr(n, key) != value {
				t.Errorf("%s: want %s in %s, have %v", id, part, n.Data, n.Attr)
			}
		}
	}
	for _, want := range []string{"Zum Beispiel 0,25. Zahl von 0 bis 5 in Schritten von 0,05.", "MM.JJJJ, zum Beispiel 03.2026, oder „unbekannt“.", "10 bis 3.000 Zeichen.", "2 bis 4 Einträge.", "Musterstadt", "Wählen Sie höchstens 3 Antworten."} {
		if !strings.Contains(p.src, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(p.src, "<script") || strings.Contains(p.src, " style=") || strings.Contains(p.src, " on") && strings.Contains(p.src, "onclick") {
		t.Error("there is script or style in the markup")
	}
	if first := p.first("button"); attr(first, "class") != "default-submit" || attr(first, "name") != "" {
		t.Error("Enter would press another button than the main one")
	}
}

func (p page) first(tag string) *html.Node {
	for _, n := range p.nodes {
		if n.Data == tag {
			return n
		}
	}
	return nil
}

func TestNothingIsPreselectedInAMatrix(t *testing.T) {
	t.Parallel()
	f := everything(t)
	p := render(t, "form.fields", f.View(nil, "s4", nil, env))
	if strings.Contains(p.src, "checked") {
		t.Error("something is preselected")
	}
	if strings.Count(p.src, `class="choice na"`) != 2 || !strings.Contains(p.src, "Wie sehr stimmen Sie zu?") || strings.Count(p.src, "<fieldset") != 2 {
		t.Errorf("the matrix is\n%s", p.src)
	}
}

func TestTheNoticeIsShownWhereThereIsDanger(t *testing.T) {
	t.Parallel()
	f := everything(t)
	a := f.Read(url.Values{"threat": {"ACUTE"}}, "s2", nil)
	p := render(t, "form.fields", f.View(a, "s2", nil, env))
	box := p.ids["f-emergency"]
	if box == nil || attr(box, "class") != "note notice" || !strings.Contains(text(box), "110 oder 112. Dieses Formular ist kein Notruf.") {
		t.Errorf("%v", box)
	}
}

func TestSearchOffersWhatItFound(t *testing.T) {
	t.Parallel()
	f := everything(t)
	a := f.Read(url.Values{"muni_key": {"Muster"}}, "s1", nil)
	p := render(t, "form.fields", f.View(a, "s1", nil, env))
	if n := p.ids["f-muni_key-pick-2"]; n == nil || attr(n, "value") != "09999124" || attr(n, "name") != "_pick:muni_key" {
		t.Errorf("the second find is %v", n)
	}
	if !strings.Contains(p.src, `name="_search:muni_key"`) {
		t.Error("there is no button to search")
	}
	p.audit(t)
}

func TestSummaryIsInWords(t *testing.T) {
	t.Parallel()
	f := everything(t)
	v := good()
	v.Set("summary", "eins\nzwei")
	groups := f.Summary(f.Read(v, "", nil), env)
	groups[1].Href = "/x/s2"
	p := render(t, "form.summary", groups)
	flat := text(p.nodes[0])
	for _, want := range []string{
		"Kommune Musterstadt", "Einwohner 12.500", "Stellenanteil 0,25", "Seit wann? März 2024", "Datum 01.03.2026", "Uhrzeit 09:30", "eins", "Schwerpunkt Nutzungskonflikt",
		"Eintrag 2", "Bereich Andere", "Personen zusammen 31", "Telefon keine Angabe", "Ändern: Konflikt", "Hinweise nein", "zur Kenntnis genommen. ja", "Anlaufstelle beschrieben und beschlossen", "als Beispiel dienen. nein",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("%q is not in the summary", want)
		}
	}
	if strings.Count(p.src, "<a ") != 1 || !strings.Contains(p.src, `href="/x/s2"`) {
		t.Error("the link to change is where it should not be")
	}
	english := text(render(t, "form.summary", f.Summary(f.Read(v, "", nil), inEnglish(env))).nodes[0])
	for _, want := range []string{"Since when? March 2024", "Staff share 0.25", "Phone no entry", "Date 1 Mar 2026", "Municipality"} {
		if !strings.Contains(english, want) {
			t.Errorf("%q is not in the English summary", want)
		}
	}
}

func TestBothLanguagesAreWhole(t *testing.T) {
	t.Parallel()
	f := everything(t)
	german := []string{"Pflichtfeld", "Bitte", "Eintrag", "Zeichen", "keine Angabe", "⟦"}
	for state, a := range states(f) {
		e := inEnglish(env)
		p := render(t, "both", both{f.View(a, "", f.Check(a, "", e), e)})
		for _, word := range german {
			if strings.Contains(p.src, word) {
				t.Errorf("%s: %q stands in an English page", state, word)
			}
		}
	}
}
