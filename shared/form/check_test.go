package form_test

import (
	"net/url"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// Each rule against a hand-made post: good entries with one of them changed.
// want is the beginning of the German message at that field, "" for none.
func TestEachRuleHoldsAgainstHandMadePosts(t *testing.T) {
	t.Parallel()
	f := everything(t)
	long := strings.Repeat("ä", 121)
	for _, c := range []struct{ field, value, want string }{
		{"muni_key", "", "Die Kommune fehlt."},
		{"muni_key", "09999123", ""},
		{"muni_key", "Nirgendwo", "Diese Kommune finden wir nicht."},
		{"muni_key", "Muster", "Dazu gibt es mehrere Kommunen."},
		{"population", "", ""},
		{"population", "-1", "Die Zahl liegt außerhalb des Bereichs. Bitte geben Sie eine Zahl von 0 bis 5.000.000 ein."},
		{"population", "5000001", "Die Zahl liegt außerhalb"},
		{"population", "12 500", ""},
		{"population", "1.5", "Das ist keine ganze Zahl."},
		{"population", "viele", "Das ist keine ganze Zahl."},
		{"population", "1e6", "Das ist keine ganze Zahl."},
		{"fte", "", "Die Zahl fehlt."},
		{"fte", "0.25", ""},
		{"fte", "5,00", ""},
		{"fte", "0,15", ""},
		{"fte", "0,30", ""},
		{"fte", "4,35", ""},
		{"fte", "0,26", "Die Zahl liegt zwischen zwei Schritten. Bitte geben Sie sie in Schritten von 0,05 ein, zum Beispiel 0,25."},
		{"fte", "5,05", "Die Zahl liegt außerhalb des Bereichs. Bitte geben Sie eine Zahl von 0 bis 5 ein."},
		{"fte", "0,25 VZÄ", "Das ist keine Zahl."},
		{"fte", "NaN", "Das ist keine Zahl."},
		{"fte", "0x1", "Das ist keine Zahl."},
		{"email", "", "Die E-Mail-Adresse fehlt."},
		{"email", "amt@", "Das ist keine vollständige E-Mail-Adresse."},
		{"email", "amt@musterstadt", "Das ist keine vollständige E-Mail-Adresse."},
		{"email", "a@b@c.de", "Das ist keine"},
		{"email", "a b@c.de", "Das ist keine"},
		{"email", ".a@c.de", "Das ist keine"},
		{"email", "a..b@c.de", "Das ist keine"},
		{"email", "a@-c.de", "Das ist keine"},
		{"email", "a@c.d", "Das ist keine"},
		{"email", "Amt <a@c.de>", "Das ist keine"},
		{"email", "a@c.de\nBcc: b@c.de", "Das ist keine"},
		{"email", strings.Repeat("a", 65) + "@c.de", "Das ist keine"},
		{"email", "a@" + strings.Repeat("c.", 130) + "de", "Das ist keine"},
		{"email", "info+x@köln.example", ""},
		{"deputy", "amt@musterstadt.example", "Bitte geben Sie eine andere Adresse an."},
		{"deputy", "x@musterstadt.example", ""},
		{"phone", "+49 (0)999 123-45/6", ""},
		{"phone", "anrufen!", "Das ist keine Telefonnummer."},
		{"place", "a", "Die Angabe ist zu kurz (1 Zeichen). Bitte schreiben Sie mindestens 2 Zeichen."},
		{"place", "ääääääääää", ""},
		{"place", "äääääääääää", "Die Angabe ist zu lang (11 Zeichen). Bitte kürzen Sie sie auf höchstens 10 Zeichen."},
		{"title", "", "Es fehlen Angaben. Bitte schreiben Sie mindestens 5 Zeichen."},
		{"title", "  \u202e ", "Es fehlen Angaben."},
		{"title", "Zank", "Die Angabe ist zu kurz"},
		{"title", long, "Die Angabe ist zu lang (121 Zeichen)."},
		{"summary", strings.Repeat("x", 3001), "Die Angabe ist zu lang (3.001 Zeichen). Bitte kürzen Sie sie auf höchstens 3.000 Zeichen."},
		{"types", "", "Die Auswahl fehlt. Bitte kreuzen Sie mindestens eine Antwort an."},
		{"types", "CT1 CT2 CT3 CT5", "Es sind zu viele Antworten angekreuzt (4). Bitte wählen Sie höchstens 3."},
		{"types", "CT5 CT9", "Diese Antwort steht nicht zur Wahl."},
		{"main", "", "Die Auswahl fehlt. Bitte wählen Sie eine Antwort aus."},
		{"main", "CT2", "Bitte wählen Sie als Schwerpunkt eine der angekreuzten Konfliktarten."},
		{"main", "<script>", "Diese Antwort steht nicht zur Wahl."},
		{"since", "", "Der Monat fehlt."},
		{"since", "03.2026", ""},
		{"since", "2026-03", ""},
		{"since", "04.2026", "Das Datum liegt in der Zukunft. Bitte geben Sie spätestens März 2026 an."},
		{"since", "13.2020", "Das ist kein Monat."},
		{"since", "neulich", "Das ist kein Monat."},
		{"since", "Unbekannt", ""},
		{"since", "unknown", ""},
		{"esc", "0", ""},
		{"esc", "10", "Diese Antwort steht nicht zur Wahl."},
		{"affected", "NON", ""},
		{"affected", "JEW NON", "„niemand besonders / nicht bekannt“ schließt die anderen Antworten aus."},
		{"decision", "acepted", "Diese Antwort steht nicht zur Wahl."},
		{"lei_email", "", "Ohne Adresse geht es nicht."},
		{"year", "2006", "Das Datum liegt zu früh. Bitte geben Sie frühestens 2007 an."},
		{"year", "2027", "Das Datum liegt in der Zukunft. Bitte geben Sie spätestens 2026 an."},
		{"year", "26", "Das ist kein Jahr."},
		{"born", "31.02.2026", "Diesen Tag gibt es im Kalender nicht."},
		{"born", "1.3.26", "Das Jahr ist nicht vollständig."},
		{"born", "1/3/2026", "Das ist kein Datum."},
		{"born", "gestern", "Das ist kein Datum."},
		{"born", "29.3.2026", ""},
		{"born", "2026-03-29", ""},
		{"born", "30.3.2026", "Das Datum liegt in der Zukunft. Bitte geben Sie spätestens 29.03.2026 an."},
		{"born", "1.1.0001", "Diesen Tag gibt es im Kalender nicht."},
		{"at", "24:00", "Das ist keine Uhrzeit."},
		{"at", "9.05", ""},
		{"notice_ack", "", "Die Bestätigung fehlt. Bitte kreuzen Sie das Kästchen an."},
		{"notice_ack", "yes", "Diese Antwort steht nicht zur Wahl."},
		{"MAT1", "5", "Diese Antwort steht nicht zur Wahl."},
		{"KOM1", "NA", ""},
		{"actors[0].actor_label", "x", "Die Angabe ist zu kurz"},
		{"actors[0].actor_label", "", "Es fehlen Angaben. Bitte schreiben Sie mindestens 2 Zeichen."},
		{"actors[1].actor_label", "stadtrat", "Diese Angabe steht schon in Eintrag 1."},
		{"actors[1].actor_other", "", "Es fehlen Angaben."},
		{"actors[1].actor_marks", "Y Q", "Diese Antwort steht nicht zur Wahl."},
		{"actors[1].actor_people", "0", "Die Zahl ist zu klein. Bitte geben Sie mindestens 1 ein."},
		{"dates[0].hour", "10:00", "Das Datum fehlt."},
		{"dates[0].day", "28.03.2026", "Das Datum liegt in der Vergangenheit. Bitte geben Sie frühestens 29.03.2026 an."},
		{"dates[0].day", "29.09.2027", ""},
		{"dates[0].day", "30.09.2027", "Das Datum liegt zu spät. Bitte geben Sie spätestens 29.09.2027 an."},
	} {
		v := good()
		v.Set(c.field, c.value)
		if strings.Contains(c.field, "types") || c.field == "affected" || strings.HasSuffix(c.field, "marks") {
			v[c.field] = append([]string{""}, strings.Fields(c.value)...)
		}
		p := f.Check(f.Read(v, "", nil), "", env)
		field := c.field
		if field == "dates[0].hour" {
			field = "dates[0].day"
		}
		got := ""
		for _, q := range p {
			if q.Field == field && q.Level == form.Error {
				got = q.Message.DE
			}
		}
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s = %.40q: got %q, want %q", c.field, c.value, got, c.want)
		}
	}
}

