package workflow

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// TestEveryStepOfPhaseBTakesItsEntries reads what people enter in each step of
// phase B as its form does.
func TestEveryStepOfPhaseBTakesItsEntries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, err := w.x.Current()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, tpl := range d.Templates {
		if tpl.Phase == "B" {
			w.answers(tpl.Key)
			n++
		}
	}
	if n != 14 {
		t.Errorf("phase B has %d steps, want 14", n)
	}
}

// entered is what people enter in a step, changed, as its form reads it.
func (w *world) entered(step string, change url.Values) (*form.Form, form.Answers) {
	w.t.Helper()
	d, err := w.x.Current()
	if err != nil {
		w.t.Fatal(err)
	}
	f, err := d.Template(step).Form()
	if err != nil {
		w.t.Fatal(err)
	}
	v := w.values(step)
	maps.Copy(v, change)
	return f, f.Read(v, "", nil)
}

// faults are the fields of a step that are wrong after a change of what people
// enter.
func (w *world) faults(step string, change url.Values) []string {
	w.t.Helper()
	f, a := w.entered(step, change)
	var out []string
	for _, p := range f.Check(a, "", w.env()) {
		if p.Level == form.Error && !slices.Contains(out, p.Field) {
			out = append(out, p.Field)
		}
	}
	return out
}

func (w *world) env() form.Env {
	return form.Env{Today: lang.DateOf(w.now), Now: w.now, Lang: lang.DE}
}

// crowd registers so many people for six places.
func crowd(n int) url.Values {
	v := url.Values{"places": {"6"}, "_rows:registrations": {strconv.Itoa(n)}}
	for i := range n {
		row := fmt.Sprintf("registrations[%d].", i)
		v[row+"reg_name"], v[row+"reg_email"] = []string{"Person"}, []string{fmt.Sprintf("person%d@verein.example", i)}
		v[row+"reg_sector"], v[row+"reg_function"] = []string{"CIV"}, []string{"Vorstand"}
	}
	return v
}

func TestFormsJudgeWhatBelongsTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		name, step string
		change     url.Values
		want       string
	}{
		{"a chosen instrument without a row", "A08", url.Values{"instruments": {"AN-ACTOR", "AN-TIME", "AN-MAP"}}, "map_edges"},
		{"instruments of other steps ask for nothing", "A08", url.Values{"instruments": {"AN-ACTOR", "AN-RES", "AN-DNH", "AN-SEC"}}, ""},
		{"stage without a reason", "A08", url.Values{"glasl_reason": {""}}, "glasl_reason"},
		{"boundary that nobody decided", "B03", url.Values{"formats": {"OFF"}}, "boundary_decided_by"},
		{"format chosen and excluded", "B03", url.Values{"formats": {"ROUND"}}, "excluded[0].excluded_format"},
		{"changes that nobody named", "B04", url.Values{"decision": {"with_changes"}}, "changes"},
		{"more people than places", "B05", crowd(7), "registrations"},
		{"as many people as places", "B05", crowd(6), ""},
		{"five places", "B05", url.Values{"places": {"5"}}, "places"},
		{"module in the future", "B06", url.Values{"modules[0].module_from": {"2027-01-01"}}, "modules[0].module_from"},
		{"format in the future", "B07", url.Values{"date": {"2027-01-01"}}, "date"},
		{"review in the past", "B09", url.Values{"review_on": {"2026-01-01"}}, "review_on"},
		{"agreement without a review", "B11", url.Values{"agreements[0].agreement_review_on": {""}}, "agreements[0].agreement_review_on"},
		{"more than reached", "B12", url.Values{"goals_state[0].goal_percent": {"101"}}, "goals_state[0].goal_percent"},
		{"survey of three days", "B12", url.Values{"window_to": {"2026-04-16"}}, "window_to"},
		{"stage that does not exist", "B14", url.Values{"glasl_total": {"10"}}, "glasl_total"},
	} {
		got := w.faults(c.step, c.change)
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.Contains(got, c.want) {
			t.Errorf("%s, %s: got faults at %s, want %q", c.step, c.name, strings.Join(got, " "), c.want)
		}
	}
}

// TestHighStagesAskForACall: from stage 6 on, of the whole or of one side, the
// service office and the external companion are asked to call.
func TestHighStagesAskForACall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, total, side string
		want              bool
	}{{"below", "5", "5", false}, {"total", "6", "1", true}, {"one side", "3", "7", true}} {
		w := newWorld(t)
		w.analysis()
		for _, s := range [][2]string{{"A01", "EXT"}, {"A02", "FED"}, {"A04", "EXT"}, {"A05", "KUF"}, {"A07", "EXT"}} {
			w.submit(s[0], s[1])
		}
		f, a := w.entered("A08", url.Values{"glasl_total": {c.total}, "glasl_parties[0].glasl_stage": {c.side}})
		w.do(command.Submit{Meta: by("EXT"), Ref: w.current("A08").Ref, Answers: f.Clean(a, w.env())})
		tasks, err := w.x.Tasks(w.ctx, w.id)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.ContainsFunc(tasks, func(t cases.Task) bool { return t.Step == "A08" && t.Kind == string(process.SafetyRaised) })
		if got != c.want {
			t.Errorf("%s: a call is asked for: %v, want %v (tasks %+v)", c.name, got, c.want, tasks)
		}
	}
}

// TestSafetyArrangementsAreReadByFew: by the tandem, the head of administration
// and the office that makes them.
func TestSafetyArrangementsAreReadByFew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	for _, s := range [][2]string{{"A01", "EXT"}, {"A02", "FED"}, {"A03", "FED"}, {"A04", "LOK"}, {"A09", "LOK"}, {"B09", "FED"}} {
		w.submit(s[0], s[1])
	}
	path := "/vorgaenge/" + w.id + "/schritte/B09"
	for role, may := range map[string]bool{"SVC": false, "EXT": true, "LOK": true, "FED": true, "LEI": true, "KUF": false, "STG": false} {
		b := w.signedIn(map[string]string{
			"SVC": office, "EXT": "aussen@begleitung.example", "LOK": "vorort@verein.example", "FED": "amt@musterstadt.example",
			"LEI": lead, "KUF": "fachstelle@musterstadt.example", "STG": "steuerung@musterstadt.example",
		}[role], role)
		text := shows(t, b, path).Text()
		for _, secret := range []string{"Drohungen im Netz", "Begleitung nach Versammlungen", "Leitung der Wache"} {
			if got := strings.Contains(text, secret); got != may {
				t.Errorf("%s reads %q: %t, want %t", role, secret, got, may)
			}
		}
	}
}
