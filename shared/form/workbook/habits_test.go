package workbook

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/lang"

	"github.com/xuri/excelize/v2"
)

// sheet is one of a workbook that an author made.
type sheet struct {
	name string
	rows [][]any
}

// shown is a number with the format that the spreadsheet gave it.
type shown struct {
	value  float64
	format string
}

// formulaCell is a formula in a cell.
type formulaCell string

// author makes a workbook the way a spreadsheet program does: strings as text,
// numbers as floats.
func author(t *testing.T, sheets ...sheet) []byte {
	t.Helper()
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range sheets {
		must(addSheet(f, i, s.name))
		for r, row := range s.rows {
			for c, value := range row {
				axis, err := excelize.CoordinatesToCellName(c+1, r+1)
				must(err)
				switch v := value.(type) {
				case formulaCell:
					must(f.SetCellFormula(s.name, axis, string(v)))
				case shown:
					style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &v.format})
					must(err)
					must(f.SetCellValue(s.name, axis, v.value))
					must(f.SetCellStyle(s.name, axis, axis, style))
				case []excelize.RichTextRun:
					must(f.SetCellRichText(s.name, axis, v))
				case nil:
				default:
					must(f.SetCellValue(s.name, axis, v))
				}
			}
		}
	}
	var out bytes.Buffer
	must(f.Write(&out))
	must(f.Close())
	return out.Bytes()
}

var simpleSettings = sheet{"settings", [][]any{
	{"form_title", "x_form_title::English (en)", "form_id", "version"}, {"Gespräch", "Talk", "talk", "1"},
}}

// survey is a workbook with a survey sheet, good settings and perhaps choices.
func survey(t *testing.T, rows [][]any, more ...sheet) []byte {
	t.Helper()
	return author(t, append([]sheet{{"survey", rows}, simpleSettings}, more...)...)
}

// found is what Read and the compiler find, in English: "survey!C2: …".
func found(t *testing.T, src []byte) []string {
	t.Helper()
	d, r := Read("talk.xlsx", src)
	_, all, err := form.ExamineDefinition(d, r)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range all {
		if f.Text.DE == "" || f.Text.EN == "" || strings.Contains(f.Text.DE+f.Text.EN, "%!") || strings.Contains(f.Text.EN, "define.") {
			t.Errorf("the finding has no good text: %+v", f.Text)
		}
		out = append(out, f.At.String()+": "+f.Text.EN)
	}
	return out
}

// good reads a workbook in which nothing is found.
func good(t *testing.T, src []byte) *define.Definition {
	t.Helper()
	if all := found(t, src); len(all) > 0 {
		t.Fatalf("found %s", strings.Join(all, "\n"))
	}
	d, _ := Read("talk.xlsx", src)
	return d
}

func TestTypesAreReadInAllTheirSpellings(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]typed{
		"text": {name: "text"}, "string": {name: "text"}, "int": {name: "integer"}, "Integer ": {name: "integer"},
		"dateTime": {name: "datetime"}, "date time": {name: "datetime"}, "trigger": {name: "acknowledge"},
		"add note prompt": {name: "note"}, "add date time prompt": {name: "datetime"}, "q string": {name: "text"},
		"select_one yn": {name: "select_one yn"}, "select one yn": {name: "select_one yn"}, "Select One yn": {name: "select_one yn"},
		"select one from YN": {name: "select_one YN"}, "select1  yn": {name: "select_one yn"}, "select_one\u00a0yn": {name: "select_one yn"},
		"add select one prompt using yn": {name: "select_one yn"}, "select_multiple yn": {name: "select_multiple yn"},
		"select all that apply from yn": {name: "select_multiple yn"}, "select all that apply yn": {name: "select_multiple yn"},
		"select multiple from yn": {name: "select_multiple yn"}, "select_multiple yn or_other": {name: "select_multiple yn or_other"},
		"select one from yn or specify other": {name: "select_one yn or_other"}, "select_one yn or other": {name: "select_one yn or_other"},
		"rank yn": {name: "rank yn"}, "select_one": {name: "select_one"}, "select_ones yn": {name: "select_ones yn"},
		"select_one_from_file towns.csv": {name: "select_one_from_file towns.csv"}, "select_one_external towns": {name: "select_one_external towns"},
		"begin group": {begin: true, name: "group"}, "begin_group": {begin: true, name: "group"}, "Begin Group": {begin: true, name: "group"},
		"begin repeat": {begin: true, name: "repeat"}, "begin lgroup": {begin: true, name: "repeat"}, "begin looped group": {begin: true, name: "repeat"},
		"end_repeat": {end: true, name: "repeat"}, "end  group": {end: true, name: "group"}, "end looped group": {end: true, name: "repeat"},
		"begin loop over yn": {begin: true, name: "loop"}, "geopoint": {name: "geopoint"}, "": {},
	} {
		if got := readType(written); got != want {
			t.Errorf("%q is %+v, want %+v", written, got, want)
		}
	}
}

