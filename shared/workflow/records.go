package workflow

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/form/export"
	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/desk"
	"kokoma/shared/workflow/process"
)

// formPrefix begins the form_id of a step's form: step_a04.
const formPrefix = "step_"

// stepOf is the step whose form has that id, "" for none.
func stepOf(formID string) string {
	key, ok := strings.CutPrefix(formID, formPrefix)
	if !ok {
		return ""
	}
	return strings.ToUpper(key)
}

// Records are the answers of one step's form in all cases, oldest case first:
// every iteration that was completed, as it was corrected last. It reads the
// list of cases, the head of each and the iterations of that step alone. What
// the desk shows to the tandem only is in them: leave it out by Restricted.
func (x *Service) Records(ctx context.Context, formID string) iter.Seq2[export.Record, error] {
	return func(yield func(export.Record, error) bool) {
		key := stepOf(formID)
		if key == "" {
			return
		}
		for c, err := range x.each(ctx) {
			if err == nil {
				err = x.recordsOf(ctx, c, key, func(r export.Record) bool { return yield(r, nil) })
			}
			if errors.Is(err, errStopped) {
				return
			}
			if err != nil {
				yield(export.Record{}, fmt.Errorf("reading the answers of step %s: %w", key, err))
				return
			}
		}
	}
}

// errStopped says that nobody wants further records.
var errStopped = errors.New("stopped")

// recordsOf are those of one case.
func (x *Service) recordsOf(ctx context.Context, c *cases.Record, key string, yield func(export.Record) bool) error {
	for st, err := range x.iterations(ctx, c, key) {
		if err != nil {
			return err
		}
		f, err := x.answeredOn(ctx, c, st)
		if err != nil {
			return err
		}
		if !yield(export.Record{
			// A step does not keep in which language it was answered.
			Case: c.Head.No, Key: key + "/" + strconv.Itoa(st.Iteration), Form: f.Hash, At: st.At, Lang: c.Head.Lang, Answers: st.Answers,
		}) {
			return errStopped
		}
	}
	return nil
}

// iterations are those of a step that were completed, whichever version of the
// process the case stood on.
func (x *Service) iterations(ctx context.Context, c *cases.Record, key string) iter.Seq2[process.Step, error] {
	return func(yield func(process.Step, error) bool) {
		if t := c.Def.Template(key); t != nil && !t.HasForm() {
			return
		}
		for i := 1; i <= c.Head.Steps[key].Iteration; i++ {
			st, err := x.Step(ctx, c.ID, process.Ref{Step: key, Iteration: i})
			if errors.Is(err, table.ErrNotFound) || err == nil && !completed(st) {
				continue
			}
			if !yield(st, err) || err != nil {
				return
			}
		}
	}
}

// answeredOn is the version of the form that a step was answered on. Who exports
// looks it up by its hash, and knows neither the forms that the steps of an older
// process have themselves nor where to find them: so such a form is kept with
// those that were published. Keeping it again changes nothing.
func (x *Service) answeredOn(ctx context.Context, c *cases.Record, st process.Step) (*form.Form, error) {
	_, f, err := x.AnsweredBy(ctx, c, st)
	if err != nil || st.Form != "" {
		return f, err
	}
	d, err := x.Current()
	if err != nil || d.Hash == c.Head.AnsweredOn(st) {
		return f, err
	}
	return f, x.Service.Forms.Keep(ctx, f)
}

// completed says whether a step was finished with answers: also one whose
// answers called for another step to be done again.
func completed(st process.Step) bool {
	return st.State == process.Done || st.State == process.Void
}

// each reads the heads of all cases, oldest first.
func (x *Service) each(ctx context.Context) iter.Seq2[*cases.Record, error] {
	return func(yield func(*cases.Record, error) bool) {
		all, err := x.List(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, listed := range slices.Backward(all) {
			c, err := x.Load(ctx, listed.ID)
			if errors.Is(err, table.ErrNotFound) {
				continue // the list lags behind
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// Versions are the forms with that id that steps were or can be answered by,
// oldest first: those of the versions of the process that cases stand on, the
// shipped one, and those that the office published.
func (x *Service) Versions(ctx context.Context, formID string) ([]*form.Form, error) {
	key := stepOf(formID)
	var out []*form.Form
	add := func(f *form.Form) {
		if !slices.ContainsFunc(out, func(o *form.Form) bool { return o.Hash == f.Hash }) {
			out = append(out, f)
		}
	}
	addOf := func(d *process.Definition) error {
		t := d.Template(key)
		if t == nil || !t.HasForm() {
			return nil
		}
		f, err := t.Form()
		if err == nil {
			add(f)
		}
		return err
	}
	for c, err := range x.each(ctx) {
		if err == nil {
			err = addOf(c.Def)
		}
		if err == nil {
			err = x.earlier(ctx, c, key, add)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the versions of step %s: %w", key, err)
		}
	}
	d, err := x.Current()
	if err == nil {
		err = addOf(d)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the versions of step %s: %w", key, err)
	}
	published, err := x.published(ctx, formID)
	if err != nil {
		return nil, fmt.Errorf("reading the versions of step %s: %w", key, err)
	}
	for _, f := range published {
		add(f)
	}
	return out, nil
}

// earlier adds the forms by which a step was answered while the case stood on
// another version of the process.
func (x *Service) earlier(ctx context.Context, c *cases.Record, key string, add func(*form.Form)) error {
	for st, err := range x.iterations(ctx, c, key) {
		if err != nil {
			return err
		}
		if st.Form != "" || c.Head.AnsweredOn(st) == c.Head.Definition {
			continue
		}
		_, f, err := x.AnsweredBy(ctx, c, st)
		if err != nil {
			return err
		}
		add(f)
	}
	return nil
}

// published are the versions with that id that are or were live.
func (x *Service) published(ctx context.Context, formID string) ([]*form.Form, error) {
	s, err := x.Service.Forms.Shelf(ctx, formID)
	if err != nil {
		return nil, err
	}
	return x.Service.Forms.Forms(ctx, s)
}

// RestrictedReason says in codebooks why answers are left out.
var RestrictedReason = lang.Text{
	DE: "Diese Angaben liest nur das Tandem, oder sie sind Adressen einer Befragung.",
	EN: "Only the tandem reads these answers, or they are addresses of a survey.",
}

// Restricted says which answers to a step's form leave the case in no file, for
// export.Options.Leave.
func (x *Service) Restricted(formID string) (func(form.Field) bool, error) {
	d, err := x.Current()
	if err != nil {
		return nil, err
	}
	t := d.Template(stepOf(formID))
	if t == nil {
		return func(form.Field) bool { return false }, nil
	}
	return desk.Restricted(t), nil
}

// Intakes are the ids of the expressions of interest that cases began with,
// oldest case first, for intake.Records.
func (x *Service) Intakes(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for c, err := range x.each(ctx) {
			if err != nil {
				yield("", fmt.Errorf("listing expressions of interest: %w", err))
				return
			}
			if c.Head.Intake != "" && !yield(c.Head.Intake, nil) {
				return
			}
		}
	}
}
