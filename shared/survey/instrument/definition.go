package instrument

import (
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"kokoma/shared/lang"
)

// definition is a form definition as package form reads it.
type definition struct {
	Settings settings           `yaml:"settings"`
	Choices  map[string][]entry `yaml:"choices,omitempty"`
	Survey   []node             `yaml:"survey"`
}

type settings struct {
	FormID          string    `yaml:"form_id"`
	Version         string    `yaml:"version"`
	Title           lang.Text `yaml:"title"`
	DefaultLanguage string    `yaml:"default_language"`
}

type entry struct {
	Name  string    `yaml:"name"`
	Label lang.Text `yaml:"label"`
}

type node struct {
	Type       string     `yaml:"type"`
	Name       string     `yaml:"name"`
	Label      lang.Text  `yaml:"label"`
	Hint       *lang.Text `yaml:"hint,omitempty"`
	Appearance string     `yaml:"appearance,omitempty"`
	MaxLength  int        `yaml:"x_maxlength,omitempty"`
	Class      string     `yaml:"x_class,omitempty"`
	Construct  string     `yaml:"x_construct,omitempty"`
	Scale      string     `yaml:"x_scale,omitempty"`
	Reversed   bool       `yaml:"x_reversed,omitempty"`
	Children   []node     `yaml:"children,omitempty"`
}

// freeText is the most that an open question takes, in characters.
const freeText = 1000

// ProfilePage asks who answers; who tells nothing else has answered nothing.
const ProfilePage = "page_profile"

// anonymous is the data class of everything that a survey asks.
const anonymous = "anon"

// definition writes the form of a survey: a page for each construct, then the open questions, then the
// profile. The profile comes last, so that nobody is asked who they are before they know what it is for.
func (b *bank) definition(f surveyDoc) ([]byte, error) {
	items, err1 := pick(b.items, f.Items, "item")
	open, err2 := pick(b.open, f.Open, "open question")
	profile, err3 := pick(b.profile, f.Profile, "profile question")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	if _, err := pick(b.constructs, f.Single, "construct"); err != nil {
		return nil, err
	}
	byConstruct, err := pages(items)
	if err != nil {
		return nil, err
	}
	d := definition{
		Settings: settings{FormID: f.Key, Version: f.Version, Title: f.Title, DefaultLanguage: "de"},
		Choices:  map[string][]entry{},
	}
	for _, page := range byConstruct {
		d.Survey = append(d.Survey, b.constructPage(page, f.Single))
	}
	if len(open) > 0 {
		d.Survey = append(d.Survey, b.openPage(open))
	}
	if len(profile) > 0 {
		d.Survey = append(d.Survey, profilePage(profile, d.Choices))
	}
	src, err := yaml.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("writing the form: %w", err)
	}
	return src, nil
}

// constructPage asks the items of one construct. Items on one scale are a matrix, named by their stem;
// items of different scales stand one below the other. Of the constructs in single the items stand for
// themselves.
func (b *bank) constructPage(items []itemDoc, single []string) node {
	c := b.constructs[items[0].Construct]
	page := node{Type: "group", Name: pageName(c.Key), Label: c.text()}
	var asked []node
	for _, it := range items {
		n := node{
			Type: "select_one " + it.Scale, Name: it.Key, Label: it.text(),
			Class: anonymous, Scale: it.Scale, Reversed: it.Reversed,
		}
		if !c.Single && !slices.Contains(single, c.Key) {
			n.Construct = c.Key
		}
		asked = append(asked, n)
	}
	if !oneScale(items) {
		page.Children = asked
		return page
	}
	matrix := node{Type: "group", Name: "matrix_" + c.Key, Label: c.text(), Appearance: "table-list", Children: asked}
	if stem, ok := b.stems[items[0].Scale]; ok {
		matrix.Label = stem.text()
	}
	page.Children = []node{matrix}
	return page
}

func oneScale(items []itemDoc) bool {
	for _, it := range items {
		if it.Scale != items[0].Scale {
			return false
		}
	}
	return true
}

func (b *bank) openPage(open []openDoc) node {
	page := node{Type: "group", Name: "page_open", Label: lang.Text{DE: "In Ihren Worten", EN: "In your own words"}}
	hint := b.openHint.text()
	for _, o := range open {
		page.Children = append(page.Children, node{
			Type: "text", Name: o.Key, Label: o.text(), Hint: &hint,
			Appearance: "multiline", MaxLength: freeText, Class: anonymous,
		})
	}
	return page
}

func profilePage(profile []profileDoc, choices map[string][]entry) node {
	page := node{Type: "group", Name: ProfilePage, Label: lang.Text{DE: "Zu Ihnen", EN: "About you"}}
	for _, p := range profile {
		for _, o := range p.Options {
			choices[p.Key] = append(choices[p.Key], entry{o.Name, o.text()})
		}
		page.Children = append(page.Children, node{
			Type: "select_one " + p.Key, Name: p.Key, Label: p.text(), Class: anonymous,
		})
	}
	return page
}