func TestHeadersAreReadInAllTheirSpellings(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]field{
		"type": {"type", ""}, "Type": {"type", ""}, " NAME ": {"name", ""}, "command": {"type", ""}, "tag": {"name", ""},
		"label": {"label", lang.DE}, "caption": {"label", lang.DE}, "Label": {"label", lang.DE},
		"label::German (de)": {"label", lang.DE}, "label::Deutsch": {"label", lang.DE}, "label :: de": {"label", lang.DE},
		"label::English (en)": {"label", lang.EN}, "label:English": {"label", lang.EN}, "Label::en-GB": {"label", lang.EN},
		"caption::Englisch (en)": {"label", lang.EN}, "hint::deutsch (DE)": {"hint", lang.DE}, "guidance hint::English": {"guidance_hint", lang.EN},
		"constraint message": {"constraint_message", lang.DE}, "constraint_message::English": {"constraint_message", lang.EN},
		"constraining message": {"constraint_message", lang.DE}, "jr:constraintMsg": {"constraint_message", lang.DE},
		"bind::jr:constraintMsg": {"constraint_message", lang.DE}, "bind::jr:constraintMsg::en": {"constraint_message", lang.EN},
		"bind:jr:constraintMsg": {"constraint_message", lang.DE}, "requiredMsg": {"required_message", lang.DE}, "required message::de": {"required_message", lang.DE},
		"relevance": {"relevant", ""}, "bind::relevant": {"relevant", ""}, "bind:relevant": {"relevant", ""}, "Relevant": {"relevant", ""},
		"calculate": {"calculation", ""}, "bind::calculate": {"calculation", ""}, "read_only": {"readonly", ""}, "Read only": {"readonly", ""},
		"repeat_count": {"repeat_count", ""}, "jr:count": {"repeat_count", ""}, "body::jr:count": {"repeat_count", ""}, "count": {"repeat_count", ""},
		"body::appearance": {"appearance", ""}, "control::appearance": {"appearance", ""}, "choice filter": {"choice_filter", ""},
		"x_check_1_message::English (en)": {"x_check_1_message", lang.EN}, "X_Check_12_When": {"x_check_12_when", ""}, "x_unknown::Deutsch (de)": {"x_unknown", lang.DE},
		"label::Français (fr)": {}, "label::Deutsch (Leichte Sprache)": {}, "image": {}, "media::image": {}, "bind::foo": {}, "notes": {}, "x_check_1": {},
	} {
		r := &reader{Report: &define.Report{}, language: lang.DE, foreignTold: map[string]bool{}}
		if c := r.survey().column(cell{text: trim(written)}); (field{c.key, c.lang}) != want {
			t.Errorf("%q is %+v, want %+v", written, field{c.key, c.lang}, want)
		}
	}
}