func TestMessagesNameTheFieldAndComeInBothLanguages(t *testing.T) {
	t.Parallel()
	f := everything(t)
	v := good()
	v.Set("title", "Zank")
	v.Set("fte", "7")
	v.Set("actors[1].actor_label", "")
	p := f.Check(f.Read(v, "", nil), "", env)
	de := form.NewFaults(p, nil, lang.DE, form.Problem.ID)
	en := form.NewFaults(p, nil, lang.EN, form.Problem.ID)
	want := [][2]string{
		{"Stellenanteil: Die Zahl liegt außerhalb des Bereichs. Bitte geben Sie eine Zahl von 0 bis 5 ein.", "Staff share: The number is out of range. Please enter a number from 0 to 5."},
		{"Kurztitel: Die Angabe ist zu kurz (4 Zeichen). Bitte schreiben Sie mindestens 5 Zeichen.", "Short title: The entry is too short (4 characters). Please write at least 5 characters."},
		{"Bezeichnung, Eintrag 2: Es fehlen Angaben. Bitte schreiben Sie mindestens 2 Zeichen.", "Label, entry 2: This is missing. Please write at least 2 characters."},
	}
	for i, w := range want {
		if de.Errors.Links[i].Text != w[0] || en.Errors.Links[i].Text != w[1] {
			t.Errorf("got %q and %q", de.Errors.Links[i].Text, en.Errors.Links[i].Text)
		}
	}
	if de.Errors.Title != "Bitte korrigieren Sie 3 Angaben" || p[2].Field != "actors[1].actor_label" || p[2].Page != "s3" {
		t.Errorf("%q, %+v", de.Errors.Title, p[2])
	}
}

