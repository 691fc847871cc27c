package form_test

import (
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"kokoma/shared/form"
)

// meetings is a form with rows in rows: meetings, the people of each, and what
// each of them takes on.
const meetings = `
- type: group
  name: page
  label: {de: Treffen, en: Meetings}
  children:
    - type: repeat
      name: meeting
      label: {de: Treffen, en: Meetings}
      x_max: 3
      children:
        - {type: date, name: day, label: {de: Tag, en: Day}, required: "yes"}
        - type: repeat
          name: person
          appearance: ordered
          label: {de: Personen, en: People}
          x_min: 1
          x_max: 4
          children:
            - {type: text, name: function, label: {de: Funktion, en: Function}, required: "yes", x_unique: "yes"}
            - {type: integer, name: hours, label: {de: Stunden, en: Hours}}
            - {type: text, name: why, label: {de: Warum so viel?, en: Why so much?}, relevant: "${hours} > 8", required: "yes"}
            - type: repeat
              name: task
              label: {de: Aufgaben, en: Tasks}
              children:
                - {type: text, name: what, label: {de: Was, en: What}}
        - {type: calculate, name: total, calculation: "sum(${hours})"}
    - {type: calculate, name: all_hours, calculation: "sum(${hours})"}
    - {type: calculate, name: people, calculation: "count(${person})"}
`

func meetingsForm(t *testing.T) *form.Form {
	t.Helper()
	return compiled(t, strings.ReplaceAll(strings.ReplaceAll(meetings, "Warum so viel?", `"Warum so viel?"`), "Why so much?", `"Why so much?"`))
}

func twoMeetings() url.Values {
	return url.Values{
		"_rows:meeting": {"2"}, "_rows:meeting[0].person": {"2"}, "_rows:meeting[1].person": {"1"},
		"meeting[0].day": {"1.3.2026"}, "meeting[1].day": {"2.3.2026"},
		"meeting[0].person[0].function": {"Leitung"}, "meeting[0].person[0].hours": {"3"},
		"meeting[0].person[1].function": {"Moderation"}, "meeting[0].person[1].hours": {"9"}, "meeting[0].person[1].why": {"Zwei Tage"},
		"meeting[0].person[1].task[0].what": {"Protokoll"},
		"meeting[1].person[0].function":     {"Leitung"}, "meeting[1].person[0].hours": {"4"},
	}
}

func TestRowsInRowsAreReadJudgedAndCleaned(t *testing.T) {
	t.Parallel()
	f := meetingsForm(t)
	a := f.Read(twoMeetings(), "page", nil)
	if p := f.Check(a, "", env); len(p) > 0 {
		t.Fatalf("problems: %+v", p)
	}
	got := f.Clean(a, env)
	first := got.Rows("meeting")[0]
	if first.Text("total") != "12" || got.Rows("meeting")[1].Text("total") != "4" || got.Text("all_hours") != "16" || got.Text("people") != "3" {
		t.Errorf("sums: %v", got)
	}
	if what := first.Rows("person")[1].Rows("task")[0].Text("what"); what != "Protokoll" {
		t.Errorf("the innermost answer is %q", what)
	}
}

