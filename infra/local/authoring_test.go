package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kokoma/infra/walk"
)

// book is a workbook in a spreadsheet program.
type book struct {
	t    *testing.T
	file *excelize.File
}

func openBook(t *testing.T, raw string) book {
	t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return book{t, f}
}

// cell is where a column of a sheet stands in the row of a name; row 2 where
// none is given.
func (b book) cell(sheet, name, column string) string {
	b.t.Helper()
	rows, err := b.file.GetRows(sheet)
	if err != nil {
		b.t.Fatal(err)
	}
	at := map[string]int{}
	for i, head := range rows[0] {
		at[head] = i + 1
	}
	line := 2
	for i, row := range rows {
		if name != "" && len(row) >= at["name"] && row[at["name"]-1] == name {
			line = i + 1
		}
	}
	if at[column] == 0 {
		b.t.Fatalf("the sheet %s has no column %s, only %v", sheet, column, rows[0])
	}
	cell, err := excelize.CoordinatesToCellName(at[column], line)
	if err != nil {
		b.t.Fatal(err)
	}
	return cell
}

func (b book) set(sheet, name, column, value string) {
	b.t.Helper()
	if err := b.file.SetCellStr(sheet, b.cell(sheet, name, column), value); err != nil {
		b.t.Fatal(err)
	}
}

// add puts a question below another one.
func (b book) add(below string, values map[string]string) {
	b.t.Helper()
	_, line, err := excelize.CellNameToCoordinates(b.cell("survey", below, "name"))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.file.InsertRows("survey", line+1, 1); err != nil {
		b.t.Fatal(err)
	}
	for column, value := range values {
		x, _, err := excelize.CellNameToCoordinates(b.cell("survey", below, column))
		if err != nil {
			b.t.Fatal(err)
		}
		cell, err := excelize.CoordinatesToCellName(x, line+1)
		if err != nil {
			b.t.Fatal(err)
		}
		if err := b.file.SetCellStr("survey", cell, value); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b book) bytes() []byte {
	b.t.Helper()
	var out bytes.Buffer
	if err := b.file.Write(&out); err != nil {
		b.t.Fatal(err)
	}
	return out.Bytes()
}

// TestAuthorChangesTheExpressionOfInterest is the walk of an author: download,
// edit in a spreadsheet, upload, see what is wrong, put it right, try it out,
// compare, publish. Who begins then is asked the new question; who had begun
// is not, and sends what they had.
func TestAuthorChangesTheExpressionOfInterest(t *testing.T) {
	t.Parallel()
	_, w := start(t)
	desk := &walk.Desk{World: w, Address: office}
	const path = "/formulare/intake_v1"
	places := cohort(t, "Musterstadt", "Beispielstadt").Places
	running, atCheck, err := w.FillIn(places[0])
	must(t, err)

	file := see(t, desk, path+"/datei/gueltig.xlsx")
	b := openBook(t, file.Body)
	b.set("settings", "", "version", "2")
	b.set("survey", "muni_key", "label::Deutsch (de)", "Kommune oder Landkreis")
	b.add("contact_name", map[string]string{
		"type": "text", "name": "reachable", "label::Deutsch (de)": "Wann sind Sie erreichbar?",
		"label::English (en)": "When can you be reached?", "relevant": "${contact} != ''",
	})
	refused, err := desk.Upload(path, "file", "Interessenbekundung.xlsx", b.bytes())
	must(t, err)
	at := b.cell("survey", "reachable", "relevant")
	if refused.Status != http.StatusUnprocessableEntity || !refused.Has(at) || !refused.Has("${contact}") {
		t.Fatalf("the fault in %s is not shown: %d %s", at, refused.Status, refused.Text())
	}
	b.set("survey", "reachable", "relevant", "${contact_name} != ''")
	kept, err := desk.Upload(path, "file", "Interessenbekundung.xlsx", b.bytes())
	must(t, err)
	if kept.Status != http.StatusOK || !kept.Has("Der Entwurf ist gespeichert") {
		t.Fatalf("uploading: %d %s", kept.Status, kept.Text())
	}
	if page := see(t, desk, path+"/vorschau/s1"); !page.Has("Kommune oder Landkreis") || !page.Has("nichts wird gespeichert") {
		t.Errorf("the preview shows %s", page.Text())
	}
	compared := see(t, desk, path+"/vergleich")
	for _, want := range []string{"Kommune oder Landkreis", "Wann sind Sie erreichbar?", "füllt Fassung 1 zu Ende aus"} {
		if !compared.Has(want) {
			t.Errorf("the comparison lacks %q: %s", want, compared.Text())
		}
	}
	published, err := desk.Submit(path+"/vergleich", "note", walk.Entries{"note": "Rückrufe gingen oft ins Leere."})
	must(t, err)
	if !published.Has("Die Fassung ist veröffentlicht") {
		t.Fatalf("publishing: %s", published.Text())
	}
	must(t, w.Turn("2m")) // other processes look once a minute
	asksNew(t, w, places[1])
	staysOnOld(t, w, running, atCheck, places[0])
}

func asksNew(t *testing.T, w *walk.World, place walk.Place) {
	t.Helper()
	b := w.Browser()
	p, err := b.Open("/interessenbekundung?q=" + strings.ReplaceAll(place.Name, " ", "+"))
	must(t, err)
	p, err = b.Complete(p, "muni_key", "", walk.Entries{"muni_key": place.Key}, place, w)
	must(t, err)
	if p, err = b.Open(strings.TrimSuffix(p.URL.Path, "/s1") + "/s1"); err != nil || !p.Has("Kommune oder Landkreis") {
		t.Errorf("who begins now is asked as before: %v %s", err, p.Text())
	}
	p, err = b.Complete(p, "_next", "_next=", place.Intake, place, w)
	must(t, err)
	f, err := p.Form("contact_name")
	must(t, err)
	must(t, f.Set("contact_name", "Sachgebiet Zusammenhalt"))
	p, err = b.Submit(f, "_next=")
	must(t, err)
	if !p.Has("Wann sind Sie erreichbar?") {
		t.Errorf("who begins now is not asked the new question: %s", p.Text())
	}
}

func staysOnOld(t *testing.T, w *walk.World, b *walk.Browser, p *walk.Page, place walk.Place) {
	t.Helper()
	base := strings.TrimSuffix(p.URL.Path, "/pruefen")
	for _, section := range []string{"/s1", "/s2"} {
		page, err := b.Open(base + section)
		must(t, err)
		if page.Status != http.StatusOK || page.Has("Kommune oder Landkreis") || page.Has("Wann sind Sie erreichbar?") {
			t.Errorf("who had begun is asked anew: %d %s", page.Status, page.Text())
		}
	}
	f, err := p.Form("pruefen")
	must(t, err)
	sent, err := b.Submit(f, "")
	must(t, err)
	if sent.Status != http.StatusOK || strings.HasSuffix(sent.URL.Path, "/pruefen") {
		t.Errorf("who had begun can't send: %d %s", sent.Status, sent.Text())
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func see(t *testing.T, d *walk.Desk, path string) *walk.Page {
	t.Helper()
	p, err := d.Open(path)
	must(t, err)
	if p.Status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, p.Status, p.Text())
	}
	return p
}