func TestAWorkbookFullOfHabitsIsRead(t *testing.T) {
	t.Parallel()
	src := author(t,
		sheet{"Notizen", [][]any{{"nur für uns", formulaCell("1+1")}}},
		sheet{" Survey ", [][]any{
			{},
			{nil, "Type", "Name", "Caption", "label::English (en)", "Required", "Relevance", "constraint", "Constraint Message", "constraint message::English", "x_max", "Bemerkung", "disabled"},
			{nil, "begin group", "page ", "Seite\u00a0", "Page", nil, nil},
			{nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, "Ab hier: Fragen"},
			{nil, "int", "age", "Alter", "Age", "Yes", nil, ".\u00a0>= ”18”", "Zu jung.\r\nBitte prüfen.", "Too young."},
			{},
			{nil, "select one from Color or specify other", "color", "Farbe", "Colour", true, "${age}\u00a0=\u00a0‘20’"},
			{nil, "select_multiple Color", "more", "Weitere", "More", "ja", "${color} != ”2“", nil, nil, nil, 2.0},
			{nil, "text", "off", "Aus", "Off", nil, nil, nil, nil, nil, nil, nil, "yes"},
			{nil, "End Group"},
		}},
		sheet{"Choices", [][]any{
			{"List Name", "Value", "Label", "label::English"},
			{"Color", 1.0, "Rot", "Red"},
			{"Color", 2.0, " Grün ", "Green"},
			{nil, nil, "nur eine Bemerkung"},
		}},
		sheet{"SETTINGS", [][]any{{"Title", "title::English", "id_string", "version", "Default Language"}, {"Gespräch", "Talk", "talk", 20260301.0, "Deutsch (de)"}}},
	)
	d, r := Read("talk.xlsx", src)
	if r.Broken() {
		t.Fatal(r.Err())
	}
	var warnings []string
	for _, f := range r.Findings() {
		warnings = append(warnings, f.At.String())
	}
	if want := []string{"survey!L2"}; !slices.Equal(warnings, want) {
		t.Errorf("warned at %v, want %v: %v", warnings, want, r.Err())
	}
	want := `{"settings":{"form_id":"talk","version":"20260301","title":{"de":"Gespräch","en":"Talk"},"default_language":"de"},` +
		`"choices":{"Color":[{"name":"1","label":{"de":"Rot","en":"Red"}},{"name":"2","label":{"de":"Grün","en":"Green"}}]},` +
		`"survey":[{"type":"group","name":"page","label":{"de":"Seite","en":"Page"},"children":[` +
		`{"type":"integer","name":"age","label":{"de":"Alter","en":"Age"},"required":"yes","constraint":". \u003e= \"18\"","constraint_message":{"de":"Zu jung.\nBitte prüfen.","en":"Too young."}},` +
		`{"type":"select_one Color or_other","name":"color","label":{"de":"Farbe","en":"Colour"},"required":"yes","relevant":"${age} = '20'"},` +
		`{"type":"select_multiple Color","name":"more","label":{"de":"Weitere","en":"More"},"required":"yes","relevant":"${color} != \"2\"","x_max":2}]}]}`
	if got := canonical(t, d); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, c := range []struct{ key, want string }{{"label", "survey!D5"}, {"required", "survey!F5"}, {"", "survey!5"}} {
		if got := d.Survey[0].Children[0].At[c.key].String(); got != c.want {
			t.Errorf("%q stands at %s, want %s", c.key, got, c.want)
		}
	}
	if got := d.ListAt["Color"].String() + d.Choices["Color"][1].At["label"].String(); got != "choices!A2choices!C3" {
		t.Errorf("the list stands at %s", got)
	}
}

func TestWhatBecameADateIsWrittenAsOneAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cell shown
		want string
	}{
		{shown{46082, "dd.mm.yyyy"}, "2026-03-01"},
		{shown{46082, "TT.MM.JJJJ"}, "2026-03-01"},
		{shown{46082, "mmm\\-yy"}, "2026-03"},
		{shown{46082, "[$-407]mmm\\-yy;@"}, "2026-03"},
		{shown{46083, "mmm-yy"}, "2026-03-02"},
		{shown{46082.5, "dd.mm.yyyy hh:mm"}, "2026-03-01T12:00"},
		{shown{0.3958333333, "hh:mm"}, "09:30"},
		{shown{46082, "d-mmm"}, "2026-03-01"},
		{shown{46082, "yyyy-mm-dd"}, "2026-03-01"},
		{shown{46082, "General"}, "46082"},
		{shown{0.1 + 0.2, "0.00"}, "0.3"},
		{shown{5, `0 "Tage"`}, "5"},
		{shown{1e15, "0"}, "1000000000000000"},
		{shown{0.5, "0%"}, "0.5"},
		{shown{7, "[Red]0;[Blue]-0"}, "7"},
		{shown{-3, "dd.mm.yyyy"}, "-3"},
		{shown{3, "#,##0.00 €"}, "3"},
	} {
		d, r := Read("t.xlsx", survey(t, [][]any{{"type", "name", "label", "label::en", "default"}, {"text", "a", "A", "A", c.cell}}))
		if err := r.Err(); err != nil {
			t.Fatalf("%+v: %v", c.cell, err)
		}
		if got := d.Survey[0].Default; got != c.want {
			t.Errorf("%v shown as %s is %q, want %q", c.cell.value, c.cell.format, got, c.want)
		}
	}
}

