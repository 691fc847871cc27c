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

// Heading is the main heading of the page.
func (p *Page) Heading() string {
	text := ""
	walkNodes(p.Doc, func(n *html.Node) bool {
		if n.Type == html.ElementNode && n.Data == "h1" && text == "" {
			text = nodeText(n)
		}
		return true
	})
	return text
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
