package command

import (
	"slices"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/workflow/process"
)

// ReadsRecords says whether Decide looks at what steps left behind.
func ReadsRecords(d *process.Definition, c Command) bool {
	switch c := c.(type) {
	case SetRecord:
		return true
	case Correct:
		t := d.Template(c.Step)
		return t != nil && len(t.Records) > 0
	case Submit:
		return leavesDocument(d, c.Step)
	case Accept:
		return leavesDocument(d, c.Step)
	case SurveyClosed:
		return leavesDocument(d, c.Step)
	}
	return false
}

// leavesDocument: a new version of a document takes the place of an old one.
func leavesDocument(d *process.Definition, key string) bool {
	t := d.Template(key)
	return t != nil && slices.ContainsFunc(t.Records, func(r process.RecordRule) bool { return r.Kind == process.Document })
}

// leave notes what a finished step leaves behind.
func (x *decision) leave(t *process.Template, ref process.Ref, answers form.Answers) {
	n, left := 0, []string(nil)
	for _, rule := range t.Records {
		if rule.Kind == process.Document {
			n++
			x.leaveDocument(rule, ref, n, answers)
			continue
		}
		rows := answers.Rows(rule.Each)
		ids := x.agreementIDs(rule, ref, n, rows, left)
		for i, row := range rows {
			x.leaveAgreement(rule, ref, ids[i], row)
		}
		n, left = n+len(rows), append(left, ids...)
	}
	x.outdate(ref, left)
}

// agreementIDs are the records that rows are about: after a correction those of
// the same words, wherever the rows stand now, then those at their places.
func (x *decision) agreementIDs(rule process.RecordRule, ref process.Ref, before int, rows []form.Answers, taken []string) []string {
	ids := make([]string, len(rows))
	free := func(id string) bool { return !slices.Contains(ids, id) && !slices.Contains(taken, id) }
	known := x.agreements(ref)
	for i, row := range rows {
		at := slices.IndexFunc(known, func(id string) bool {
			return free(id) && x.state.Records[id].Title.DE == row.Text(rule.Title)
		})
		if at >= 0 {
			ids[i] = known[at]
		}
	}
	for i := range rows {
		for n := before + i + 1; ids[i] == ""; n++ {
			if id := process.RecordID(process.Agreement, ref, n); free(id) {
				ids[i] = id
			}
		}
	}
	return ids
}

// agreements are those that a step left so far.
func (x *decision) agreements(ref process.Ref) []string {
	var out []string
	of := strings.TrimSuffix(process.RecordID(process.Agreement, ref, 0), "0")
	for id := range x.state.Records {
		if strings.HasPrefix(id, of) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// outdate says of open agreements that a correction has no row for that they
// count no more.
func (x *decision) outdate(ref process.Ref, kept []string) {
	for _, id := range x.agreements(ref) {
		old := x.state.Records[id]
		if slices.Contains(kept, id) || !slices.Contains(old.Moves(), process.Obsolete) {
			continue
		}
		x.emit(process.Event{Kind: process.RecordSet, Record: id, To: process.Obsolete})
		if old.Asked {
			x.emit(process.Event{Kind: process.Settled, Task: id})
		}
	}
}

func (x *decision) leaveAgreement(rule process.RecordRule, ref process.Ref, id string, row form.Answers) {
	state := row.Text(rule.State)
	if !slices.Contains(process.RecordStates(process.Agreement), state) {
		state = process.AgreedOpen
	}
	due, _ := dateIn(row, rule.Due)
	text := row.Text(rule.Title)
	if old := x.state.Records[id]; old.Asked && old.Due != due {
		x.emit(process.Event{Kind: process.Settled, Task: id}) // it comes again on the new date
	}
	x.emit(process.Event{
		Kind: process.Recorded, Step: ref.Step, Iteration: ref.Iteration, To: state, On: due,
		Record: id, Title: lang.Text{DE: text, EN: text},
	})
}

// leaveDocument also puts earlier versions aside.
func (x *decision) leaveDocument(rule process.RecordRule, ref process.Ref, n int, answers form.Answers) {
	id := process.RecordID(process.Document, ref, n)
	if _, known := x.state.Records[id]; !known {
		x.supersede(rule.Doc)
	}
	x.emit(process.Event{
		Kind: process.Recorded, Step: ref.Step, Iteration: ref.Iteration, To: rule.Begins, Doc: rule.Doc,
		Record: id, Title: rule.Name, Version: answers.Text(rule.Version),
	})
}

func (x *decision) supersede(doc string) {
	var old []string
	for id, r := range x.state.Records {
		if r.Doc == doc && slices.Contains(r.Moves(), process.Superseded) {
			old = append(old, id)
		}
	}
	slices.Sort(old)
	for _, id := range old {
		x.emit(process.Event{Kind: process.RecordSet, Record: id, To: process.Superseded})
	}
}

// setRecord notes what became of an agreement or a document. With that the task
// of looking at it is settled.
func (x *decision) setRecord(c SetRecord) error {
	r, ok := x.state.Records[c.Record]
	switch running := x.state.Head.Status.Running(); {
	case !running && !r.Asked:
		return ErrResting
	case !ok:
		return ErrNotOpen
	}
	if err := x.needs(c.By, RecordRoles()...); err != nil {
		return err
	}
	if !slices.Contains(r.Moves(), c.State) {
		return ErrMove
	}
	if blank(c.Reason) {
		return ErrReason
	}
	x.emit(process.Event{Kind: process.RecordSet, Record: c.Record, To: c.State, Reason: c.Reason})
	if r.Asked {
		x.emit(process.Event{Kind: process.Settled, Task: c.Record})
	}
	return nil
}

// RecordRoles are who says what became of an agreement or a document.
func RecordRoles() []string { return []string{"SVC", "EXT", "LOK", "FED"} }
