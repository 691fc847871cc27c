package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kokoma/shared/form/define"
)

// part is a part of a zip: what it holds, or how it is written.
type part struct {
	name  string
	write func(io.Writer) error
}

func holds(name, content string) part {
	return part{name, func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	}}
}

// repeated holds a piece many times between two ends.
func repeated(name, before, piece string, n int, after string) part {
	return part{name, func(w io.Writer) error {
		chunk := strings.Repeat(piece, 1000)
		if _, err := io.WriteString(w, before); err != nil {
			return err
		}
		for range n / 1000 {
			if _, err := io.WriteString(w, chunk); err != nil {
				return err
			}
		}
		_, err := io.WriteString(w, after)
		return err
	}}
}

func zipped(t *testing.T, parts ...part) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		w, err := z.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.write(w); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// replacing puts other parts in place of some of a workbook's.
func replacing(t *testing.T, src []byte, parts ...part) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Clone(parts)
	for _, f := range z.File {
		if slices.ContainsFunc(parts, func(p part) bool { return p.name == f.Name }) {
			continue
		}
		all = append(all, part{f.Name, func(w io.Writer) error {
			r, err := f.Open()
			if err != nil {
				return err
			}
			_, err = io.Copy(w, r)
			return err
		}})
	}
	return zipped(t, all...)
}

const (
	surveyPart = "xl/worksheets/sheet1.xml"
	sheetHead  = `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	sheetTail  = `</sheetData></worksheet>`
	headRow    = `<row r="1"><c r="A1" t="inlineStr"><is><t>type</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row>`
	laughs     = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;"><!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]>`
)

// plain is a workbook in which nothing is wrong.
func plain(t *testing.T) []byte {
	t.Helper()
	return survey(t, [][]any{{"type", "name", "label", "label::en"}, {"text", "q", "Q", "Q"}})
}

// lying says of one part that it is shorter than it is.
func lying(t *testing.T) []byte {
	t.Helper()
	src := replacing(t, plain(t), repeated(surveyPart, sheetHead, "<row/>", 1000, sheetTail))
	at := bytes.LastIndex(src, []byte(surveyPart)) // in the directory
	binary.LittleEndian.PutUint32(src[at-46+24:], 100)
	return src
}

