package cases

import (
	"context"
	"errors"

	"kokoma/shared/form"
	"kokoma/shared/table"
	"kokoma/shared/workflow/process"
)

// Prefilled are the answers of other steps that a form begins with: of each the
// last round that was finished.
func (x *Service) Prefilled(ctx context.Context, c *Record, t *process.Template) (form.Answers, error) {
	var out form.Answers
	for _, p := range t.Prefill {
		st, err := x.lastDone(ctx, c, p.Step)
		if err != nil {
			return nil, err
		}
		if v := st.Answers[p.From]; !v.Empty() {
			if out == nil {
				out = form.Answers{}
			}
			out[p.Question] = v
		}
	}
	return out, nil
}

// rounds is how far back a finished round is looked for: the present one can be
// open or planned, and one before it can have been sent back or left out.
const rounds = 5

func (x *Service) lastDone(ctx context.Context, c *Record, key string) (process.Step, error) {
	n := c.Head.Steps[key].Iteration
	for i := n; i > max(0, n-rounds); i-- {
		ref := process.Ref{Step: key, Iteration: i}
		st, err := x.Step(ctx, c.ID, ref)
		if err != nil && !errors.Is(err, table.ErrNotFound) {
			return st, err
		}
		if err == nil && st.State == process.Done {
			return st, nil
		}
	}
	return process.Step{}, nil
}
