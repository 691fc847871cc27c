package form_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"kokoma/shared/form"
)

func TestReadKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	f := everything(t)
	a := f.Read(url.Values{
		"title": {" zu\x00 viel\xff "}, "summary": {"eins\r\nzwei\rdrei"}, "fte": {"viel"},
		"types": {"", "CT5", "CT5", "QQ"}, "step": {"unfug"},
	}, "", nil)
	for name, want := range map[string]string{"title": " zu viel\ufffd ", "summary": "eins\nzwei\ndrei", "fte": "viel", "step": "unfug"} {
		if got := a.Text(name); got != want {
			t.Errorf("%s is kept as %q, want %q", name, got, want)
		}
	}
	if got := a.Choices("types"); !slices.Equal(got, []string{"CT5", "QQ"}) {
		t.Errorf("types are kept as %q", got)
	}
}

func TestReadTouchesOnlyWhatWasOnThePage(t *testing.T) {
	t.Parallel()
	f := everything(t)
	before := f.Read(good(), "", nil)
	after := f.Read(url.Values{"title": {"Neu"}}, "s2", before)
	if after.Text("title") != "Neu" || after.Text("fte") != "0,25" || len(after.Choices("types")) != 2 || len(after.Rows("actors")) != 2 {
		t.Errorf("after a post of the title alone: %+v", after)
	}
	if before.Text("title") == "Neu" {
		t.Error("Read changed the answers that it was given")
	}
	after = f.Read(url.Values{"types": {""}, "notice_ack": {""}}, "", before)
	if len(after.Choices("types")) != 0 || after.Text("notice_ack") != "" {
		t.Errorf("posted empty, they are still %q and %q", after.Choices("types"), after.Text("notice_ack"))
	}
}

func TestUnknownFieldsAreReportedNotRead(t *testing.T) {
	t.Parallel()
	f := everything(t)
	for _, name := range []string{
		"nonsense", "origin", "people", "stamp", "emergency", "s2", "actors", "actor_label", "title[0].x", "actors[0].title",
		"actors[x].actor_label", "actors[-1].actor_label", "actors[999].actor_label", "actors[01].actor_label", "dates[0].actor_label",
		"actors[0]", "a\x00\xff", strings.Repeat("x", 5000),
	} {
		a := f.Read(url.Values{name: {"x"}}, "", nil)
		if p := f.Check(a, "s1", env); len(p) == 0 || p[0].Field != "" || p[0].Level != form.Error || !strings.Contains(p[0].Message.DE, "gehören nicht") && !strings.Contains(p[0].Message.DE, "nicht gehören") {
			t.Errorf("%.40q is not reported: %+v", name, p)
		}
		if len(f.Clean(a, env).Rows("actors")) > 0 || f.Clean(a, env).Text("origin") != "" {
			t.Errorf("%.40q was read", name)
		}
		if again := f.Read(url.Values{}, "", a); f.Check(again, "s1", env)[0].Field == "" {
			t.Errorf("%.40q is still reported after the next post", name)
		}
	}
	if a := f.Read(url.Values{"title": {"Ein Titel"}}, "s1", nil); a.Text("title") != "" {
		t.Error("a field of another page was read")
	}
	a := f.Read(url.Values{"_command": {"x"}, "_next": {"1"}}, "s4", nil)
	if p := f.Check(a, "s4", env); len(p) > 0 {
		t.Errorf("the page's own controls are reported: %+v", p)
	}
	many := url.Values{}
	for i := range 100 {
		many.Set("x"+string(rune('a'+i%26))+strings.Repeat("y", i), "1")
	}
	if n := len(f.Check(f.Read(many, "", nil), "s4", env)[0].Message.DE); n > 2000 {
		t.Errorf("the report of a hundred unknown names has %d bytes", n)
	}
}

