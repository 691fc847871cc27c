package walk

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Form is a form as it stands on a page: what a browser would send.
type Form struct {
	Values  url.Values          // what is filled in now
	Options map[string][]string // for radios, checkboxes and selects: what can be chosen
	Buttons []string            // name=value of each submit button, in order
	action  string
	method  string
	first   string
}

// Form gives the form whose action contains part, or that has a field of that
// name; "" gives the first one inside main.
func (p *Page) Form(part string) (*Form, error) {
	var forms []*html.Node
	walkNodes(p.Doc, func(n *html.Node) bool {
		if n.Type == html.ElementNode && n.Data == "form" && inMain(n) {
			forms = append(forms, n)
		}
		return true
	})
	for _, n := range forms {
		f := p.read(n)
		_, field := f.Values[part]
		_, option := f.Options[part]
		if part == "" || strings.Contains(f.action, part) || field || option || slices.ContainsFunc(f.Buttons, func(b string) bool { return strings.HasPrefix(b, part+"=") || b == part }) {
			return f, nil
		}
	}
	return nil, fmt.Errorf("no form %q on %s (%d, %q)", part, p.URL, p.Status, p.Title())
}

func inMain(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && n.Data == "main" {
			return true
		}
	}
	return false
}

func (p *Page) read(n *html.Node) *Form {
	f := &Form{Values: url.Values{}, Options: map[string][]string{}, method: http.MethodPost}
	if !strings.EqualFold(attr(n, "method"), "post") {
		f.method = http.MethodGet
	}
	action, err := p.URL.Parse(attr(n, "action"))
	if err != nil {
		action = p.URL
	}
	if f.method == http.MethodGet {
		action.RawQuery = ""
	}
	f.action = action.String()
	walkNodes(n, func(n *html.Node) bool {
		if n.Type == html.ElementNode && !has(n, "disabled") {
			f.field(n)
		}
		return true
	})
	if len(f.Buttons) > 0 {
		f.first = f.Buttons[0]
	}
	return f
}

func (f *Form) field(n *html.Node) {
	name := attr(n, "name")
	switch n.Data {
	case "button":
		if t := attr(n, "type"); t == "" || t == "submit" {
			f.Buttons = append(f.Buttons, name+"="+attr(n, "value"))
		}
	case "textarea":
		text := ""
		if n.FirstChild != nil {
			text = n.FirstChild.Data
		}
		f.Values.Add(name, strings.ReplaceAll(text, "\n", "\r\n"))
	case "select":
		f.choices(n, name)
	case "input":
		f.input(n, name)
	}
}

func (f *Form) input(n *html.Node, name string) {
	value := attr(n, "value")
	switch attr(n, "type") {
	case "submit":
		f.Buttons = append(f.Buttons, name+"="+value)
	case "radio", "checkbox":
		if value == "" && !has(n, "value") {
			value = "on"
		}
		f.Options[name] = append(f.Options[name], value)
		if has(n, "checked") {
			f.Values.Add(name, value)
		}
	default:
		if name != "" {
			f.Values.Add(name, value)
		}
	}
}

func (f *Form) choices(n *html.Node, name string) {
	chosen, first := "", ""
	walkNodes(n, func(o *html.Node) bool {
		if o.Type == html.ElementNode && o.Data == "option" {
			value := attr(o, "value")
			f.Options[name] = append(f.Options[name], value)
			if len(f.Options[name]) == 1 {
				first = value
			}
			if has(o, "selected") {
				chosen = value
			}
		}
		return true
	})
	if chosen == "" {
		chosen = first
	}
	f.Values.Set(name, chosen)
}

// Set fills a field in. A field that is not on the form, or a choice that it
// does not offer, is an error: a person could not do that either.
func (f *Form) Set(name string, values ...string) error {
	if options, ok := f.Options[name]; ok {
		for _, v := range values {
			if !slices.Contains(options, v) {
				return fmt.Errorf("%s offers %v, not %s", name, options, v)
			}
		}
		f.Values[name] = values
		return nil
	}
	if _, ok := f.Values[name]; !ok {
		return fmt.Errorf("no field %s on the form at %s", name, f.action)
	}
	f.Values[name] = values
	return nil
}

// Has reports whether the form has a field of that name.
func (f *Form) Has(name string) bool {
	_, field := f.Values[name]
	_, option := f.Options[name]
	return field || option
}
