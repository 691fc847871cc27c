package walk

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Desk is the service office: one browser that stays signed in as long as the
// platform lets it.
type Desk struct {
	World   *World
	Address string
	browser *Browser
}

// Open opens a page of the desk, signing in when that is needed.
func (d *Desk) Open(path string) (*Page, error) {
	if d.browser != nil {
		if p, err := d.browser.Open(path); err != nil || !strings.Contains(p.URL.Path, "/anmelden") {
			return p, err
		}
	}
	d.browser = d.World.Browser()
	if err := d.browser.SignIn(d.World, d.Address); err != nil {
		return nil, err
	}
	return d.browser.Open(path)
}

// Submit opens a page of the desk, fills in the form that part names and presses
// its first button.
func (d *Desk) Submit(path, part string, e Entries) (*Page, error) {
	p, err := d.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := p.Form(part)
	if err != nil {
		return nil, err
	}
	if _, err := Fill(f, e, Place{}, d.World.Now()); err != nil {
		return nil, err
	}
	if p, err = d.browser.Submit(f, ""); err == nil && p.Status != http.StatusOK {
		err = fmt.Errorf("%s answered %d: %s", path, p.Status, p.problems())
	}
	return p, err
}

// Do does a step of a case from the list of open work.
func (d *Desk) Do(t Turn, caseNo string, e Entries, place Place) (*Page, error) {
	p, err := d.Open("/aufgaben")
	if err != nil {
		return nil, err
	}
	for _, link := range p.Links("/schritte/" + t.Step) {
		step, err := d.browser.Open(link)
		if err != nil {
			return nil, err
		}
		if step.Has(caseNo) {
			return d.browser.Complete(step, "_command", "_send=1", e, place, d.World)
		}
	}
	return nil, fmt.Errorf("%s of %s is not among the open work: %s", t.Step, caseNo, p.problems())
}

// patience is how many days somebody waits for the mail of a step.
const patience = 60

// DoByMail does a step through the link in a mail to the place's mailbox,
// waiting day by day until it comes.
func (w *World) DoByMail(t Turn, caseNo string, e Entries, place Place) (*Page, error) {
	for range patience {
		b, p, err := w.step(t, caseNo, place.Address(t.Box))
		if err != nil {
			return nil, err
		}
		if p != nil {
			return b.Complete(p, "_command", "_send=1", e, place, w)
		}
		if err := w.Turn("24h"); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("no mail for %s of %s came to %s", t.Step, caseNo, place.Address(t.Box))
}

// step opens the links in a mailbox, newest mail first, until the page of that
// step of that case appears; nil when none does.
func (w *World) step(t Turn, caseNo, address string) (*Browser, *Page, error) {
	mails, err := w.Mails(address)
	if err != nil {
		return nil, nil, err
	}
	var tried []string
	for _, l := range mails {
		if !strings.Contains(l.Text, t.DE) && !strings.Contains(l.Text, t.EN) {
			continue
		}
		for _, link := range l.Links("/s/") {
			if strings.HasSuffix(link, "/weitergeben") || slices.Contains(tried, link) {
				continue
			}
			tried = append(tried, link)
			b := w.Browser()
			p, err := b.Open(link)
			if err != nil {
				return nil, nil, err
			}
			if p.Status == http.StatusOK && p.Has(caseNo) && (p.Has(t.DE) || p.Has(t.EN)) {
				return b, p, nil
			}
		}
	}
	return nil, nil, nil
}

// Links are the addresses on the page that contain part.
func (p *Page) Links(part string) []string {
	var out []string
	walkNodes(p.Doc, func(n *html.Node) bool {
		if n.Type == html.ElementNode && n.Data == "a" {
			if href := attr(n, "href"); strings.Contains(href, part) && !slices.Contains(out, href) {
				out = append(out, href)
			}
		}
		return true
	})
	return out
}
