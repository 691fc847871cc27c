package workbook

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"kokoma/shared/form/define"
	"kokoma/shared/form/export"
	"kokoma/shared/lang"

	"github.com/xuri/excelize/v2"
)

// opened reads what was written with the library alone.
func opened(t *testing.T, src []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestWrittenSheetsHoldTextAsText(t *testing.T) {
	t.Parallel()
	texts := []string{"=1+1", "+49 30 1", "-1", "@x", "007", "1e5", "TRUE", "2026-03-01", " Rand ", "_x0041_", "zwei\nZeilen", "„ä“ & <b>", "'x"}
	var row []any
	var head []string
	for i, s := range texts {
		row, head = append(row, s), append(head, fmt.Sprint("c", i))
	}
	row = append(row, 0.25, 3, true, nil, math.NaN(), strings.Repeat("ä", maxCell+1))
	head = append(head, "float", "int", "bool", "nil", "nan", "long")
	var out bytes.Buffer
	if err := WriteSheets(&out, []export.Sheet{{Name: "a/b: Antworten [2026] der Kommunen", Head: head, Rows: [][]any{row}}, {Name: "A_b_ antworten _2026_ der kommunen"}, {}}); err != nil {
		t.Fatal(err)
	}
	f := opened(t, out.Bytes())
	if got := f.GetSheetList(); fmt.Sprintf("%q", got) != `["a_b_ Antworten _2026_ der Kommu" "A_b_ antworten _2026_ der k (2)" "Sheet"]` {
		t.Errorf("sheets are %q", got)
	}
	sheet := f.GetSheetList()[0]
	for i, want := range texts {
		axis, err := excelize.CoordinatesToCellName(i+1, 2)
		if err != nil {
			t.Fatal(err)
		}
		kind, _ := f.GetCellType(sheet, axis)
		got, _ := f.GetCellValue(sheet, axis)
		formula, _ := f.GetCellFormula(sheet, axis)
		if got != want || kind != excelize.CellTypeInlineString || formula != "" {
			t.Errorf("%q is %q, of type %v, with the formula %q", want, got, kind, formula)
		}
	}
	values, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	rest := values[1][len(texts):]
	if got := fmt.Sprint(rest[:5]); got != "[0.25 3 TRUE  ]" || !strings.HasSuffix(rest[5], "ää […]") || len([]rune(rest[5])) != maxCell {
		t.Errorf("the other cells are %s and %d characters", got, len([]rune(rest[5])))
	}
}

func TestWrittenFormsHelpTheirAuthors(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	d := &define.Definition{Survey: []*define.Question{{Type: "select_one YN", Name: "q", Label: lang.Text{DE: "Q", EN: "Q"}, Readonly: "yes"}}}
	if err := Write(&out, d); err != nil {
		t.Fatal(err)
	}
	f := opened(t, out.Bytes())
	if got := fmt.Sprint(f.GetSheetList()); got != "[survey choices settings]" {
		t.Errorf("sheets are %s", got)
	}
	head, err := f.GetRows("survey")
	if err != nil {
		t.Fatal(err)
	}
	want := "type|name|label::Deutsch (de)|label::English (en)|hint::Deutsch (de)|hint::English (en)|guidance_hint::Deutsch (de)|" +
		"guidance_hint::English (en)|appearance|required|required_message::Deutsch (de)|required_message::English (en)|relevant|readonly"
	if got := strings.Join(head[0], "|"); got != want {
		t.Errorf("the header is %s", got)
	}
	offers, err := f.GetDataValidations("survey")
	if err != nil || len(offers) != 3 || offers[0].Sqref != "A2:A501" || offers[0].ShowErrorMessage {
		t.Errorf("offered %+v, %v", offers, err)
	}
	panes, err := f.GetPanes("survey")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes are %+v, %v", panes, err)
	}
	if width, err := f.GetColWidth("survey", "C"); err != nil || width != 40 {
		t.Errorf("the label is %v wide, %v", width, err)
	}
	rows, err := f.GetRows("choices")
	if err != nil || len(rows) != 3 || rows[1][4] != "yes" {
		t.Errorf("choices are %q, %v", rows, err)
	}
}

