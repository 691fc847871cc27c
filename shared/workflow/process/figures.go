package process

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"kokoma/shared/form"
	"kokoma/shared/lang"
)

// Quarter is one of the calendar: its first and its last day.
type Quarter struct{ From, To lang.Date }

// Has says whether a day is in it.
func (p Quarter) Has(d lang.Date) bool { return !d.Before(p.From) && !d.After(p.To) }

// QuarterBefore is the last whole one before a day.
func QuarterBefore(d lang.Date) Quarter {
	from := lang.Date{Year: d.Year, Month: (d.Month-1)/3*3 + 1, Day: 1}
	to := from.AddDays(-1)
	return Quarter{lang.Date{Year: to.Year, Month: to.Month - 2, Day: 1}, to}
}

// Number says which one of its year it is.
func (p Quarter) Number() int { return (int(p.From.Month)-1)/3 + 1 }

// The steps that the quarterly report counts by themselves, and the phase that
// goes along with all others.
const (
	statusStep  = "R01"
	meetingStep = "R03"
	bodyStep    = "R04"
	networkStep = "R05" // people whom others reached
	sessionStep = "B07"
	along       = "R"
)

// upcoming is how many open steps a report names.
const upcoming = 12

// Figures are the numbers of the quarterly report, as answers of its form: what
// was finished, held and reached in the period, how the agreements stand, and
// what is due next. The state has to hold all iterations of all steps and the
// records. What has a day of its own counts by that, whenever it was recorded.
func (s State) Figures(d *Definition, p Quarter) form.Answers {
	finished := s.doneIn(p, func(st Step) lang.Date { return lang.DateOf(st.At) })
	held := s.doneIn(p, heldOn)
	a := form.Answers{"quarter_from": {Text: p.From.String()}, "quarter_to": {Text: p.To.String()}}
	putRows(a, "steps", "steps_done", stepRows(d, finished, s.Head.Lang))
	putRows(a, "formats", "formats_count", formatRows(held))
	putRows(a, "next_steps", "next_count", s.nextRows(d))
	for name, step := range map[string]string{"sessions": sessionStep, "meetings_steering": meetingStep, "meetings_bodies": bodyStep} {
		a[name] = number(len(of(step, held)))
	}
	agreements := s.agreements()
	for _, state := range RecordStates(Agreement) {
		a["agreements_"+state] = number(agreements[state])
	}
	putMood(a, of(statusStep, finished))
	putReached(a, held)
	return a
}

// agreements are their numbers by state.
func (s State) agreements() map[string]int {
	out := map[string]int{}
	for _, r := range s.Records {
		if r.Kind == Agreement {
			out[r.State]++
		}
	}
	return out
}

// doneIn are the steps that are done and have their day in a period, by that day.
func (s State) doneIn(p Quarter, day func(Step) lang.Date) []Step {
	var out []Step
	for _, st := range s.Steps {
		if st.State == Done && p.Has(day(st)) {
			out = append(out, st)
		}
	}
	slices.SortFunc(out, func(a, b Step) int {
		return cmp.Or(day(a).Compare(day(b)), order(a.Ref.Step, b.Ref.Step), cmp.Compare(a.Iteration, b.Iteration))
	})
	return out
}

// heldOn is the day of what was held; of other steps the one on which they were
// done.
func heldOn(st Step) lang.Date {
	for _, name := range []string{"held_on", "date"} {
		if d, err := lang.ParseDate(st.Answers.Text(name)); err == nil {
			return d
		}
	}
	return lang.DateOf(st.At)
}

// of are the iterations of one step.
func of(key string, list []Step) []Step {
	return slices.DeleteFunc(slices.Clone(list), func(st Step) bool { return st.Ref.Step != key })
}

func number(n int) form.Value { return form.Value{Text: strconv.Itoa(n)} }

// putRows writes rows and how many there are, which the form asks for.
func putRows(a form.Answers, name, count string, rows []form.Answers) {
	a[name], a[count] = form.Value{Rows: rows}, number(len(rows))
}

// stepRows are the finished steps; sessions and what goes along have figures of
// their own.
func stepRows(d *Definition, finished []Step, l lang.Lang) []form.Answers {
	var rows []form.Answers
	for _, st := range finished {
		if t := d.Template(st.Ref.Step); t != nil && t.Phase != along && t.Key != sessionStep {
			rows = append(rows, form.Answers{
				"step_title": {Text: t.Key + " " + t.Title.In(l)}, "step_on": {Text: lang.DateOf(st.At).String()},
			})
		}
	}
	return rows
}

func formatRows(held []Step) []form.Answers {
	times := map[string]int{}
	for _, st := range of(sessionStep, held) {
		times[st.Answers.Text("format")]++
	}
	var rows []form.Answers
	for _, format := range slices.Sorted(maps.Keys(times)) {
		rows = append(rows, form.Answers{"format": {Text: format}, "format_times": number(times[format])})
	}
	return rows
}

// nextRows are the open steps that have a due date, the next first. What comes
// again and again, as the report itself, is no news.
func (s State) nextRows(d *Definition) []form.Answers {
	var open []Step
	for _, st := range s.Steps {
		if t := d.Template(st.Ref.Step); t != nil && st.State == Open && !st.Due.IsZero() && t.Phase != along {
			open = append(open, st)
		}
	}
	slices.SortFunc(open, func(a, b Step) int { return cmp.Or(a.Due.Compare(b.Due), order(a.Ref.Step, b.Ref.Step)) })
	var rows []form.Answers
	for _, st := range open[:min(len(open), upcoming)] {
		t := d.Template(st.Ref.Step)
		rows = append(rows, form.Answers{"next_title": {Text: t.Key + " " + t.Title.In(s.Head.Lang)}, "next_due": {Text: st.Due.String()}})
	}
	return rows
}

// putMood writes the mean of the monthly moods, without any there is none.
func putMood(a form.Answers, months []Step) {
	sum, n := 0, 0
	for _, st := range months {
		if mood, err := strconv.Atoi(st.Answers.Text("mood")); err == nil {
			sum, n = sum+mood, n+1
		}
	}
	if n > 0 {
		a["mood_mean"] = form.Value{Text: strconv.FormatFloat(math.Round(10*float64(sum)/float64(n))/10, 'f', -1, 64)}
	}
}

// putReached adds up who came, by sector. Whom others reached does not count.
func putReached(a form.Answers, held []Step) {
	total := 0
	for _, sector := range sectors {
		n := 0
		for _, st := range held {
			if people, err := strconv.Atoi(st.Answers.Text("people_" + sector)); err == nil && st.Ref.Step != networkStep {
				n += people
			}
		}
		a["reached_"+sector] = number(n)
		total += n
	}
	a["reached_total"] = number(total)
}

// sectors are the codes of OL-SECTOR, kokoma.md 6.4.
var sectors = []string{"ADM", "POL", "CIV", "REL", "EDU", "ECO", "SEC", "MED", "RES", "OTH"}
