package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"strings"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
)

// FuzzWorkbook reads whatever bytes come.
func FuzzWorkbook(f *testing.F) {
	f.Add([]byte("PK"))
	f.Add([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
	f.Add(stored(f, fuzzSurvey, fuzzChoices, "", ""))
	f.Fuzz(fuzzed)
}

// FuzzSheets reads whatever stands in the parts of a workbook: bytes of a zip
// that are changed are mostly a broken zip.
func FuzzSheets(f *testing.F) {
	f.Add(fuzzSurvey, fuzzChoices, "<sst><si><t>type</t></si></sst>", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="mmm-yy"/></numFmts><cellXfs><xf/><xf numFmtId="164"/></cellXfs></styleSheet>`)
	f.Add(fuzzSheet([]string{"type", "name", "x_check_1_when", "x_check_1_message::de", "repeat_count"}, []string{"begin repeat", "r", ". = “x”", "M", "3"}, []string{"end repeat"}), fuzzChoices, "", "")
	f.Add(sheetHead+`<row r="3"><c t="s" r="B3"><v>0</v></c><c><f>1+1</f><v>2</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="d"><v>2026-03-01</v></c><c s="1"><v>46082</v></c></row>`+sheetTail, "", "<sst><si><r><t>ty</t></r><r><t>pe</t></r></si></sst>", "")
	f.Fuzz(func(t *testing.T, survey, choices, strings, styles string) {
		fuzzed(t, stored(t, survey, choices, strings, styles))
	})
}

// FuzzRows reads whatever stands in cells: rows by lines, cells by |.
func FuzzRows(f *testing.F) {
	f.Add("type|name|label|label::English|required|x_max\nbegin group|g|G|G\nselect one from l or other|q|Q|Q|Yes|2\nend group", "list name|value|label|a\nl|1|Eins|x\nl|2|Zwei|y")
	f.Add("type|name|constraint|choice_filter|x_check_1_when|x_check_2_message::de|disabled\nselect_multiple YN|q|. = ‘x’|a = ${q} and b|TRUE|M|no", "list_name|name|b|x_attribute_c|x_shipped\nYN|Y|1|2|yes")
	f.Add("Type|bind:jr:constraintMsg|label::French|requird|image|x_no|hint|hint\n|||||||\ntext||L|yes|a.png|1|a|b\nend_repeat", "")
	f.Fuzz(func(t *testing.T, survey, choices string) {
		if len(survey)+len(choices) < 10_000 {
			fuzzed(t, stored(t, fuzzRows(survey), fuzzRows(choices), "", ""))
		}
	})
}

func fuzzRows(src string) string {
	var rows [][]string
	for l := range strings.Lines(src) {
		var row []string
		for s := range strings.SplitSeq(strings.TrimSuffix(l, "\n"), "|") {
			var out strings.Builder
			_ = xml.EscapeText(&out, []byte(s)) // a strings.Builder takes all
			row = append(row, out.String())
		}
		rows = append(rows, row)
	}
	return fuzzSheet(rows...)
}

var (
	fuzzSurvey  = fuzzSheet([]string{"type", "name", "label", "label::English", "required", "choice_filter", "x_max", "default"}, []string{"select_multiple l", "q", "Q", "_x0041_", "Yes", "a = 'x'", "2", "1.0"})
	fuzzChoices = fuzzSheet([]string{"list name", "value", "label::Deutsch", "a", "x_shipped"}, []string{"l", "1", "Eins", "x"}, []string{"YN", "Y", "Ja", "", "yes"})
)

func fuzzSheet(rows ...[]string) string {
	var out strings.Builder
	out.WriteString(sheetHead)
	for _, row := range rows {
		out.WriteString("<row>")
		for _, s := range row {
			out.WriteString(`<c t="inlineStr"><is><t>` + s + `</t></is></c>`)
		}
		out.WriteString("</row>")
	}
	return out.String() + sheetTail
}

// stored is a workbook that is not packed.
func stored(t testing.TB, survey, choices, strings, styles string) []byte {
	t.Helper()
	const types = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`
	const root = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	const book = `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="survey" sheetId="1" r:id="rId1"/><sheet name="choices" sheetId="2" r:id="rId2"/><sheet name="settings" sheetId="3" r:id="rId3"/></sheets></workbook>`
	const rels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet3.xml"/></Relationships>`
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range []struct{ name, content string }{
		{"[Content_Types].xml", types},
		{"_rels/.rels", root},
		{"xl/workbook.xml", book},
		{"xl/_rels/workbook.xml.rels", rels},
		{"xl/worksheets/sheet1.xml", survey},
		{"xl/worksheets/sheet2.xml", choices},
		{"xl/worksheets/sheet3.xml", fuzzSheet([]string{"form_title", "x_form_title::en", "form_id", "version"}, []string{"T", "T", "f", "1"})},
		{"xl/sharedStrings.xml", strings},
		{"xl/styles.xml", styles},
	} {
		if p.content == "" {
			continue
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(p.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// fuzzed reads a workbook and judges it; what could be read comes back from a
// workbook and from YAML.
func fuzzed(t *testing.T, src []byte) {
	d, r := Read("fuzz.xlsx", src)
	if d == nil && !r.Broken() {
		t.Fatal("neither a definition nor a finding")
	}
	if d == nil || r.Broken() {
		return
	}
	want := canonical(t, d)
	var book, yaml bytes.Buffer
	if err := Write(&book, d); err != nil {
		t.Fatal(err)
	}
	back, again := Read("again.xlsx", book.Bytes())
	if again.Broken() {
		t.Fatal(again.Err())
	}
	if got := canonical(t, back); got != want {
		t.Fatal("workbook: " + difference(got, want))
	}
	if err := define.WriteYAML(&yaml, d); err != nil {
		t.Fatal(err)
	}
	report := &define.Report{}
	read := define.ReadYAML(yaml.Bytes(), false, report)
	if err := report.Err(); err != nil {
		t.Fatalf("%v in\n%s", err, yaml.Bytes())
	}
	if got := canonical(t, read); got != want {
		t.Fatal("YAML: " + difference(got, want))
	}
	if _, _, err := form.ExamineDefinition(d, r); err != nil {
		t.Fatal(err)
	}
}
