package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"kokoma/infra/walk"
)

// answers takes part in surveys, one person by each invitation.
type answers struct {
	platform *child
	links    *pool
	pages    []string // what is chosen on each page, written as forms
	mu       sync.Mutex
	begun    []begun
}

// begun is a survey of which only the last page is not sent yet.
type begun struct{ path, state string }

// newAnswers reads all pages once, as a person does, and chooses.
func newAnswers(platform *child) (*answers, error) {
	a := &answers{platform: platform, links: &pool{left: platform.ready.Surveys}}
	path, err := a.links.next()
	if err != nil {
		return nil, err
	}
	b := walk.NewBrowser(platform.ready.Base, nil)
	page, err := b.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := page.Form("")
	if err != nil {
		return nil, err
	}
	for button := "_go=start"; ; {
		if page, err = b.Submit(f, button); err != nil {
			return nil, err
		}
		if f, err = page.Form("_state"); err != nil {
			return nil, err
		}
		choose(f)
		button = "_go=next"
		last := slices.Contains(f.Buttons, "_go=send")
		if last {
			button = "_go=send"
		}
		values := map[string][]string(f.Values)
		state := values["_state"]
		a.pages = append(a.pages, written(values, "_state")+"&"+button)
		values["_state"] = state
		if last {
			return a, nil
		}
	}
}

// choose answers a page: the last but one of what is offered, a sentence where
// one may write.
func choose(f *walk.Form) {
	for name, offered := range f.Options {
		f.Values[name] = offered[max(0, len(offered)-2):][:1]
	}
	for name, now := range f.Values {
		if !strings.HasPrefix(name, "_") && len(now) == 1 && now[0] == "" {
			f.Values[name] = []string{"Wir reden öfter miteinander als noch vor einem Jahr, und das Amt hört zu. Auf dem Platz ist es ruhiger geworden."}
		}
	}
}

func (a *answers) subjects() []subject {
	all := fmt.Sprintf("survey, all of it: information page, %d pages", len(a.pages))
	return []subject{
		{name: "survey, its ends: information page, the last page sent", n: [3]int{60, 150, 250}, prepare: a.begin, do: a.finish},
		{name: all + " sent", n: [3]int{12, 40, 80}, do: a.whole},
	}
}

// whole reads the information page, begins, and sends all pages.
func (a *answers) whole(c *client) error {
	path, state, err := a.start(c)
	if err != nil {
		return err
	}
	return a.send(c, path, state)
}

// start goes as far as the last page.
func (a *answers) start(c *client) (path, state string, err error) {
	if path, err = a.links.next(); err != nil {
		return "", "", err
	}
	if err := expect(http.StatusOK)(c.get(path, "")); err != nil {
		return "", "", err
	}
	page, err := c.post(path, "_go=start")
	for _, chosen := range a.pages[:len(a.pages)-1] {
		if err := page.want(http.StatusOK, err); err != nil {
			return "", "", err
		}
		if state, err = page.hidden("_state"); err != nil {
			return "", "", err
		}
		page, err = c.post(path, chosen, "&_state=", state)
	}
	if err := page.want(http.StatusOK, err); err != nil {
		return "", "", err
	}
	state, err = page.hidden("_state")
	return path, state, err
}

func (a *answers) send(c *client, path, state string) error {
	return expect(http.StatusSeeOther)(c.post(path, a.pages[len(a.pages)-1], "&_state=", state))
}

// begin takes n people to the last page.
func (a *answers) begin(n int) error {
	_, err := a.platform.load(n, atOnce[1], func(c *client) error {
		path, state, err := a.start(c)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.begun = append(a.begun, begun{path, state})
		return err
	})
	return err
}

// finish reads the information page again and sends the last page.
func (a *answers) finish(c *client) error {
	a.mu.Lock()
	if len(a.begun) == 0 {
		a.mu.Unlock()
		return errors.New("nobody is at the last page")
	}
	one := a.begun[0]
	a.begun = a.begun[1:]
	a.mu.Unlock()
	if err := expect(http.StatusOK)(c.get(one.path, "")); err != nil {
		return err
	}
	return a.send(c, one.path, one.state)
}

// pool gives each thing once.
type pool struct {
	mu   sync.Mutex
	left []string
}

func (p *pool) next() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.left) == 0 {
		return "", errors.New("no link is left")
	}
	one := p.left[0]
	p.left = p.left[1:]
	return one, nil
}