func TestADateWhereNoneBelongsIsSaid(t *testing.T) {
	t.Parallel()
	src := survey(t, [][]any{{"type", "name", "label", "label::en"}, {"select_one l", "a", "A", "A"}},
		sheet{"choices", [][]any{{"list_name", "name", "label", "label::en"}, {"l", shown{46082, "mmm-yy"}, "März", "March"}}})
	got := found(t, src)
	if len(got) != 1 || !strings.HasPrefix(got[0], "choices!B2: the spreadsheet program made a date of this entry; 2026-03 is read") {
		t.Errorf("found %q", got)
	}
}

func TestYesAndNoAreReadInAllTheirSpellings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		written any
		want    string
	}{
		{"yes", "yes"},
		{"Yes", "yes"},
		{"YES", "yes"},
		{"ja", "yes"},
		{"true()", "true()"},
		{"TRUE", "yes"},
		{"true", "true"},
		{true, "yes"},
		{1.0, "yes"},
		{"no", "no"},
		{"NEIN", "no"},
		{false, "no"},
		{"FALSE()", "no"},
		{"${b} = 1", "${b} = 1"},
		{"vielleicht", "vielleicht"},
	} {
		d, _ := Read("t.xlsx", survey(t, [][]any{{"type", "name", "required"}, {"text", "a", c.written}}))
		if got := d.Survey[0].Required; got != c.want {
			t.Errorf("%v is %q, want %q", c.written, got, c.want)
		}
	}
	d, _ := Read("t.xlsx", survey(t, [][]any{{"type", "name", "relevant"}, {"text", "a", true}}))
	if got := d.Survey[0].Relevant; got != "true()" {
		t.Errorf("relevant TRUE is %q", got)
	}
}

func TestTypographyThatIsMeantStays(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"${a} = “x”":             `${a} = "x"`,
		"${a} = „x“":             `${a} = "x"`,
		"concat('„', ${a}, '“')": "concat('„', ${a}, '“')",
		"${a} – 1":               "${a} - 1",
	} {
		if got := expression(written); got != want {
			t.Errorf("%s is read as %s, want %s", written, got, want)
		}
	}
	d := good(t, survey(t, [][]any{{"type", "name", "label::de", "label::en"}, {"text", "a", "„Wie bitte?“", "“Pardon?” – it’s"}}))
	if got := d.Survey[0].Label; got != (lang.Text{DE: "„Wie bitte?“", EN: "“Pardon?” – it’s"}) {
		t.Errorf("the label is %q", got)
	}
}

func TestPlainLabelsAreInTheDefaultLanguage(t *testing.T) {
	t.Parallel()
	settings := sheet{"settings", [][]any{{"form_title", "title::de", "form_id", "version", "default_language"}, {"Talk", "Gespräch", "talk", "1", "English (en)"}}}
	d, _ := Read("t.xlsx", author(t, sheet{"survey", [][]any{{"type", "name", "label", "label::Deutsch"}, {"text", "a", "English", "deutsch"}}}, settings))
	if got := d.Survey[0].Label; got != (lang.Text{DE: "deutsch", EN: "English"}) || d.Settings.Language != "en" || d.Settings.Title.EN != "Talk" {
		t.Errorf("the label is %q, the title %q in %s", got, d.Settings.Title, d.Settings.Language)
	}
}