func TestRowsInWhichNothingStandsAreNotJudged(t *testing.T) {
	t.Parallel()
	f := everything(t)
	v := good()
	v.Set("_rows:actors", "4")
	v.Set("actors[3].actor_people", "1") // as preset
	v.Set("_rows:dates", "1")
	a := f.Read(v, "", nil)
	if p := f.Check(a, "", env); len(p) > 0 {
		t.Errorf("empty rows are judged: %+v", p)
	}
	if got := len(f.Clean(a, env).Rows("actors")); got != 2 {
		t.Errorf("%d rows are clean", got)
	}
	v = good()
	for name := range v {
		if strings.HasPrefix(name, "actors[1]") {
			delete(v, name)
		}
	}
	p := f.Check(f.Read(v, "", nil), "", env)
	if fields(p, form.Error) != "actors" || !strings.HasPrefix(p[0].Message.DE, "Es sind zu wenige Einträge (1).") {
		t.Errorf("one row of two: %+v", p)
	}
}

func TestWarningsWaitForTheirConfirmation(t *testing.T) {
	t.Parallel()
	f := everything(t)
	v := good()
	v.Set("email", "amt@gmx.de")
	a := f.Read(v, "", nil)
	p := f.Check(a, "", env)
	if fields(p, form.Warning) != "email" || p.Errors() || !p.Blocking(a.Confirmed) {
		t.Fatalf("a private address: %+v", p)
	}
	confirmed := f.Read(url.Values{"email": {"amt@gmx.de"}, "_confirm:email": {"", "1"}}, "s1", a)
	if p := f.Check(confirmed, "", env); p.Blocking(confirmed.Confirmed) {
		t.Error("a confirmed warning still blocks")
	}
	if _, there := f.Clean(confirmed, env)["_confirmed"]; there {
		t.Error("confirmations are stored with what is handed in")
	}
	if other := f.Read(url.Values{"title": {"Neuer Titel"}}, "s2", confirmed); !other.Confirmed("email") {
		t.Error("a post of another page forgets the confirmation")
	}
	for name, v := range map[string]url.Values{
		"unticked": {"email": {"amt@gmx.de"}, "_confirm:email": {""}},
		"changed":  {"email": {"stadt@web.de"}},
	} {
		if after := f.Read(v, "s1", confirmed); after.Confirmed("email") {
			t.Errorf("%s: the confirmation stays", name)
		}
	}
	if a := f.Read(url.Values{"_confirm:nonsense": {"1"}, "_confirm:actors[0].title": {"1"}}, "", nil); len(a) > 0 {
		t.Errorf("confirmations of what is no field are kept: %+v", a)
	}
}