func TestRowsAreAddedRemovedAndMoved(t *testing.T) {
	t.Parallel()
	f := everything(t)
	labels := func(a form.Answers) string {
		var out []string
		for _, row := range a.Rows("actors") {
			out = append(out, row.Text("actor_label"))
		}
		return strings.Join(out, ",")
	}
	post := func(more string, into form.Answers) form.Answers {
		v := url.Values{"_rows:actors": {"2"}, "actors[0].actor_label": {"A"}, "actors[1].actor_label": {"B"}}
		v.Set(more, "1")
		return f.Read(v, "s3", into)
	}
	for button, want := range map[string]string{
		"_x": "A,B", "_add:actors": "A,B,", "_remove:actors:0": "B", "_remove:actors:1": "A", "_remove:actors:7": "A,B", "_remove:actors:-1": "A,B",
		"_remove:actors:x": "A,B", "_up:actors:1": "B,A", "_up:actors:0": "A,B", "_down:actors:0": "B,A", "_down:actors:1": "A,B", "_add:title": "A,B", "_remove:nonsense:1": "A,B",
	} {
		if got := labels(post(button, nil)); got != want {
			t.Errorf("%s: rows are %q, want %q", button, got, want)
		}
	}
	many := url.Values{"_rows:actors": {"4"}, "_add:actors": {"1"}}
	if got := len(f.Read(many, "s3", nil).Rows("actors")); got != 4 {
		t.Errorf("a fifth row of four was added: %d", got)
	}
	if got := len(f.Read(url.Values{"_rows:actors": {"99999999"}}, "s3", nil).Rows("actors")); got > 200 {
		t.Errorf("a hand-made post makes %d rows", got)
	}
	if got := labels(f.Read(url.Values{"actors[7].actor_label": {"H"}, "actors[2].actor_label": {"G"}}, "s3", nil)); got != "G,H" {
		t.Errorf("holes do not close: %q", got)
	}
	kept := f.Read(url.Values{"_rows:actors": {"1"}}, "s3", post("_x", nil))
	if got := labels(kept); got != "A" {
		t.Errorf("a row that is not shown any more stays: %q", got)
	}
	if got := labels(f.Read(url.Values{}, "s3", kept)); got != "A" {
		t.Errorf("rows vanish when the repeat was not on the page: %q", got)
	}
}

func TestTooManyRowsAreKeptAndRefused(t *testing.T) {
	t.Parallel()
	f := everything(t)
	v := url.Values{}
	for i := range 6 {
		v.Set("actors["+string(rune('0'+i))+"].actor_label", strings.Repeat("x", i+2))
		v.Set("actors["+string(rune('0'+i))+"].actor_sector", "ADM")
	}
	a := f.Read(v, "s3", nil)
	p := f.Check(a, "s3", env)
	if len(a.Rows("actors")) != 6 || fields(p, form.Error) != "actors" || !strings.Contains(p[0].Message.DE, "(6)") {
		t.Errorf("%d rows, problems %+v", len(a.Rows("actors")), p)
	}
}

func TestPressedKnowsTheFormsOwnButtons(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"_add:actors": "f-actors-2", "_remove:actors:1": "f-actors", "_up:dates:1": "f-dates", "_search:muni_key": "f-muni_key",
		"_next": "", "_confirm:title": "", "title": "",
	} {
		got, ok := form.Pressed(url.Values{name: {"1"}, "_rows:actors": {"2"}})
		if got != want || ok != (want != "") {
			t.Errorf("%s: %q %v, want %q", name, got, ok, want)
		}
	}
}

func TestAPickedMunicipalityReplacesWhatWasSearched(t *testing.T) {
	t.Parallel()
	f := everything(t)
	a := f.Read(url.Values{"muni_key": {"Muster"}}, "s1", nil)
	if p := f.Check(a, "s1", env); !strings.Contains(p[0].Message.DE, "mehrere Kommunen") {
		t.Errorf("an ambiguous name passes: %+v", p)
	}
	picked := f.Read(url.Values{"muni_key": {"Muster"}, "_pick:muni_key": {"09999123"}}, "s1", a)
	if got := f.Clean(picked, env).Text("muni_key"); got != "09999123" {
		t.Errorf("picked is %q", got)
	}
	changed := f.Read(url.Values{"muni_key": {"Musterdorf"}, "_pick:muni_key": {"09999123"}}, "s1", a)
	if got := changed.Text("muni_key"); got != "Musterdorf" {
		t.Errorf("what was typed after the search is %q", got)
	}
}

