package workflow

import (
	"testing"

	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

const overSubject = "Der Vorgang ist beendet"

// underWay is a case in which the lead office and an expert have steps to do.
func underWay(t *testing.T) *world {
	t.Helper()
	w := tiny(t, `
		O01:
		O02: pre: [{step: O01}]; acts: [FED]
		O03: pre: [{step: O01}]; acts: [KUF]
		O04: pre: [{step: O01}]; acts: [KUF]
		O05: pre: [{step: O02}]; acts: [KM]; outcome: [{when: "${word} = 'no'", effect: stop, reason: why}]
		R06: pre: [{step: O01}]; acts: [STG]; repeatable: true; repeat: {every: on_demand}`)
	for role, who := range map[string]string{"KUF": expert, "KM": another, "STG": chair, "LEI": lead} {
		w.do(command.Assign{Meta: by("SVC"), Role: role, Person: process.Person{Email: who}})
	}
	w.days(1)
	return w
}

// toldOver counts who was told that the case is over.
func (w *world) toldOver(want map[string]int) {
	w.t.Helper()
	w.days(5)
	for _, who := range []string{"amt@musterstadt.example", expert, another, chair, lead, office} {
		if n := len(w.subjects(who, overSubject)); n != want[who] {
			w.t.Errorf("%s was told %d times that the case is over, want %d", who, n, want[who])
		}
	}
	w.sameAsEvents()
}

const enough = "Die Kommune hat sich anders entschieden."

// TestWhoHadAStepIsToldOfTheEnd: once, however many steps were closed, and the
// lead office in any case. What can be done at any time was nobody's work.
func TestWhoHadAStepIsToldOfTheEnd(t *testing.T) {
	t.Parallel()
	const fed = "amt@musterstadt.example"
	for _, c := range []command.Command{
		command.Stop{Meta: by("SVC"), Reason: enough},
		command.Refer{Meta: by("SVC"), Reason: enough},
	} {
		w := underWay(t)
		w.finish("O02", "FED")
		w.days(1)
		w.do(c)
		w.toldOver(map[string]int{fed: 1, expert: 1, another: 1})
	}
}

// TestWhoWithdrewIsNotToldSo, but who had a step is.
func TestWhoWithdrewIsNotToldSo(t *testing.T) {
	t.Parallel()
	w := underWay(t)
	w.do(command.Withdraw{Meta: by("FED"), Reason: enough})
	w.toldOver(map[string]int{expert: 1})
}

func TestTheEndIsToldInAPauseToo(t *testing.T) {
	t.Parallel()
	w := underWay(t)
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	w.toldOver(nil)
	w.do(command.Stop{Meta: by("SVC"), Reason: enough})
	w.toldOver(map[string]int{"amt@musterstadt.example": 1, expert: 1})
}

// TestAStepThatStopsTellsTheOthers who had one.
func TestAStepThatStopsTellsTheOthers(t *testing.T) {
	t.Parallel()
	w := underWay(t)
	w.finish("O02", "FED")
	w.days(1)
	w.finish("O05", "KM", "word", "no", "why", enough)
	if s := w.head().Status; s != process.Stopped {
		t.Fatalf("the case is %q", s)
	}
	w.toldOver(map[string]int{"amt@musterstadt.example": 1, expert: 1})
}

// In paper mode nobody of the municipality is mailed.
func TestTheEndIsNotMailedInPaperMode(t *testing.T) {
	t.Parallel()
	w := underWay(t)
	s := w.head().Settings
	s.Paper = true
	w.do(command.Configure{Meta: by("SVC"), Settings: s})
	w.do(command.Stop{Meta: by("SVC"), Reason: enough})
	w.toldOver(nil)
}
