package advice

import (
	"slices"
	"strconv"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/workflow/process"
)

// Facts are what a case tells: its expression of interest, nil when it is not
// known, and its steps in all iterations. Of a step the newest answers count.
func Facts(intake form.Answers, steps map[process.Ref]process.Step) form.Answers {
	facts := form.Answers{}
	set := func(name, value string) {
		if value != "" {
			facts[name] = form.Value{Text: value}
		}
	}
	if arranged(steps).IsZero() {
		set("threat_now", intake.Text("threat_now"))
	}
	set("muni_role", intake.Text("muni_role"))
	set("safety_flag", flag(steps))
	set("decision_final", newest(steps, "A08").Text("decision_final"))
	focus := newest(steps, "A02").Choices("types")
	set("main_type", mainType(intake.Text("conflict_main"), focus))
	if len(focus) == 0 {
		focus = intake.Choices("conflict_types")
	}
	facts["types"] = form.Value{Choices: focus}
	if all := process.Assessments(steps); len(all) > 0 {
		last := all[len(all)-1]
		set("stage", strconv.Itoa(last.Total))
		set("stage_highest", strconv.Itoa(max(last.Highest(), sidesBefore(all))))
	}
	if actors := newest(steps, "A04").Rows("actors"); len(actors) > 0 {
		set("affected_unreached", strconv.Itoa(unreached(actors)))
	}
	return facts
}

func newest(steps map[process.Ref]process.Step, key string) form.Answers {
	st, _ := process.Latest(steps, key)
	return st.Answers
}

// flagged are the questions that say that people are at risk, by step.
var flagged = map[string]string{"O02": "safety_flag", "B07": "safety_incident", "R01": "safety_flag"}

// arranged is when safety arrangements were last made, which answer what was
// reported before.
func arranged(steps map[process.Ref]process.Step) time.Time {
	st, _ := process.Latest(steps, "B09")
	return st.At
}

// flag says whether the newest answers of a step say that people are at risk,
// and no arrangement was made since.
func flag(steps map[process.Ref]process.Step) string {
	since := arranged(steps)
	for key, name := range flagged {
		if st, ok := process.Latest(steps, key); ok && st.Answers.Text(name) == "Y" && !st.At.Before(since) {
			return "Y"
		}
	}
	return ""
}

// mainType is the main conflict family: what the municipality named, as long as
// the focus that was set later holds it, or else the only one of the focus.
func mainType(named string, focus []string) string {
	switch {
	case len(focus) == 0 || slices.Contains(focus, named):
		return named
	case len(focus) == 1:
		return focus[0]
	}
	return ""
}

// sidesBefore is the highest stage of a side when sides were last looked at: an
// assessment of the whole alone does not say that a side has calmed down.
func sidesBefore(all []process.Assessment) int {
	for _, a := range slices.Backward(all) {
		if len(a.Parties) > 0 {
			high := 0
			for _, p := range a.Parties {
				high = max(high, p.Stage)
			}
			return high
		}
	}
	return 0
}

// unreached counts the affected groups to which there is no access.
func unreached(actors []form.Answers) int {
	n := 0
	for _, a := range actors {
		if (a.Text("actor_affected") == "Y" || a.Text("actor_role") == "AFF") && a.Text("actor_access") == "N" {
			n++
		}
	}
	return n
}
