package walk

import (
	_ "embed"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed cohort.yaml
var cohortYAML []byte

// Cohort is the fictional cohort: its places, and what is typed into the steps.
type Cohort struct {
	Places []Place
	Steps  map[string]Entries
	Order  []Turn
}

// Turn is a step in the order in which the cohort does them, and who does it.
type Turn struct {
	Step   string
	Box    string // mailbox of the place; empty: the service office at its desk
	DE, EN string // title of the step
	Days   int    // how long people take for it
	Times  int    // how often it is done of one's own accord, and after how many days again
	Every  int
}

// Place is a municipality of the cohort and how far it has got.
type Place struct {
	Key, Name, Slug string
	Until           string // the last step that is done
	Ago             int    // days before the end of the tour on which it applies; 0: at its beginning
	Pause           string // why it rests after that step
	Intake          Entries
	Steps           map[string]Entries // what it types differently
}

// Entries are what is typed: a text, a list of choices, or rows.
type Entries map[string]any

// Fictional reads the cohort.
func Fictional() (Cohort, error) {
	var file struct {
		Common struct{ Intake Entries }
		Places []Place
		Steps  map[string]Entries
		Order  []Turn
	}
	if err := yaml.Unmarshal(cohortYAML, &file); err != nil {
		return Cohort{}, fmt.Errorf("reading cohort.yaml: %w", err)
	}
	for i, p := range file.Places {
		own := p.Intake
		file.Places[i].Intake = maps.Clone(file.Common.Intake)
		maps.Copy(file.Places[i].Intake, own)
		file.Places[i].Intake["contact_email"] = p.Address("amt")
		file.Places[i].Intake["deputy_email"] = p.Address("vertretung")
		file.Places[i].Intake["kuf_email"] = p.Address("fachstelle")
	}
	return Cohort{Places: file.Places, Steps: file.Steps, Order: file.Order}, nil
}

// Address is a functional mailbox of the place.
func (p Place) Address(box string) string { return box + "@" + p.Slug + ".example" }

// Fill types entries into a form as far as the form has the fields, and says
// which ones it lacks: those may appear after an answer, or with a further row.
func Fill(f *Form, e Entries, place Place, now time.Time) (lacking []string, err error) {
	for name, v := range e {
		switch v := v.(type) {
		case []any:
			lacking, err = fillList(f, name, v, place, now, lacking)
		default:
			lacking, err = fillOne(f, name, fmt.Sprint(v), place, now, lacking)
		}
		if err != nil {
			return nil, err
		}
	}
	return lacking, nil
}

// fillList fills in a list of choices, or the rows of a repeat, which may hold
// rows themselves.
func fillList(f *Form, name string, list []any, place Place, now time.Time, lacking []string) ([]string, error) {
	var choices []string
	for i, row := range list {
		fields, ok := row.(Entries)
		if !ok {
			choices = append(choices, fmt.Sprint(row))
			continue
		}
		for field, v := range fields {
			var err error
			at := name + "[" + strconv.Itoa(i) + "]." + field
			if inner, ok := v.([]any); ok {
				lacking, err = fillList(f, at, inner, place, now, lacking)
			} else {
				lacking, err = fillOne(f, at, fmt.Sprint(v), place, now, lacking)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	if choices == nil {
		return lacking, nil
	}
	if _, ok := f.Options[name]; !ok {
		return append(lacking, name), nil
	}
	return lacking, f.Set(name, choices...)
}

func fillOne(f *Form, name, text string, place Place, now time.Time, lacking []string) ([]string, error) {
	if !f.Has(name) {
		return append(lacking, name), nil
	}
	return lacking, f.Set(name, typed(text, place, now))
}

// typed puts today's date and the place into what is typed.
func typed(text string, place Place, now time.Time) string {
	text = strings.NewReplacer("{slug}", place.Slug, "{name}", place.Name, "{addresses}", strings.Join(place.Invited(), "\n")).Replace(text)
	if rest, ok := strings.CutPrefix(text, "{today"); ok {
		days := 0
		if n := strings.TrimSuffix(rest, "}"); n != "" {
			days, _ = strconv.Atoi(n) // cohort.yaml is ours; a typo shows as today
		}
		return now.AddDate(0, 0, days).Format("02.01.2006")
	}
	return text
}

// Invited are the addresses that the place invites to its baseline survey.
func (p Place) Invited() []string {
	var out []string
	for _, sector := range []string{"verwaltung", "rat", "verein"} {
		for n := range 6 {
			out = append(out, p.Address(fmt.Sprintf("%s%d", sector, n+1)))
		}
	}
	return out
}