func TestAnswersSurviveJSON(t *testing.T) {
	t.Parallel()
	f := everything(t)
	v := good()
	v.Set("_confirm:email", "1")
	v.Set("affected", "")
	a := f.Read(v, "", nil)
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var back form.Answers
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.Clean(a, env), f.Clean(back, env)) || !back.Confirmed("email") {
		t.Errorf("%+v\nbecomes %+v", a, back)
	}
	var bad form.Answers
	for _, src := range []string{`{"a":[`, `{"a":{}}`, `{"a":[1]}`, `{"a":[{"b":3}]}`, `{"a":7}`} {
		if json.Unmarshal([]byte(src), &bad) == nil {
			t.Errorf("%s is read", src)
		}
	}
}

// FuzzRead: whatever is posted, reading, judging, cleaning and showing it end,
// texts stay valid, and what is clean stays the same when it is cleaned again.
func FuzzRead(f *testing.F) {
	forms := []*form.Form{everything(f), kinds(f)}
	f.Add("meeting[0].person[1].hours=9&_rows:meeting[0].person=3&_add:meeting[0].person=1&order=m&order=&order=d", "p2")
	f.Add("n=3&site[2].site_name=x&_rows:site=1&lands=other&lands_other=y&at=29.3.2026 2:30&share=0,35&mark=7", "")
	f.Add("_up:meeting[0].person:1=1&meeting[0].person[0].function=a&meeting[0].person[1].function=b&meeting[9].day=1.1.2026", "p2")
	f.Add("title=x&types=CT1&actors[0].actor_label=y&_add:actors=1", "")
	f.Add("_remove:actors:0=1&_rows:actors=3&actors[3].actor_sector=OTH", "s3")
	f.Add("title=%00%ff%0d%0a&fte=1.234,56&since=unbekannt&_confirm:title=1", "s2")
	f.Add("dates[0].day=31.12.2026&dates[0].hour=25:00&_up:dates:1=1", "s3")
	f.Add(good().Encode(), "")
	f.Fuzz(func(t *testing.T, query, page string) {
		v, _ := url.ParseQuery(query)
		for _, x := range forms {
			readAnything(t, x, v, page)
		}
	})
}

func readAnything(t *testing.T, x *form.Form, v url.Values, page string) {
	a := x.Read(v, page, nil)
	for name, value := range a {
		if !utf8.ValidString(value.Text) || strings.ContainsRune(value.Text, 0) {
			t.Fatalf("%s is kept as %q", name, value.Text)
		}
		if len(value.Rows) > 200 {
			t.Fatalf("%s has %d rows", name, len(value.Rows))
		}
	}
	again := x.Read(v, page, a)
	for name, value := range again {
		if len(value.Rows) > 200 {
			t.Fatalf("%s has %d rows", name, len(value.Rows))
		}
	}
	a = x.Settle(a, env)
	p := x.Check(a, page, env)
	x.View(a, page, p, env)
	x.Summary(a, env)
	clean := x.Clean(a, env)
	// Empty rows, which are left out, may have counted in a calculation: so it is
	// the second cleaning that the third repeats.
	twice := x.Clean(clean, env)
	if thrice := x.Clean(twice, env); !reflect.DeepEqual(twice, thrice) {
		t.Fatalf("cleaned: %+v\ncleaned again: %+v", twice, thrice)
	}
	b, err := json.Marshal(a)
	var back form.Answers
	if err != nil || json.Unmarshal(b, &back) != nil || !reflect.DeepEqual(x.Clean(back, env), clean) {
		t.Fatalf("JSON changes the answers: %s", b)
	}
}