func TestWhatIsNoFormIsRefusedWithASentence(t *testing.T) {
	old := append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...)
	book := plain(t)
	many := make([]part, maxParts+1)
	for i := range many {
		many[i] = holds(fmt.Sprint("xl/media/", i), "x")
	}
	choices := [][]any{{"list_name", "name", "label", "label::en"}}
	for i := range maxChoices + 1 {
		choices = append(choices, []any{"towns", i, "Ort", "Town"})
	}
	for _, c := range []struct {
		name string
		src  []byte
		want string
	}{
		{"nothing", nil, "1: the file is empty"},
		{"a web page", []byte("  <html><table><tr><td>type</td></tr></table>"), "1: this is a web page"},
		{"XML of 2003", []byte("\xef\xbb\xbf<?xml version=\"1.0\"?><Workbook/>"), "1: this is a web page or XML"},
		{"CSV", []byte("type;name\ntext;a\n"), "1: this is a text file"},
		{"noise", []byte("\x00\x01\x02"), "1: this is no workbook"},
		{".xls", old, "1: this is another format of workbooks"},
		{"a password", append(old, wide("EncryptedPackage")...), "1: the workbook is protected by a password"},
		{".xlsb", zipped(t, holds("xl/workbook.bin", "x")), "1: this is another format"},
		{".ods", zipped(t, holds("mimetype", "application/vnd.oasis.opendocument.spreadsheet")), "1: this is another format"},
		{".docx", zipped(t, holds("word/document.xml", "<x/>")), "1: this is an archive or another document"},
		{"half a file", book[:len(book)/2], "1: the workbook is broken"},
		{"garbled", garbled(book), "1: the workbook is broken"},
		{"a lying directory", lying(t), "1: the workbook is broken"},
		{"twice the same part", zipped(t, holds("[Content_Types].xml", "<Types/>"), holds("xl/workbook.xml", "<workbook/>"), holds("XL/Workbook.xml", "<workbook/>")), "1: the workbook is broken"},
		{"no sheets", replacing(t, book, holds("xl/workbook.xml", "<workbook/>")), "1: the workbook is broken"},
		{"a sheet without part", replacing(t, book, holds("xl/_rels/workbook.xml.rels", `<Relationships/>`)), "1: the workbook is broken"},
		{"open XML", replacing(t, book, holds(surveyPart, sheetHead+"<row>")), "1: the workbook is broken"},
		{"50 MB", append(slices.Clone(book), make([]byte, 50<<20)...), "1: the file is larger than 10 MB"},
		{"a bomb", replacing(t, book, repeated(surveyPart, sheetHead, "          ", 3_000_000, sheetTail)), "1: the workbook unpacks to more than"},
		{"a thousand parts", replacing(t, book, many...), "1: the workbook unpacks to more than"},
		{"billion laughs", replacing(t, book, holds("xl/sharedStrings.xml", laughs+"<sst><si><t>&lol3;</t></si></sst>")), "1: the workbook has XML definitions"},
		{"billion laughs in a sheet", replacing(t, book, holds(surveyPart, laughs+"<worksheet>&lol3;</worksheet>")), "1: the workbook has XML definitions"},
		{"a depth", replacing(t, book, repeated(surveyPart, sheetHead, "<a>", 10_000, "")), "1: a sheet has too many cells"},
		{"many attributes", replacing(t, book, repeated(surveyPart, sheetHead+"<row", ` a="1"`, 1_200_000, "/>"+sheetTail)), "1: a sheet has too many cells"},
		{"many attributes behind quotes and a comment", replacing(t, book, repeated(surveyPart, sheetHead+`<!-- ><a '--><row x='>'`, ` a=">"`, 1_200_000, "/>"+sheetTail)), "1: a sheet has too many cells"},
		{"many attributes after a text", replacing(t, book, repeated(surveyPart, sheetHead+`text<row`, ` a="1"`, 1_200_000, "/>"+sheetTail)), "1: a sheet has too many cells"},
		{"many attributes of a relationship", replacing(t, book, repeated("_rels/.rels", "<Relationships", ` a="1"`, 1_200_000, "/>")), "1: a sheet has too many cells"},
		{"many texts", replacing(t, book, repeated("xl/sharedStrings.xml", "<sst>", "<si/>", 300_000, "</sst>")), "1: a sheet has too many cells"},
		{"many styles", replacing(t, book, repeated("xl/styles.xml", "<styleSheet><cellXfs>", "<xf/>", 300_000, "</cellXfs></styleSheet>")), "1: a sheet has too many cells"},
		{"many sheets", replacing(t, book, repeated("xl/workbook.xml", "<workbook><sheets>", "<sheet/>", 300_000, "</sheets></workbook>")), "1: a sheet has too many cells"},
		{"a million rows", replacing(t, book, repeated(surveyPart, sheetHead+headRow, `<row><c><v>1</v></c></row>`, 900_000, sheetTail)), "1: a sheet has too many cells"},
		{"many rows", replacing(t, book, repeated(surveyPart, sheetHead+headRow, `<row><c><v>1</v></c></row>`, 100_000, sheetTail)), "survey!A2002: there are more than 2000 questions"},
		{"16,000 columns", replacing(t, book, repeated(surveyPart, sheetHead+"<row>", `<c t="inlineStr"><is><t>x</t></is></c>`, 16_000, "</row>"+sheetTail)), "survey!1: the header has more than 300 columns"},
		{"padding", replacing(t, book, repeated(surveyPart, sheetHead+headRow, `<row><c r="XFD1"><v>1</v></c></row>`, 100_000, sheetTail)), "survey!A1: a sheet has too many cells"},
		{"no questions", survey(t, [][]any{{"type", "name"}, {"", "", "x"}}), "survey!A1: the sheet survey has no questions"},
		{"an empty sheet", survey(t, nil), "survey!A1: the sheet survey has no questions"},
		{"20,000 choices", survey(t, [][]any{{"type", "name", "label", "label::en"}, {"select_one towns", "q", "Q", "Q"}}, sheet{"choices", choices}), "choices!A2: the list towns has more than 2000 choices; a register"},
		{"deep", survey(t, [][]any{{"type", "name", "label", "label::en", "relevant"}, {"text", "q", "Q", "Q", strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000)}}), "survey!E2: q: relevant: "},
		{"groups in groups", survey(t, groupsInGroups(3000)), "survey!A10: groups stand in each other more than 8 deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := found(t, c.src)
			runtime.ReadMemStats(&after)
			if len(got) == 0 || !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, c.want) }) {
				t.Errorf("found %q, want one that begins with %q", got[:min(len(got), 3)], c.want)
			}
			// All that was ever allocated, not what was held at once: a guard
			// against what grows without bounds.
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 400 {
				t.Errorf("%d MB were allocated", used)
			}
			t.Log((after.TotalAlloc-before.TotalAlloc)>>20, "MB")
		})
	}
}

