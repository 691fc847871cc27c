package workflow

import (
	"testing"

	"kokoma/shared/mail"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// cameBack tells the outbox that the newest mail to an address came back.
func (w *world) cameBack(address string, hard bool) {
	w.t.Helper()
	all := w.to(address)
	if len(all) == 0 {
		w.t.Fatalf("nothing was mailed to %s", address)
	}
	v := mail.DeliveryEvent{Tag: all[len(all)-1].Tag, Kind: mail.DeliveryBounce, Hard: hard, At: w.now}
	for range 2 { // reports come twice
		if err := w.x.Outbox.Event(w.ctx, v, w.now); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) recipients(step string) []string {
	w.t.Helper()
	var out []string
	for _, a := range w.current(step).Asked {
		out = append(out, a.Email)
	}
	return out
}

func TestAddressThatBouncesIsNotMailedAnyMore(t *testing.T) {
	t.Parallel()
	const expert, deputy = "fachstelle@musterstadt.example", "fachstelle-vertretung@musterstadt.example"
	for what, soft := range map[string]bool{"one permanent bounce": false, "two temporary ones": true} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.analysis()
			w.submit("A01", "EXT")
			w.submit("A02", "FED") // A05 is asked of the co-ordination office, which named a deputy
			w.days(3)
			w.cameBack(expert, !soft)
			if soft {
				if got := w.recipients("A05"); len(got) != 1 || got[0] != expert {
					t.Fatalf("after one temporary bounce %v is asked, want %s still", got, expert)
				}
				w.turn(w.head().Calendar().AddWorkingDays(w.current("A05").Due, -4).At(18, 0))
				w.cameBack(expert, false)
			}
			if got := w.recipients("A05"); len(got) != 1 || got[0] != deputy {
				t.Fatalf("after it %v is asked, want the deputy", got)
			}
			if tasks, err := w.x.Tasks(w.ctx, w.id); err != nil || len(tasks) == 0 || tasks[0].Kind != cases.TaskBounce {
				t.Errorf("tasks: %+v %v, want one to get a new address", tasks, err)
			}
			n := len(w.to(expert))
			w.days(10)
			if got := len(w.to(expert)); got != n {
				t.Errorf("%d mails to the address afterwards", got-n)
			}
			if len(w.to(deputy)) == 0 {
				t.Error("the deputy got no mail")
			}
			const fresh = "neu@musterstadt.example"
			w.do(command.Assign{Meta: by("SVC"), Role: "KUF", Person: process.Person{Name: "Fachstelle", Email: fresh}})
			w.days(7)
			if path := w.link(fresh, "A05"); path == "" {
				t.Error("the new address got no link")
			}
			w.sameAsEvents()
		})
	}
}
