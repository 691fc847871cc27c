package main

import (
	"net/http"
	"net/url"
	"strings"

	"kokoma/infra/walk"
)

// steps completes steps by their links, one of each case.
type steps struct {
	links *pool
	form  string // what is typed, written as a form
}

// newSteps fills the form in once, as a person reads it on the page.
func newSteps(platform *child) (*steps, error) {
	links := &pool{left: platform.ready.Steps}
	page, err := walk.NewBrowser(platform.ready.Base, nil).Open(platform.ready.Steps[0])
	if err != nil {
		return nil, err
	}
	f, err := page.Form("_command")
	if err != nil {
		return nil, err
	}
	cohort, err := walk.Fictional()
	if err != nil {
		return nil, err
	}
	entries := cohort.Steps[openStep]
	if parties, ok := entries["parties"].([]any); ok {
		entries["parties"] = parties[:2] // as many rows as the page has
	}
	entries["open_points"] = strings.Repeat("Das ist noch zu klären. ", 60)
	if _, err := walk.Fill(f, entries, cohort.Places[0], platform.ready.Now); err != nil {
		return nil, err
	}
	return &steps{links, written(f.Values, "_command", "_for") + "&_send=1"}, nil
}

// written writes values as a form, without those that each page has anew.
func written(v url.Values, without ...string) string {
	for _, name := range without {
		v.Del(name)
	}
	return v.Encode()
}

func (s *steps) subjects() []subject {
	return []subject{
		{name: "step: its page, the completed form", n: [3]int{100, 300, 400}, do: s.complete},
		{name: "step: its page, the completed form, the page that thanks", n: [3]int{40, 80, 120}, do: s.completeAndRead},
	}
}

func (s *steps) complete(c *client) error {
	_, err := s.send(c)
	return err
}

func (s *steps) completeAndRead(c *client) error {
	r, err := s.send(c)
	if err != nil {
		return err
	}
	return expect(http.StatusOK)(c.get(r.location, r.cookie))
}

// send reads the page of a step, which names a command and is signed, and
// sends the form.
func (s *steps) send(c *client) (reply, error) {
	path, err := s.links.next()
	if err != nil {
		return reply{}, err
	}
	page, err := c.get(path, "")
	if err := page.want(http.StatusOK, err); err != nil {
		return reply{}, err
	}
	command, err := page.hidden("_command")
	if err != nil {
		return reply{}, err
	}
	whom, err := page.hidden("_for")
	if err != nil {
		return reply{}, err
	}
	done, err := c.post(path, s.form, "&_command=", command, "&_for=", whom)
	return done, done.want(http.StatusSeeOther, err)
}
