package desk

import (
	"os"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/web/webtest"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

// TestTextsAreComplete looks up every text that the code can ask for.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	site := webtest.Site(t, os.DirFS(".."))
	x := New(page.New(&cases.Service{}, page.Deps{Site: site, Pages: site.Pages(os.DirFS(".."))}))
	c := site.Catalog
	if err := x.Pages.Check(); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range statuses {
		keys = append(keys, "workflow.status."+string(s))
	}
	for _, role := range append(taskRoles, "TAN", "EVA", "DSB", process.ByClock, process.BySurvey) {
		keys = append(keys, "workflow.role."+role)
	}
	for _, a := range append(slices.Clone(stepActions), append(caseActions, settle(""))...) {
		keys = append(keys, "workflow.do."+a.name, "workflow.do."+a.name+".lead")
		if f, err := x.Action(a.name); err != nil || f == nil {
			t.Errorf("action %s has no form: %v", a.name, err)
		}
	}
	for _, s := range []string{"o", "s", "d", "k", "q", "v", "e", "l"} {
		keys = append(keys, "workflow.state."+s)
	}
	for _, k := range []process.Kind{
		process.Started, process.Opened, process.Finished, process.Handed, process.Queried, process.Voided, process.SentBack,
		process.WasSkipped, process.Extended, process.HandedOver, process.Readdressed, process.Corrected, process.Named,
		process.StatusChanged, process.Closed, process.SafetyRaised, process.Settled,
	} {
		keys = append(keys, "workflow.history."+string(k))
	}
	for _, k := range keys {
		if strings.Contains(c.T(lang.DE, k), "⟦") {
			t.Errorf("the text %s is missing", k)
		}
	}
}