func TestAConfirmationOfAGroupEndsWithTheAnswersItLookedAt(t *testing.T) {
	t.Parallel()
	f := everything(t)
	a := f.Read(url.Values{"decision": {"declined"}, "year": {"2008"}, "_confirm:s5": {"1"}}, "s5", nil)
	p := f.Check(a, "s5", env)
	if fields(p, form.Warning) != "s5" || !a.Confirmed("s5") {
		t.Fatalf("%+v", p)
	}
	if a = f.Read(url.Values{"year": {"2009"}}, "s5", a); a.Confirmed("s5") {
		t.Error("the year changed and the confirmation stays")
	}
}

func TestHintsNeverBlock(t *testing.T) {
	t.Parallel()
	f := everything(t)
	v := good()
	v.Set("esc", "7")
	v.Set("protection", "N")
	a := f.Read(v, "", nil)
	p := f.Check(a, "", env)
	if fields(p, form.Hint) != "protection" || p.Blocking(nil) {
		t.Errorf("%+v", p)
	}
}

func TestHiddenAnswersStayInTheDraftAndAreDroppedAtTheEnd(t *testing.T) {
	t.Parallel()
	f := everything(t)
	a := f.Read(good(), "", nil)
	a = f.Read(url.Values{"decision": {"declined"}}, "s5", a)
	clean := f.Clean(a, env)
	if _, there := clean["lei_email"]; there || a.Text("lei_email") == "" {
		t.Errorf("hidden: draft %q, clean %q", a.Text("lei_email"), clean.Text("lei_email"))
	}
	a = f.Read(url.Values{"lei_email": {"unsinn"}, "decision": {"declined"}}, "s5", a)
	if p := f.Check(a, "s5", env); len(p) > 0 {
		t.Errorf("what is not asked is judged: %+v", p)
	}
	a = f.Read(url.Values{"decision": {"accepted"}}, "s5", a)
	if got := f.Clean(a, env).Text("lei_email"); got != "unsinn" {
		t.Errorf("back in view it is %q", got)
	}
}

func TestHiddenAnswersDoNotCountInExpressions(t *testing.T) {
	t.Parallel()
	f := compiled(t, "- {type: select_one YN, name: a, "+label+"}\n- {type: text, name: b, "+label+", relevant: \"${a} = 'Y'\"}\n- {type: text, name: c, "+label+", relevant: \"${b} = 'x'\"}")
	a := form.Answers{"a": {Text: "N"}, "b": {Text: "x"}, "c": {Text: "y"}}
	if got := f.Clean(a, env); len(got) != 1 {
		t.Errorf("clean is %+v", got)
	}
}

func TestRevealedIsWhatNobodyHasSeenYet(t *testing.T) {
	t.Parallel()
	f := everything(t)
	before := f.Read(good(), "", nil)
	after := f.Read(url.Values{"threat": {"ACUTE"}}, "s2", before)
	if got := f.Revealed(before, after, "s2", env); len(got) != 1 || got[0] != "emergency" {
		t.Errorf("revealed are %q", got)
	}
	other := f.Read(url.Values{"_rows:actors": {"1"}, "actors[0].actor_sector": {"OTH"}}, "s3", nil)
	if got := f.Revealed(nil, other, "s3", env); len(got) != 1 || got[0] != "actors[0].actor_other" {
		t.Errorf("revealed in a row are %q", got)
	}
	if got := f.Revealed(after, after, "s2", env); len(got) != 0 {
		t.Errorf("nothing changed, but revealed are %q", got)
	}
}

