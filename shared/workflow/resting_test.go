package workflow

import (
	"errors"
	"testing"

	"kokoma/shared/workflow/command"
)

func TestATaskThatIsNotThereIsNotSettled(t *testing.T) {
	t.Parallel()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]`)
	_, err := w.x.Do(w.ctx, w.id, command.Settle{Meta: by("SVC"), Task: "safety#O02#1", Reason: "telefoniert"}, w.now)
	if !errors.Is(err, command.ErrNotOpen) {
		t.Errorf("got %v, want %v", err, command.ErrNotOpen)
	}
}
