package cohort

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
)

// entries are what people enter in each step, as the tests of the workflow do.
type entries map[string][][2]string

func readEntries(root string) (entries, error) {
	src, err := os.ReadFile(filepath.Join(root, "shared", "workflow", "testdata", "steps.txt")) //nolint:gosec // a file of the project
	if err != nil {
		return nil, err
	}
	out, step := entries{}, ""
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSpace(line)
		if key, ok := strings.CutPrefix(line, "== "); ok {
			step = key
		} else if name, value, ok := strings.Cut(line, " = "); ok {
			out[step] = append(out[step], [2]string{name, value})
		}
	}
	return out, nil
}

const paragraph = "Dieser Absatz ist lang genug für alle Fragen, die eine ausführliche Antwort verlangen, und sagt sonst nichts weiter aus."

var dayMark = regexp.MustCompile(`\{\+([0-9]+)\}`)

// answers fills in the form of a step and takes it over as the page would.
func (l *life) answers(p *place, t *process.Template, iteration int, now time.Time) (form.Answers, error) {
	f, err := t.Form()
	if err != nil {
		return nil, err
	}
	if len(l.forms[t.Key]) == 0 {
		return nil, fmt.Errorf("nobody knows what to enter in step %s", t.Key)
	}
	values, today := url.Values{}, lang.DateOf(now)
	for _, e := range l.forms[t.Key] {
		values.Add(e[0], p.typed(e[1], today))
	}
	p.decide(t.Key, iteration, values)
	env := form.Env{Today: today, Now: now, Lang: lang.DE}
	a := f.Read(values, "", nil)
	if problems := f.Check(a, "", env); problems.Blocking(a.Confirmed) {
		return nil, fmt.Errorf("the entries of step %s are wrong: %+v", t.Key, problems)
	}
	return f.Clean(a, env), nil
}

// typed puts dates, paragraphs and the place's own addresses into what is
// entered. Whoever accompanies from outside serves five places.
func (p *place) typed(value string, today lang.Date) string {
	value = strings.NewReplacer(
		"{today}", today.String(), "{text}", paragraph, "@musterstadt.example", "@"+p.slug+".example",
		"@verein.example", "@verein-"+p.slug+".example", "@begleitung.example", fmt.Sprintf("@begleitung-%d.example", p.no/5),
	).Replace(value)
	return dayMark.ReplaceAllStringFunc(value, func(m string) string {
		n, err := strconv.Atoi(m[2 : len(m)-1])
		if err != nil {
			return m // the form will refuse it
		}
		return today.AddDays(n).String()
	})
}

// decide takes the way of the case: now and then there is danger, a release that
// is refused once, a concept that is not adopted, or a survey by invitation.
func (p *place) decide(step string, iteration int, v url.Values) {
	chance := func(percent int) bool { return draw(100, p.slug, step, fmt.Sprint(iteration), "way") < percent }
	switch step {
	case "O02":
		if chance(4) {
			v.Set("safety_flag", "Y")
		}
	case "B07":
		if chance(5) {
			v.Set("safety_incident", "Y")
		}
	case "A11":
		if iteration == 1 && chance(8) {
			v.Set("decision", "not_released")
			v.Set("changes", paragraph)
		}
	case "B04":
		if iteration == 1 && chance(8) {
			v.Set("decision", "not_adopted")
			v.Set("changes", paragraph)
		}
	case "A06", "C12":
		if chance(20) {
			v.Set("survey_mode", "closed")
			v.Del("expected_count")
			v.Set("addresses", p.invited())
		}
	}
}

func (p *place) invited() string {
	var out []string
	for i := range 6 {
		out = append(out, fmt.Sprintf("person%d@%s.example", i, p.slug))
	}
	return strings.Join(out, "\n")
}