func TestFindingsNameTheCell(t *testing.T) {
	t.Parallel()
	head := []any{"type", "name", "label::de", "label::en"}
	choices := sheet{"choices", [][]any{{"list_name", "name", "label::de", "label::en"}, {"l", "a", "A", "A"}}}
	question := []any{"text", "q", "Q", "Q"}
	long := strings.Repeat("x", 3000)
	for _, c := range []struct {
		name string
		src  []byte
		want string // begins with it; one finding
	}{
		{"formula", survey(t, [][]any{head, {"text", "q", formulaCell(`"a"&"b"`), "Q"}}), "survey!C2: there is a formula in this cell"},
		{"formula in the header", survey(t, [][]any{append(head, formulaCell("A1")), question}), "survey!E1: there is a formula"},
		{"end without begin", survey(t, [][]any{head, question, {"end group"}}), "survey!A3: end_group stands here without a begin_group"},
		{"wrong end", survey(t, [][]any{head, {"begin group", "g", "G", "G"}, question, {"end repeat"}}), "survey!A4: end_repeat stands here, but what is open is begin_group g of survey!A2"},
		{"no end", survey(t, [][]any{head, {"begin repeat", "g", "G", "G"}, question}), "survey!A2: begin_repeat g has no end_repeat"},
		{"loop", survey(t, [][]any{head, {"begin loop over l", "g", "G", "G"}, question, {"end loop"}}), "survey!A2: begin loop is not taken here"},
		{"no type", survey(t, [][]any{head, question, {nil, "r", "R", "R"}}), "survey!3: r has no type"},
		{"remark", survey(t, [][]any{head, question, {nil, nil, "Hier geht es weiter"}}), "survey!3: the row has neither type nor name"},
		{"refused column", survey(t, [][]any{append(head, "media::image"), append(question, "a.png")}), "survey!E2: media::image is not taken here: pictures"},
		{"refused column, plain", survey(t, [][]any{append(head, "Trigger"), append(question, "${q}")}), "survey!E2: Trigger is not taken here"},
		{"bind", survey(t, [][]any{append(head, "bind::foo"), append(question, "x")}), "survey!E2: bind::foo is not taken here: forms are not written as XML"},
		{"refused type", survey(t, [][]any{head, {"geopoint", "q", "Q", "Q"}}), "survey!A2: q has the type geopoint, which is not taken here"},
		{"misspelled", survey(t, [][]any{append(head, "requird"), append(question, "yes")}), "survey!E1: the column \"requird\" is unknown; did you mean required?"},
		{"own", survey(t, [][]any{append(head, "x_hello_world"), append(question, "yes")}), "survey!E1: the own column \"x_hello_world\" is unknown"},
		{"remark column", survey(t, [][]any{append(head, "Abgestimmt mit"), append(question, "BM")}), "survey!E1: the column \"Abgestimmt mit\" is not read"},
		{"French", survey(t, [][]any{append(head, "label::French (fr)", "hint::french (FR)"), append(question, "Q", "H")}), "survey!E2: texts in French (fr) are not taken"},
		{"stray", survey(t, [][]any{head, append(question, nil, "x")}), "survey!F2: something stands here in a column without a header"},
		{"twice", survey(t, [][]any{append(head, "label::Deutsch (de)"), append(question, "anders")}), "survey!E1: the column \"label::Deutsch (de)\" is the same as \"label::de\" (survey!C1)"},
		{"number", survey(t, [][]any{append(head, "x_maxlength"), append(question, 2.5)}), "survey!E2: x_maxlength must be a whole number"},
		{"entities", survey(t, [][]any{head, question}, sheet{"entities", [][]any{{"list_name"}, {"trees"}}}), "entities!A1: entities is not taken here"},
		{"external choices", survey(t, [][]any{head, question}, sheet{"external_choices", [][]any{{"list_name"}, {"trees"}}}), "external_choices!A1: external_choices is not taken here"},
		{"osm", survey(t, [][]any{head, question}, sheet{"osm", [][]any{{"list_name"}, {"trees"}}}), "osm!A1: osm is not taken here: places"},
		{"no list", survey(t, [][]any{head, question}, sheet{"choices", [][]any{{"list_name", "name"}, {nil, "a"}}}), "choices!B2: the choice a stands in no list"},
		{"unused", survey(t, [][]any{head, question}, choices), "choices!A2: the list l is used by no question"},
		{"no survey", author(t, sheet{"Surveys", [][]any{head}}, simpleSettings), "survey!A1: the sheet survey is missing; the workbook has the sheets Surveys, settings; did you mean Surveys?"},
		{"no settings", author(t, sheet{"survey", [][]any{head, question}}), "settings!A1: the sheet settings is missing"},
		{"two surveys", survey(t, [][]any{head, question}, sheet{"Survey ", nil}), "survey!A1: there are two such sheets"},
		{"two settings", author(t, sheet{"survey", [][]any{head, question}}, sheet{"settings", append(slices.Clone(simpleSettings.rows), []any{"noch", "eine"})}), "settings!3: the sheet settings has one row"},
		{"check", survey(t, [][]any{append(head, "x_check_2_when", "x_check_2_level", "x_check_2_message", "x_check_2_message::en"), append(question, ". = 'x'", "loud", "M", "M")}), "survey!F2: the check's level is \"loud\""},
		{"name", survey(t, [][]any{head, {"text", long, "Q", "Q"}}), "survey!B2: the name"},
		{"columns", survey(t, [][]any{append(slices.Clone(head), wideRow(maxColumns)...), question}), "survey!1: the header has more than 300 columns"},
	} {
		got := found(t, c.src)
		if len(got) != 1 || !strings.HasPrefix(got[0], c.want) {
			t.Errorf("%s: found %q, want one that begins with %q", c.name, got, c.want)
		}
	}
}

