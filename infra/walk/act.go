package walk

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// presses is how often somebody presses a form's button before giving up: once
// to add each row, once for each question that appears after an answer.
const presses = 40

// Complete fills a form in, adds rows, answers questions that appear, confirms
// warnings, and presses the button until the page is left.
func (b *Browser) Complete(p *Page, part, button string, e Entries, place Place, w *World) (*Page, error) {
	for range presses {
		f, err := p.Form(part)
		if err != nil {
			return nil, err
		}
		lacking, err := Fill(f, e, place, w.Now())
		if err != nil {
			return nil, fmt.Errorf("filling in %s: %w", p.URL, err)
		}
		confirm(f)
		press := button
		if row := missingRow(lacking, f); row != "" {
			press = row
		}
		before := p
		if p, err = b.Submit(f, press); err != nil {
			return nil, err
		}
		switch {
		case p.Status == http.StatusOK && press == button && left(p, before, part):
			return p, nil
		case p.Status == http.StatusOK: // a row more, or questions that follow from an answer
		case p.Status != http.StatusUnprocessableEntity:
			return p, fmt.Errorf("%s answered %d: %s", p.URL, p.Status, p.Title())
		case press == button && p.Body == before.Body:
			return p, fmt.Errorf("%s refuses: %s", p.URL, p.problems())
		}
	}
	return p, fmt.Errorf("%s is not left after %d presses: %s", p.URL, presses, p.problems())
}

// left reports whether a page is another one than before, or has no such form
// any more.
func left(p, before *Page, part string) bool {
	if p.URL.Path != before.URL.Path {
		return true
	}
	_, err := p.Form(part)
	return err != nil
}

func confirm(f *Form) {
	for name := range maps.Keys(f.Options) {
		if strings.HasPrefix(name, "_confirm:") {
			f.Values[name] = f.Options[name]
		}
	}
}

// missingRow is the button that adds the first row that is lacking, the
// innermost first: where the row around it is lacking it has no button.
func missingRow(lacking []string, f *Form) string {
	slices.Sort(lacking)
	for _, name := range lacking {
		for at := strings.LastIndex(name, "["); at >= 0; at = strings.LastIndex(name[:at], "[") {
			for _, b := range f.Buttons {
				if strings.HasPrefix(b, "_add:"+name[:at]+"=") {
					return b
				}
			}
		}
	}
	return ""
}

// problems is what the page says is wrong.
func (p *Page) problems() string {
	text := p.Text()
	if len(text) > 1500 {
		text = text[:1500]
	}
	return text
}

// SignIn lets somebody in at the desk by the code that was mailed.
func (b *Browser) SignIn(w *World, address string) error {
	p, err := b.Open("/anmelden")
	if err != nil {
		return err
	}
	f, err := p.Form("email")
	if err != nil {
		return err
	}
	if err := f.Set("email", address); err != nil {
		return err
	}
	if p, err = b.Submit(f, ""); err != nil {
		return err
	}
	if err := w.Turn("1s"); err != nil { // the mail goes out
		return err
	}
	code, err := w.newestCode(address)
	if err != nil {
		return err
	}
	if f, err = p.Form("code"); err != nil {
		return err
	}
	if err := f.Set("code", code); err != nil {
		return err
	}
	if p, err = b.Submit(f, ""); err != nil {
		return err
	}
	if p.Status != http.StatusOK || strings.Contains(p.URL.Path, "anmelden") {
		return fmt.Errorf("signing in as %s: %d %s", address, p.Status, p.problems())
	}
	return nil
}

// Apply fills in and confirms a place's expression of interest and gives the
// number of its case.
func (w *World) Apply(place Place) (string, error) {
	b, p, err := w.FillIn(place)
	if err != nil {
		return "", err
	}
	f, err := p.Form("pruefen")
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, p.problems())
	}
	if p, err = b.Submit(f, ""); err != nil {
		return "", err
	}
	return w.confirm(b, place, p)
}

// FillIn fills in a place's expression of interest up to the page that shows
// all answers before they are sent.
func (w *World) FillIn(place Place) (*Browser, *Page, error) {
	b := w.Browser()
	prefix := ""
	if place.Intake["language"] == "en" {
		prefix = "/en"
	}
	p, err := b.Open(prefix + "/interessenbekundung?q=" + strings.ReplaceAll(place.Name, " ", "+"))
	if err != nil {
		return nil, nil, err
	}
	if p, err = b.Complete(p, "muni_key", "", Entries{"muni_key": place.Key}, place, w); err != nil {
		return nil, nil, err
	}
	for !strings.HasSuffix(p.URL.Path, "/pruefen") {
		at := p.URL.Path
		if p, err = b.Complete(p, "_next", "_next=", place.Intake, place, w); err != nil {
			return nil, nil, err
		}
		if p.URL.Path == at {
			return nil, nil, fmt.Errorf("the page after %s is itself: %s", at, p.problems())
		}
	}
	return b, p, nil
}

// confirm types the mail's code on the page behind the mail's link.
func (w *World) confirm(b *Browser, place Place, p *Page) (string, error) {
	if p.Status != http.StatusOK {
		return "", fmt.Errorf("sending answered %d: %s", p.Status, p.problems())
	}
	if err := w.Turn("1s"); err != nil {
		return "", err
	}
	l, err := w.Newest(place.Address("amt"), "/bestaetigen")
	if err != nil {
		return "", err
	}
	if p, err = b.Open(l.Links("/bestaetigen")[0]); err != nil {
		return "", err
	}
	if p, err = b.Complete(p, "code", "", Entries{"code": l.Code()}, place, w); err != nil {
		return "", err
	}
	for word := range strings.FieldsSeq(p.Text()) {
		if no := strings.Trim(word, ".,:"); strings.HasPrefix(no, "KK-") {
			return no, nil
		}
	}
	return "", fmt.Errorf("no case number after confirming: %s", p.problems())
}
