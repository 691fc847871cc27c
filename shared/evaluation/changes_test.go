package evaluation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"kokoma/shared/evaluation"
	"kokoma/shared/lang"
	"kokoma/shared/survey"
	"kokoma/shared/survey/score"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
	"kokoma/shared/web"
)

const letters = "ABCDEFGHIJ"

// closed stores the result of a survey of town i, as the survey does when it closes.
func (w *world) closed(i int, to lang.Date) string {
	w.t.Helper()
	id := strings.Repeat("A", 13) + string([]byte{letters[i/100%10], letters[i/10%10], letters[i%10]})
	snap := survey.Snapshot{
		Survey: id, Number: 1, Case: fmt.Sprint("C", i), CaseNo: fmt.Sprint("KK-2026-", i), Form: "S_T0", To: to,
		Municipality: survey.Whose{Key: fmt.Sprintf("09%06d", i), Name: fmt.Sprint("Musterstadt ", i)},
		Result:       score.Result{Constructs: []score.Measure{{Key: "HS", N: 10, Index: float64(i % 100)}, {Key: "KOM", Hidden: score.Few}}},
	}
	body, err := json.Marshal(snap)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(table.Put(table.Item{Key: table.Key{PK: "survey#" + id, SK: "snapshot#1"}, Version: 1, Kind: "snapshot", Body: body}))
	return id
}

// TestManySurveysCloseAtOnce: more than one transaction takes are all in the value, and on the lists.
func TestManySurveysCloseAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const many = 130
	for i := range many {
		w.told(w.closed(i, day("2026-05-01").AddDays(i/3)))
	}
	w.evaluate()
	if got := w.overview(); got.Taken != many || got.Made != many || got.Values[0].Municipalities != many || got.Values[0].N != 10*many {
		t.Fatalf("of %d surveys the wave has %+v", many, got)
	}
	for path, first := range map[string]string{"/auswertung?bis=%ff": "129", "/auswertung?bis=2026-05-01%23x": "129", "/auswertung?bis=" + strings.Repeat("A", 3000): "129"} {
		if page := w.office().Get(path); page.Status != http.StatusOK || !strings.Contains(page.Text(), "Musterstadt "+first) {
			t.Errorf("%s gives %d:\n%s", path, page.Status, page.Text())
		}
	}
	if n := len(w.listed(many)); n != many {
		t.Errorf("%d of %d surveys are on the pages of the list", n, many)
	}
	own := w.as(web.Role{Code: "FED", Municipality: "09000007"}, web.Role{Code: "LEI", Municipality: "C7"}, web.Role{Code: "STG", Municipality: "KK-2026-8"}).Get("/auswertung").Text()
	if strings.Count(own, "Musterstadt 7") != 1 || strings.Count(own, "Musterstadt 8") != 1 || strings.Contains(own, "Musterstadt 9") {
		t.Errorf("of towns 7 and 8 one sees\n%s", own)
	}
}

var href = regexp.MustCompile(`href="(/auswertung[/?][^"#]+)`)

// listed follows the list of all through its pages and gives the paths of its surveys.
func (w *world) listed(most int) map[string]bool {
	w.t.Helper()
	seen := map[string]bool{}
	for path := "/auswertung"; path != ""; most-- {
		page := w.office().Get(path)
		path = ""
		for _, m := range href.FindAllStringSubmatch(page.Body, -1) {
			switch {
			case strings.Contains(m[1], "?"):
				path = html.UnescapeString(m[1])
			case seen[m[1]]:
				w.t.Errorf("%s is listed twice", m[1])
			default:
				seen[m[1]] = true
			}
		}
		if most == 0 {
			w.t.Fatal("the list has no end")
		}
	}
	return seen
}

func (w *world) told(ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		if err := w.eval.Closed(w.t.Context(), id, w.clock); err != nil {
			w.t.Fatal(err)
		}
	}
}

// TestAClosingCostsTheSameWheneverItComes: what it takes to close a survey does not grow with those before.
func TestAClosingCostsTheSameWheneverItComes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cost := func(i int) [2]float64 {
		id := w.closed(i, day("2026-05-01"))
		var m table.Meter
		if err := w.eval.Closed(table.WithMeter(t.Context(), &m), id, w.clock); err != nil {
			t.Fatal(err)
		}
		write, read := m.Units()
		return [2]float64{write, read}
	}
	first := cost(10)
	for i := 11; i < 60; i++ {
		cost(i)
	}
	w.evaluate()
	if last := cost(60); last != first {
		t.Errorf("the first closing costs %v units, the fiftieth %v", first, last)
	}
}

// TestAClosingSurvivesTheEndOfItsProcess: whichever write the process dies before or after, the surveys
// that are told again are in the values and on the lists once.
func TestAClosingSurvivesTheEndOfItsProcess(t *testing.T) {
	t.Parallel()
	whole := newWorld(t)
	whole.told(whole.some(4)...)
	whole.evaluate()
	page := whole.office().Get("/auswertung").Text()
	for name, after := range map[string]bool{"before": false, "after": true} {
		writes := 0
		for died := true; died; writes++ {
			w := newWorld(t)
			ids, faults := w.some(4), tabletest.Faulty(w.table)
			faults.Crash(writes+1, after)
			err := w.lifeOn(faults, ids)
			if died = errors.Is(err, tabletest.ErrCrashed); err != nil && !died {
				t.Fatal(err)
			}
			w.told(ids...)
			w.evaluate()
			if got, want := w.overview(), whole.overview(); got.Taken != 4 || !reflect.DeepEqual(got.Values, want.Values) {
				t.Errorf("died %s write %d, the wave is\n%+v\n%+v", name, writes+1, got, want)
			}
			if got := w.office().Get("/auswertung").Text(); got != page {
				t.Errorf("died %s write %d, the page shows\n%s", name, writes+1, got)
			}
		}
		if writes != 4+1+1+1 {
			t.Errorf("died %s %d writes; four closings, taking in and making the values are six", name, writes-1)
		}
	}
}

func (w *world) some(n int) (ids []string) {
	for i := range n {
		ids = append(ids, w.closed(i, day("2026-05-01")))
	}
	return ids
}

// lifeOn is a process that closes the surveys, takes them in and makes the values, on its own table.
func (w *world) lifeOn(t table.Table, ids []string) error {
	x, err := evaluation.New(evaluation.Deps{Table: t, Site: w.eval.Site})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := x.Closed(w.t.Context(), id, w.clock); err != nil {
			return err
		}
	}
	for _, k := range []table.Key{{PK: "evaluation#in#S_T0", SK: "new#" + ids[0]}, {PK: "evaluation", SK: "wave#S_T0"}} {
		if err := x.Due(w.t.Context(), k, w.clock); err != nil {
			return err
		}
	}
	return nil
}