func TestProblemsInRowsInRowsNameTheirPlace(t *testing.T) {
	t.Parallel()
	f := meetingsForm(t)
	v := twoMeetings()
	v.Set("meeting[0].person[1].why", "")
	v.Set("meeting[0].person[0].function", "moderation")
	v.Set("meeting[1].person[0].function", "")
	p := f.Check(f.Read(v, "", nil), "", env)
	var got []string
	for _, q := range p {
		got = append(got, q.Field+" "+q.ID()+" "+q.Label.DE)
	}
	want := []string{
		"meeting[0].person[1].function f-meeting-0-person-1-function Funktion, Eintrag 1.2",
		"meeting[0].person[1].why f-meeting-0-person-1-why Warum so viel?, Eintrag 1.2",
		"meeting[1].person[0].function f-meeting-1-person-0-function Funktion, Eintrag 2.1",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestButtonsChangeRowsInRows(t *testing.T) {
	t.Parallel()
	f := meetingsForm(t)
	press := func(button string) form.Answers {
		v := twoMeetings()
		v.Set(button, "1")
		if _, ok := form.Pressed(v); !ok {
			t.Fatalf("%s is no button", button)
		}
		return f.Read(v, "page", nil)
	}
	functions := func(a form.Answers, meeting int) string {
		var out []string
		for _, row := range a.Rows("meeting")[meeting].Rows("person") {
			out = append(out, row.Text("function"))
		}
		return strings.Join(out, ",")
	}
	for button, want := range map[string]string{
		"_add:meeting[0].person":          "Leitung,Moderation,",
		"_remove:meeting[0].person:0":     "Moderation",
		"_down:meeting[0].person:0":       "Moderation,Leitung",
		"_up:meeting[0].person:0":         "Leitung,Moderation",
		"_remove:meeting[0].person:7":     "Leitung,Moderation",
		"_remove:meeting[9].person:0":     "Leitung,Moderation",
		"_add:meeting[0].person[1].task":  "Leitung,Moderation",
		"_remove:meeting[0].nothing:0":    "Leitung,Moderation",
		"_remove:meeting[0].person[0].x:": "Leitung,Moderation",
	} {
		if got := functions(press(button), 0); got != want {
			t.Errorf("%s: %s, want %s", button, got, want)
		}
	}
	if a := press("_remove:meeting:0"); len(a.Rows("meeting")) != 1 || functions(a, 0) != "Leitung" {
		t.Errorf("the second meeting is %v", a)
	}
	if a := press("_add:meeting[0].person[1].task"); len(a.Rows("meeting")[0].Rows("person")[1].Rows("task")) != 2 {
		t.Errorf("no task was added: %v", a)
	}
}

func TestRowsThatNoPageHasAreReported(t *testing.T) {
	t.Parallel()
	f := meetingsForm(t)
	for _, name := range []string{
		"meeting[0].function", "person[0].function", "meeting[0].person.function", "meeting[200].day", "meeting[-1].day", "meeting[00].day",
		"meeting[0]", "meeting[0].", "day[0].x", "meeting[0].day[0].x", "meeting[0].person[0].total", "meeting[0].total", "all_hours",
	} {
		p := f.Check(f.Read(url.Values{name: {"x"}}, "", nil), "", env)
		if len(p) == 0 || !strings.Contains(p[0].Message.DE, name) {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestRowsOfAllRepeatsTogetherAreBounded(t *testing.T) {
	t.Parallel()
	f := meetingsForm(t)
	v := url.Values{}
	for i := range 150 {
		for j := range 150 {
			v["meeting["+strconv.Itoa(i)+"].person["+strconv.Itoa(j)+"].hours"] = []string{"1"}
		}
	}
	a := f.Read(v, "", nil)
	rows := 0
	for _, m := range a.Rows("meeting") {
		rows += 1 + len(m.Rows("person"))
	}
	if rows > 2000 {
		t.Errorf("%d rows were kept", rows)
	}
	if p := f.Check(a, "", env); !p.Errors() {
		t.Error("too many rows are no problem")
	}
}

func TestRowsInRowsAreShown(t *testing.T) {
	t.Parallel()
	f := meetingsForm(t)
	a := f.Read(twoMeetings(), "page", nil)
	v := f.View(a, "page", nil, env)
	outer := v.Items[0].Repeat
	var inner *form.Repeat
	for _, item := range outer.Rows[0].Items {
		if item.Repeat != nil {
			inner = item.Repeat
		}
	}
	if inner == nil || inner.RowsName != "_rows:meeting[0].person" || inner.Rows[1].Label != "Eintrag 1.2" || inner.Add.Name != "_add:meeting[0].person" {
		t.Fatalf("the inner rows are %+v", inner)
	}
	if b := inner.Rows[1].Buttons; len(b) != 2 || b[0].Name != "_up:meeting[0].person:1" || b[1].Name != "_remove:meeting[0].person:1" {
		t.Errorf("buttons: %+v", inner.Rows[1].Buttons)
	}
	s := f.Summary(a, env)
	if got := s[0].Items[0].Rows[0].Items[1].Rows[1].Label; got != "Eintrag 2" && got != "Eintrag 1.2" {
		t.Errorf("the summary calls the row %q", got)
	}
}

const counted = `
- {type: integer, name: n, label: {de: Wie viele, en: How many}}
- type: repeat
  name: child
  label: {de: Einrichtungen, en: Places}
  repeat_count: "${n}"
  children:
    - {type: text, name: place, label: {de: Name, en: Name}, required: "yes"}
    - {type: text, name: note, label: {de: Notiz, en: Note}}
`

func TestRepeatCountFixesTheRows(t *testing.T) {
	t.Parallel()
	f := compiled(t, counted)
	a := f.Read(url.Values{"n": {"3"}}, "", nil)
	v := f.View(a, "", nil, env)
	if r := v.Items[1].Repeat; r.Count != 3 || r.Add != nil || len(r.Rows[0].Buttons) != 0 {
		t.Fatalf("the rows are %+v", r)
	}
	if p := f.Check(a, "", env); len(p) != 3 || p[2].Field != "child[2].place" {
		t.Errorf("empty rows that must be there: %+v", p)
	}
	a = f.Read(url.Values{"_rows:child": {"3"}, "child[0].place": {"A"}, "child[1].place": {"B"}, "child[2].place": {"C"}}, "", a)
	a = f.Read(url.Values{"n": {"1"}, "_rows:child": {"3"}}, "", a)
	if got := f.Clean(a, env).Rows("child"); len(got) != 1 || got[0].Text("place") != "A" {
		t.Errorf("handed in: %v", got)
	}
	a = f.Read(url.Values{"n": {"2"}, "_rows:child": {"1"}, "child[0].place": {"A"}}, "", a)
	if got := f.Clean(a, env).Rows("child"); len(got) != 2 || got[1].Text("place") != "B" {
		t.Errorf("what was typed is not there again: %v", got)
	}
	a = f.Read(url.Values{"n": {"1000000"}}, "", a)
	p := f.Check(a, "", env)
	if p[0].Field != "child" || !strings.Contains(p[0].Message.DE, "bis 200") {
		t.Errorf("a million rows: %+v", p[0])
	}
	if got := f.View(a, "", nil, env).Items[1].Repeat.Count; got != 200 {
		t.Errorf("%d rows are shown", got)
	}
}

func TestRankingsNeedAPlaceForEveryChoice(t *testing.T) {
	t.Parallel()
	f := compiled(t, "- {type: rank l, name: r, "+label+", required: \"yes\"}", "choices: {l: [{name: a, label: {de: A, en: A}}, {name: b, label: {de: B, en: B}}, {name: c, label: {de: C, en: C}}]}")
	for _, c := range []struct {
		posted []string
		want   string
	}{
		{[]string{"", "", ""}, "Die Reihenfolge fehlt."},
		{[]string{"b", "a", "c"}, ""},
		{[]string{"b", "b", "c"}, "„B“ steht auf zwei Plätzen."},
		{[]string{"b", "", "c"}, "Platz 2 ist noch frei."},
		{[]string{"b", "a", ""}, "Erst 2 von 3 Plätzen"},
		{[]string{"b", "a", "x"}, "Diese Antwort steht nicht zur Wahl."},
	} {
		a := f.Read(url.Values{"r": c.posted}, "", nil)
		p := f.Check(a, "", env)
		got := ""
		if len(p) > 0 {
			got = p[0].Message.DE
		}
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.posted, got, c.want)
		}
		if c.want == "" && strings.Join(f.Clean(a, env).Choices("r"), " ") != "b a c" {
			t.Errorf("the order is lost: %v", f.Clean(a, env))
		}
		shown := f.View(a, "", p, env).Items[0].Rank
		if len(shown.Places) != 3 {
			t.Errorf("%d places are shown", len(shown.Places))
		}
		for i, name := range a.Choices("r") {
			for _, o := range shown.Places[i].Options {
				if o.Checked != (o.Value == name) {
					t.Errorf("%v: place %d shows %+v", c.posted, i+1, shown.Places[i].Options)
				}
			}
		}
	}
}

func TestOtherAsksWhatItIs(t *testing.T) {
	t.Parallel()
	f := compiled(t, "- {type: select_multiple YN or_other, name: a, "+label+"}\n- {type: text, name: b, "+label+"}")
	var names []string
	for _, d := range f.Fields() {
		names = append(names, d.Name)
	}
	if got := strings.Join(names, " "); got != "a a_other b" {
		t.Fatalf("the questions are %s", got)
	}
	a := f.Read(url.Values{"a": {"", "Y", "other"}, "a_other": {"Vielleicht"}}, "", nil)
	if p := f.Check(a, "", env); len(p) > 0 {
		t.Errorf("%+v", p)
	}
	if got := f.Clean(a, env); got.Text("a_other") != "Vielleicht" || len(got.Choices("a")) != 2 {
		t.Errorf("%v", got)
	}
	again, err := form.Compile("again", f.Canonical(), form.Stored())
	if err != nil || again.Hash != f.Hash || len(again.Fields()) != 3 {
		t.Errorf("the canonical form is another: %v", err)
	}
}

func TestDatetimesAreLocalTimes(t *testing.T) {
	t.Parallel()
	f := compiled(t, "- {type: datetime, name: at, "+label+"}")
	for typed, want := range map[string]string{
		"29.3.2026 02:30": "2026-03-29T02:30", "25.10.2026, 2.30 Uhr": "2026-10-25T02:30", "2026-03-01T14:05": "2026-03-01T14:05",
		"1.3.2026 um 9:05 Uhr": "2026-03-01T09:05",
		"1.3.2026":             "!", "31.2.2026 10:00": "!", "1.3.2026 24:00": "!", "14:30": "!", "2026-03-01T14:05Z": "!",
	} {
		a := f.Read(url.Values{"at": {typed}}, "", nil)
		if p := f.Check(a, "", env); (len(p) > 0) != (want == "!") {
			t.Errorf("%s: %+v", typed, p)
		}
		clean := f.Clean(a, env)
		if want != "!" && clean.Text("at") != want {
			t.Errorf("%s is %q, want %q", typed, clean.Text("at"), want)
		}
		shown := f.View(clean, "", nil, env).Items[0].Input.Value
		if back := f.Clean(f.Read(url.Values{"at": {shown}}, "", nil), env); want != "!" && back.Text("at") != want {
			t.Errorf("%s is shown as %q, which is %q", typed, shown, back.Text("at"))
		}
	}
}

// FO-8: a date is a date, also on the days on which the clock is changed.
func TestDatesSurviveTheChangeOfTheClock(t *testing.T) {
	t.Parallel()
	f := compiled(t, "- {type: date, name: d, "+label+"}\n- {type: calculate, name: next, calculation: \"date(${d} + 1)\"}")
	for typed, want := range map[string][2]string{"29.03.2026": {"2026-03-29", "2026-03-30"}, "28.03.2026": {"2026-03-28", "2026-03-29"}, "25.10.2026": {"2026-10-25", "2026-10-26"}, "24.10.2026": {"2026-10-24", "2026-10-25"}} {
		clean := f.Clean(f.Read(url.Values{"d": {typed}}, "", nil), env)
		if clean.Text("d") != want[0] || clean.Text("next") != want[1] {
			t.Errorf("%s: %v", typed, clean)
		}
		if shown := f.View(clean, "", nil, env).Items[0].Input.Value; shown != typed {
			t.Errorf("%s is shown again as %s", typed, shown)
		}
	}
}

func TestCascadingSelectsOfferWhatFits(t *testing.T) {
	t.Parallel()
	f := compiled(t, "- {type: select_one land, name: land, "+label+"}\n- {type: select_one place, name: place, "+label+", choice_filter: \"land = ${land}\"}",
		`choices:
  land: [{name: n, label: {de: Nord, en: North}}, {name: s, label: {de: Süd, en: South}}]
  place:
    - {name: p1, label: {de: Musterstadt, en: Musterstadt}, attributes: {land: n}}
    - {name: p2, label: {de: Musterdorf, en: Musterdorf}, attributes: {land: s}}`)
	a := f.Read(url.Values{"land": {"s"}, "place": {"p1"}}, "", nil)
	if got := fields(f.Check(a, "", env), form.Error); got != "place" {
		t.Errorf("a place of another Land: problems at %q", got)
	}
	if o := f.View(a, "", nil, env).Items[1].Radios.Options; len(o) != 1 || o[0].Value != "p2" {
		t.Errorf("offered: %+v", o)
	}
}
