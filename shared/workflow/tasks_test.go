package workflow

import (
	"slices"
	"strings"
	"testing"

	"kokoma/shared/municipality"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// TestSafetyComesFirstAndWhatIsOverLast lists a danger that was reported today
// with agreements and steps that are older, in either order of dates.
func TestSafetyComesFirstAndWhatIsOverLast(t *testing.T) {
	t.Parallel()
	w := tiny(t, agreements+`
	O03: pre: [{step: O01}]; acts: [FED]; outcome: [{when: "${word} = 'danger'", effect: safety}]
	B09: pre: [{step: O03}]; opens_on: safety; acts: [SVC]
	C15: pre: [{step: O01}]; acts: [SVC]; outcome: [{effect: complete}]`)
	w.agree(agreedOn("Absprache", "2026-04-20"))
	over := w.no
	w.days(10)
	w.finish("C15", "SVC")
	w.start(municipality.Municipality{Key: "09999124", Name: "Beispielstadt", Kind: "STADT", Land: "BY"}, process.People{
		"FED": {{Email: "amt@beispielstadt.example"}},
	})
	w.days(2)
	w.start(municipality.Municipality{Key: "09999125", Name: "Probestadt", Kind: "STADT", Land: "BY"}, process.People{
		"FED": {{Email: "amt@probestadt.example"}},
	})
	w.adopt("KK-2026-0003")
	w.do(command.Submit{Meta: by("FED"), Ref: w.current("O03").Ref, Answers: word("word", "danger")})
	b := w.svc()
	for path, want := range map[string][]string{
		"/aufgaben":            {"KK-2026-0003", "KK-2026-0003", "KK-2026-0002", "KK-2026-0003", over},
		"/aufgaben?sort=spaet": {"KK-2026-0003", "KK-2026-0003", "KK-2026-0003", "KK-2026-0002", over},
	} {
		r := shows(t, b, path)
		rows := texts(r, "li.task")
		if got := texts(r, "li.task .item-meta a"); !slices.Equal(got, want) {
			t.Errorf("%s lists %q, want cases %q", path, rows, want)
		} else if !strings.Contains(rows[0]+rows[1], "Sicherheit: bitte anrufen") || !strings.Contains(rows[0]+rows[1], "B09") || !strings.Contains(rows[4], "Prüftermin vorbei") {
			t.Errorf("%s lists %q", path, rows)
		}
	}
}