func wideRow(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = fmt.Sprintf("c%d", i)
	}
	return out
}

func TestEmptyColumnsOfTemplatesDoNoHarm(t *testing.T) {
	t.Parallel()
	good(t, survey(t, [][]any{
		{"type", "name", "label::de", "label::en", "label::French (fr)", "image", "trigger", "media::audio", "body::accuracyThreshold", "save_to", "hint", "hint", "irgendwas"},
		{"text", "q", "Q", "Q"},
	}, sheet{"entities", [][]any{{"list_name", "label"}}}, sheet{"choices", [][]any{{"list_name", "name", "label"}}}))
}

func TestAttributesAreTheColumnsThatFiltersName(t *testing.T) {
	t.Parallel()
	src := survey(t, [][]any{
		{"type", "name", "label::de", "label::en", "choice_filter"},
		{"select_one land", "land", "Land", "State"},
		{"select_one kreis", "kreis", "Kreis", "County", "Land_Code = ${land}"},
	}, sheet{"choices", [][]any{
		{"list_name", "name", "label::de", "label::en", "Land_Code", "Notiz", "x_attribute_pop"},
		{"land", "TH", "Thüringen", "Thuringia"},
		{"land", "SN", "Sachsen", "Saxony", nil, "prüfen"},
		{"kreis", "k1", "Beispielkreis", "Beispielkreis", "TH", nil, 12.0},
		{"kreis", "k2", "Musterkreis", "Musterkreis", "SN"},
	}})
	if got := found(t, src); len(got) != 1 || !strings.HasPrefix(got[0], "choices!F1: the column \"Notiz\" is not read") {
		t.Errorf("found %q", got)
	}
	d, _ := Read("t.xlsx", src)
	if got := fmt.Sprint(d.Choices["kreis"][0].Attributes, d.Choices["land"][1].Attributes); got != "map[Land_Code:TH pop:12] map[]" {
		t.Errorf("attributes are %s", got)
	}
}

func TestHiddenSheetsAreReadAndNamed(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(survey(t, [][]any{{"type", "name", "label", "label::en"}, {"text", "q", "Q", "Q"}})))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.SetSheetVisible("settings", false); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	if got := found(t, out.Bytes()); len(got) != 1 || !strings.HasPrefix(got[0], "settings!A1: the sheet settings is hidden") {
		t.Errorf("found %q", got)
	}
}

func TestShippedListsThatWereChangedAreOwnLists(t *testing.T) {
	t.Parallel()
	survey := [][]any{{"type", "name", "label", "label::en"}, {"select_one YN", "q", "Q", "Q"}}
	shipped, err := define.Lists()
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]any{{"list_name", "name", "label::de", "label::en", "x_shipped"}}
	for _, c := range shipped["YN"].Choices {
		rows = append(rows, []any{"YN", c.Name, c.Label.DE, c.Label.EN, "yes"})
	}
	if d := good(t, author(t, sheet{"survey", survey}, simpleSettings, sheet{"choices", rows})); len(d.Choices) > 0 {
		t.Errorf("choices are %v", d.Choices)
	}
	rows[1][2] = "Jawohl"
	if got := found(t, author(t, sheet{"survey", survey}, simpleSettings, sheet{"choices", rows})); len(got) != 1 || !strings.Contains(got[0], "shipped list but other choices") {
		t.Errorf("found %q", got)
	}
}

func TestFormattedTextIsReadAsText(t *testing.T) {
	t.Parallel()
	rich := []excelize.RichTextRun{{Text: "sehr "}, {Text: "wichtig", Font: &excelize.Font{Bold: true}}}
	d := good(t, survey(t, [][]any{{"type", "name", "label", "label::en"}, {"text", "q", rich, "Q"}}))
	if got := d.Survey[0].Label.DE; got != "sehr wichtig" {
		t.Errorf("the label is %q", got)
	}
}

func TestNotesNeedNoName(t *testing.T) {
	t.Parallel()
	d := good(t, survey(t, [][]any{{"type", "name", "label::de", "label::en"}, {"note", nil, "Guten Tag", "Hello"}, {"text", "a", "A", "A"}}))
	if got := d.Survey[0].Name; got != "generated_note_name_2" {
		t.Errorf("the note is called %q", got)
	}
}