func TestCleanIsCanonical(t *testing.T) {
	t.Parallel()
	f := everything(t)
	v := good()
	v.Set("summary", "  Zu\u0308rich\x07\r\nzweite Zeile \u202e ")
	v.Set("affected", "JEW")
	v["affected"] = []string{"", "OFF", "JEW"}
	v.Set("email", " Amt@K\u00f6ln.example ")
	v.Set("since", "unbekannt")
	a := f.Read(v, "", nil)
	a["origin"] = form.Value{Text: "desk"}
	a["left_over"] = form.Value{Text: "x"}
	clean := f.Clean(a, env)
	for name, want := range map[string]string{
		"muni_key": "09999123", "population": "12500", "fte": "0.25", "email": "Amt@xn--kln-sna.example", "summary": "Z\u00fcrich\nzweite Zeile",
		"since": "UNK", "born": "2026-03-01", "at": "09:30", "people": "31", "notice_ack": "OK", "origin": "desk", "news": "N", "left_over": "",
	} {
		if got := clean.Text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := strings.Join(clean.Choices("types"), " "); got != "CT1 CT5" {
		t.Errorf("types are %q", got)
	}
	if row := clean.Rows("actors")[0]; row.Text("actor_people") != "1" || row.Text("actor_label") != "Stadtrat" {
		t.Errorf("row is %+v", row)
	}
}

func TestDatesSurviveTheHourThatIsMissing(t *testing.T) {
	t.Parallel()
	f := everything(t)
	for _, day := range []string{"29.03.2026", "25.10.2026"} {
		e := env
		e.Today, _ = lang.ParseDate(day[6:] + "-" + day[3:5] + "-" + day[:2])
		a := f.Read(url.Values{"born": {day}}, "s5", nil)
		clean := f.Clean(a, e)
		if got := clean.Text("born"); got != e.Today.String() {
			t.Errorf("%s becomes %s", day, got)
		}
		if v := f.View(clean, "s5", nil, e); inputValue(v.Items, "born") != day {
			t.Errorf("%s is shown as %s", day, inputValue(v.Items, "born"))
		}
	}
}

func inputValue(items []form.Item, name string) string {
	for _, it := range items {
		if it.Input != nil && it.Input.Name == name {
			return it.Input.Value
		}
	}
	return ""
}

func TestExpressionsForOthers(t *testing.T) {
	t.Parallel()
	x, err := form.CompileExpr("${decision} = 'accepted' and selected(${types}, 'CT1') and count(${actors}) = 2 and ${fte} > 0.2")
	if err != nil {
		t.Fatal(err)
	}
	f := everything(t)
	clean := f.Clean(f.Read(good(), "", nil), env)
	if !x.Bool(clean, env) || x.Bool(nil, env) {
		t.Error("a precondition over clean answers does not hold, or holds over none")
	}
	if _, err := form.CompileExpr("${a} ="); err == nil {
		t.Error("half an expression compiles")
	}
	if _, err := form.CompileExpr("'x'"); err == nil {
		t.Error("a text is taken for a condition")
	}
	if ok, err := f.Eval("sum(${actor_people}) = 31 and ${since} < today()", f.Read(good(), "", nil), env); !ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
	if _, err := f.Eval("${decision} = 'acepted'", nil, env); err == nil || !strings.Contains(err.Error(), "'acepted' is none of the choices") {
		t.Errorf("an unknown choice: %v", err)
	}
}

func TestPagesAndFieldsDescribeTheForm(t *testing.T) {
	t.Parallel()
	f := everything(t)
	if p := f.Pages(); len(p) != 5 || p[1].Name != "s2" || p[1].Label.EN != "Conflict" {
		t.Errorf("pages are %+v", p)
	}
	f2 := compiled(t, "- {type: group, name: a, "+label+", children: [{type: select_one YN, name: b, "+label+"}]}\n- {type: group, name: c, "+label+", relevant: \"${b} = 'Y'\", children: [{type: text, name: d, "+label+"}]}")
	if got := len(f2.RelevantPages(nil, env)); got != 1 {
		t.Errorf("%d pages are relevant", got)
	}
	d, ok := f.Field("KOM5")
	if !ok || !d.Reversed || d.Construct != "KOM" || d.Scale != "AGR5" || d.Type != "select_one" || d.List != "AGR5" || len(d.Choices) != 6 || d.Page != "s4" {
		t.Errorf("KOM5 is %+v", d)
	}
	if d, _ := f.Field("actor_label"); d.Path != "actors.actor_label" || d.Repeat != "actors" || !d.Required {
		t.Errorf("actor_label is %+v", d)
	}
	if _, ok := f.Field("emergency"); ok || len(f.Fields()) != 41 {
		t.Errorf("%d fields", len(f.Fields()))
	}
}
