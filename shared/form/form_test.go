package form_test

import (
	"html/template"
	"net/url"
	"os"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

func everything(t testing.TB) *form.Form {
	t.Helper()
	f, err := form.Load(os.DirFS("testdata"), "everything.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// kinds is a form with what everything lacks: rows in rows, rankings, ….
func kinds(t testing.TB) *form.Form {
	t.Helper()
	f, err := form.Load(os.DirFS("testdata"), "kinds.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// compiled makes a form of the given questions alone.
func compiled(t testing.TB, survey string, more ...string) *form.Form {
	t.Helper()
	f, err := form.Compile("test.yaml", []byte(definition(survey, more...)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const label = "label: {de: Frage, en: Question}"

func definition(survey string, more ...string) string {
	return "settings: {form_id: t, version: '1', title: {de: T, en: T}}\n" + strings.Join(more, "\n") + "\nsurvey:\n" + survey
}

var env = form.Env{
	Today: lang.Date{Year: 2026, Month: 3, Day: 29},
	Lang:  lang.DE,
	Lookup: func(key string) (string, bool) {
		name, ok := map[string]string{"09999123": "Musterstadt", "09999": "Beispielkreis"}[key]
		return name, ok
	},
	Search: func(typed string) []form.Found {
		switch typed {
		case "Musterstadt":
			return []form.Found{{Key: "09999123", Label: "Musterstadt"}}
		case "Muster":
			return []form.Found{{Key: "09999123", Label: "Musterstadt"}, {Key: "09999124", Label: "Musterdorf"}}
		}
		return nil
	},
}

func inEnglish(e form.Env) form.Env {
	e.Lang = lang.EN
	return e
}

func templates(t testing.TB) *template.Template {
	t.Helper()
	page := template.Must(template.New("both").Parse(`{{template "form.problems" .View}}<form method="post">{{template "form.fields" .View}}</form>`))
	return template.Must(page.ParseFS(form.Templates, "tmpl/*.html"))
}

// good are posts that fill the test form without any problem.
func good() url.Values {
	return url.Values{
		"muni_key": {"Musterstadt"}, "population": {"12.500"}, "fte": {"0,25"}, "email": {"amt@musterstadt.example"},
		"title": {"Nutzung des Marktplatzes"}, "types": {"", "CT5", "CT1"}, "main": {"CT5"}, "since": {"3.2024"},
		"_rows:actors": {"2"}, "actors[0].actor_label": {"Stadtrat"}, "actors[0].actor_sector": {"POL"},
		"actors[1].actor_label": {"Sportverein"}, "actors[1].actor_sector": {"OTH"}, "actors[1].actor_other": {"Sport"},
		"actors[1].actor_people": {"30"}, "decision": {"accepted"}, "lei_email": {"leitung@musterstadt.example"},
		"year": {"2020"}, "born": {"1.3.2026"}, "at": {"9:30 Uhr"}, "notice_ack": {"", "OK"}, "MAT1": {"3"},
	}
}

// fields are the fields that have a problem of a level.
func fields(p form.Problems, level form.Level) string {
	var out []string
	for _, q := range p {
		if q.Level == level {
			out = append(out, q.Field)
		}
	}
	return strings.Join(out, " ")
}

func TestGoodEntriesPass(t *testing.T) {
	t.Parallel()
	f := everything(t)
	a := f.Read(good(), "", nil)
	if p := f.Check(a, "", env); len(p) > 0 {
		t.Fatalf("problems with good entries: %+v", p)
	}
}
