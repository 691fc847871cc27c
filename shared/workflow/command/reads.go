package command

import (
	"slices"

	"kokoma/shared/workflow/process"
)

// Reads says which steps' contents Decide looks at for a command. Everything
// else it knows from the head.
func Reads(d *process.Definition, h process.Head, c Command) []process.Ref {
	switch c := c.(type) {
	case Submit:
		return ending(d, h, c.Ref)
	case Accept:
		return ending(d, h, c.Ref)
	case SurveyClosed:
		return ending(d, h, c.Ref)
	case Skip:
		return ending(d, h, c.Ref)
	case Correct:
		if t := d.Template(c.Step); t != nil && (len(t.Roles) > 0 || t.Settings != nil) {
			return slices.Concat([]process.Ref{c.Ref}, h.Open(), seconds(d, h))
		}
		return []process.Ref{c.Ref}
	case Open:
		return []process.Ref{c.Ref}
	case SendBack:
		return []process.Ref{c.Ref}
	case Extend:
		return []process.Ref{c.Ref}
	case Handover:
		return []process.Ref{c.Ref}
	case TakeBack:
		return []process.Ref{c.Ref}
	case Nudge:
		return []process.Ref{c.Ref}
	case Reopen:
		if !h.Status.Running() {
			return unique(append(underWay(d, h), dependents(d, h, c.Step)...))
		}
		return dependents(d, h, c.Step)
	case PostLetter:
		return []process.Ref{c.Ref}
	case Configure:
		return h.Open()
	case Assign, EndRole, Absence, Return, Bounce, Readdress:
		return append(h.Open(), seconds(d, h)...)
	case Resume:
		return unique(append(underWay(d, h), beginning(d, h)...))
	case Pause, Withdraw, Refer, Stop:
		return underWay(d, h)
	}
	return nil
}

// ending is what the end of a step can change beside it: what waits for it,
// open steps where its answers can name new people, and all that is under way
// where they can end the case.
func ending(d *process.Definition, h process.Head, ref process.Ref) []process.Ref {
	out := []process.Ref{ref}
	t := d.Template(ref.Step)
	if t == nil {
		return out
	}
	for _, next := range d.Templates {
		if dependsOn(next, t.Key) {
			out = append(out, dating(h, next)...)
		}
	}
	out = append(out, dependents(d, h, t.Key)...)
	for _, o := range t.Outcomes {
		switch o.Effect {
		case process.EffectReopen:
			out = append(out, waiting(h, o.Step)...)
			out = append(out, dependents(d, h, o.Step)...)
		case process.EffectSafety:
			out = append(out, alarmed(d, h)...)
		case process.EffectDeclined, process.EffectReferred, process.EffectPark, process.EffectComplete, process.EffectStop:
			out = append(out, underWay(d, h)...)
		}
	}
	if len(t.Roles) > 0 || t.Settings != nil {
		out = append(append(out, h.Open()...), seconds(d, h)...)
	}
	return unique(out)
}

// dating are the steps that say on which day a step begins.
func dating(h process.Head, t *process.Template) []process.Ref {
	var out []process.Ref
	for i, n := range t.Pre {
		first := i == 0 && t.Repeat != nil && t.Repeat.First != ""
		if m, ok := h.Steps[n.Step]; ok && (first || n.WaitWT > 0) {
			out = append(out, process.Ref{Step: n.Step, Iteration: m.Iteration})
		}
	}
	return out
}

// beginning is what is looked at to begin what is ready and was not begun.
func beginning(d *process.Definition, h process.Head) []process.Ref {
	var out []process.Ref
	x := decision{def: d, state: process.State{Head: h}}
	for _, t := range d.Templates {
		if waits(h.Steps[t.Key]) && x.ready(t) {
			out = append(append(out, dating(h, t)...), waiting(h, t.Key)...)
		}
	}
	return out
}

// seconds are the submitted steps that wait for a second person.
func seconds(d *process.Definition, h process.Head) []process.Ref {
	return submitted(d, h, func(t *process.Template) bool { return t.FourEyes })
}

// underWay is what a pause keeps still and an end closes: what waits for somebody,
// for a day, for a review or a second person. A survey has a time of its own.
func underWay(d *process.Definition, h process.Head) []process.Ref {
	return append(h.Pending(), submitted(d, h, func(t *process.Template) bool { return t.FourEyes || t.Reviewer != "" })...)
}

// submitted are the steps of some kind that were submitted, in order.
func submitted(d *process.Definition, h process.Head, of func(*process.Template) bool) []process.Ref {
	var out []process.Ref
	for _, t := range d.Templates {
		if m := h.Steps[t.Key]; m.State == process.Submitted && of(t) {
			out = append(out, process.Ref{Step: t.Key, Iteration: m.Iteration})
		}
	}
	return out
}

func unique(refs []process.Ref) []process.Ref {
	var out []process.Ref
	for _, r := range refs {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

func dependsOn(t *process.Template, key string) bool {
	return slices.ContainsFunc(t.Pre, func(n process.Need) bool { return n.Step == key })
}

// dependents are the planned steps that wait for a step.
func dependents(d *process.Definition, h process.Head, key string) []process.Ref {
	var out []process.Ref
	for _, t := range d.Templates {
		if dependsOn(t, key) {
			out = append(out, waiting(h, t.Key)...)
		}
	}
	return out
}

// alarmed are the planned steps that open when somebody may be in danger.
func alarmed(d *process.Definition, h process.Head) []process.Ref {
	var out []process.Ref
	for _, t := range d.Templates {
		if t.OpensOn == process.OnSafety {
			out = append(out, waiting(h, t.Key)...)
		}
	}
	return out
}

// waiting is the step if it has an item and is not open yet.
func waiting(h process.Head, key string) []process.Ref {
	m := h.Steps[key]
	if m.State != process.Planned && m.State != process.Withheld {
		return nil
	}
	return []process.Ref{{Step: key, Iteration: m.Iteration}}
}