// invented makes definitions that need not make sense, only be written.
type invented struct{ *rand.Rand }

func (r invented) word() string {
	words := []string{
		"a", "B7", "yes", "true()", "${q1} = 'x'", "=1+1", "selected(${q1}, \"a\")", "0", "1.0", "2026-03", "concat('„', ${q1}, '“')",
		"_x0041_", "today() + 1", ". > 3", "Land = 'TH'", "name != 'b'", "x  y", "#1: {a}, [b]", "- z", "'", "~", "TRUE()", "null", "ä€😀",
	}
	return words[r.IntN(len(words))]
}

func (r invented) text() lang.Text {
	texts := []string{"", "Ein Text", "„Zitat“ – mit Strich", "zwei\nZeilen\n\nund mehr", "tab\tund  Lücken", "1", "=A1", "a: b # c", "\u00a7\u00a05", "_x000D_", "<b>&amp;</b>", "yes"}
	return lang.Text{DE: texts[r.IntN(len(texts))], EN: texts[r.IntN(len(texts))]}
}

func (r invented) question(n int) *define.Question {
	types := []string{"text", "integer", "select_one own", "select_multiple OL-CTYPE", "rank own", "select_one YN or_other", "note", "calculate", "date"}
	q := &define.Question{Type: types[r.IntN(len(types))], Name: fmt.Sprint("q", n)}
	for key, to := range q.Values() {
		if key != "type" && key != "name" && r.IntN(3) == 0 {
			*to = r.word()
			if yesNo[key] { // other ways to say it are none in YAML
				*to = []string{"yes", "no", "true()", "false", "${q1} = 'x'"}[r.IntN(5)]
			}
		}
	}
	for _, to := range q.Texts() {
		if r.IntN(2) == 0 {
			*to = r.text()
		}
	}
	for _, to := range q.Numbers() {
		if r.IntN(4) == 0 {
			*to = new(r.IntN(1000))
		}
	}
	for range r.IntN(3) {
		q.Checks = append(q.Checks, define.Check{When: r.word(), Level: "hint", Message: r.text()})
	}
	return q
}

func (r invented) survey(depth int) []*define.Question {
	var out []*define.Question
	for range 1 + r.IntN(4) {
		q := r.question(r.IntN(1000))
		if depth < 3 && r.IntN(3) == 0 {
			q.Type, q.Children = []string{"group", "repeat"}[r.IntN(2)], r.survey(depth+1)
		}
		out = append(out, q)
	}
	return out
}

func (r invented) definition() *define.Definition {
	d := &define.Definition{
		Settings: define.Settings{ID: r.word(), Version: r.word(), Title: r.text(), Language: []string{"", "de", "en"}[r.IntN(3)], Style: "pages"},
		Survey:   r.survey(0), Choices: map[string][]define.Choice{},
	}
	for _, name := range []string{"own", "other-1", "1"}[:r.IntN(4)] {
		for i := range 1 + r.IntN(4) {
			c := define.Choice{Name: fmt.Sprint("c", i), Label: r.text()}
			if r.IntN(2) == 0 {
				c.Attributes = map[string]string{"Land": r.word(), []string{"pop", "label", "value", "x_shipped"}[r.IntN(4)]: r.word()}
			}
			d.Choices[name] = append(d.Choices[name], c)
		}
	}
	return d
}

func TestInventedDefinitionsComeBack(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		r := invented{rand.New(rand.NewPCG(seed, 1))}
		var yaml, book bytes.Buffer
		first := r.definition()
		if err := define.WriteYAML(&yaml, first); err != nil {
			t.Fatal(err)
		}
		d := readYAML(t, "invented.yaml", yaml.Bytes())
		want := canonical(t, first)
		if got := canonical(t, d); got != want {
			t.Fatalf("seed %d, from YAML: %s", seed, difference(got, want))
		}
		if err := Write(&book, d); err != nil {
			t.Fatal(err)
		}
		back, report := Read("invented.xlsx", book.Bytes())
		if err := report.Err(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got := canonical(t, back); got != want {
			t.Fatalf("seed %d: %s", seed, difference(got, want))
		}
	}
}