func groupsInGroups(n int) [][]any {
	out := [][]any{{"type", "name", "label", "label::en"}}
	for i := range n {
		out = append(out, []any{"begin group", fmt.Sprint("g", i), "G", "G"})
	}
	return out
}

// garbled has wrong bytes in the middle of what is packed.
func garbled(src []byte) []byte {
	out := slices.Clone(src)
	for i := 100; i < 300; i++ {
		out[i] ^= 0x5a
	}
	return out
}

func TestACellFarAwayDoesNoHarm(t *testing.T) {
	t.Parallel()
	row := `<row r="2"><c r="A2" t="inlineStr"><is><t>note</t></is></c><c r="B2" t="inlineStr"><is><t>n</t></is></c><c r="XFD2" s="0"/></row><row r="1048576"><c r="XFD1048576" s="0"/></row>`
	d, r := Read("t.xlsx", replacing(t, plain(t), holds(surveyPart, sheetHead+headRow+row+sheetTail)))
	if err := r.Err(); err != nil || len(d.Survey) != 1 || d.Survey[0].At["name"].String() != "survey!B2" {
		t.Errorf("read %+v, %v", d, err)
	}
}

func TestRowsAndCellsWithoutReferencesAreCounted(t *testing.T) {
	t.Parallel()
	rows := `<row><c t="inlineStr"><is><t>type</t></is></c><c t="inlineStr"><is><t>name</t></is></c><c t="inlineStr"><is><t>default</t></is></c></row>` +
		`<row/><row><c t="inlineStr"><is><t>text</t></is></c><c t="inlineStr"><is><t>n</t></is></c><c><v>1.0</v></c></row>`
	d, r := Read("t.xlsx", replacing(t, plain(t), holds(surveyPart, sheetHead+rows+sheetTail)))
	if err := r.Err(); err != nil || len(d.Survey) != 1 {
		t.Fatalf("read %+v, %v", d, err)
	}
	if q := d.Survey[0]; q.Default != "1" || q.At["default"].String() != "survey!C3" {
		t.Errorf("the default %q stands at %s", q.Default, q.At["default"])
	}
}

func TestALongCellIsRefused(t *testing.T) {
	t.Parallel()
	row := `<row r="2"><c r="A2" t="inlineStr"><is><t>note</t></is></c><c r="B2" t="inlineStr"><is><t>` + strings.Repeat("ä", 40_000) + `</t></is></c></row>`
	_, r := Read("t.xlsx", replacing(t, plain(t), holds(surveyPart, sheetHead+headRow+row+sheetTail)))
	if got := r.Findings(); len(got) != 1 || !strings.HasPrefix(got[0].Text.EN, "the cell has more than 32767 characters") {
		t.Errorf("found %v", r.Err())
	}
	d := &define.Definition{Survey: []*define.Question{{Type: "note", Name: strings.Repeat("ä", 40_000)}}}
	if err := Write(io.Discard, d); err == nil || !strings.Contains(err.Error(), "survey row 2, name: a cell holds at most") {
		t.Errorf("writing it says %v", err)
	}
}

func TestSeedsOfTheFuzzTargetsAreGoodWorkbooks(t *testing.T) {
	t.Parallel()
	d, r := Read("t.xlsx", stored(t, fuzzSurvey, fuzzChoices, "", ""))
	if r.Broken() || len(d.Survey) != 1 {
		t.Errorf("read %+v, %v", d, r.Err())
	}
}
