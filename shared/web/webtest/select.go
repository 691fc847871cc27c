package webtest

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Element is a part of a page that a selector found.
type Element struct{ node *html.Node }

// All finds the elements of a page that a selector names: tag, .class, #id,
// [name] and [name=value], put together, and after a space below one another.
func (r *Response) All(selector string) []Element {
	root, err := html.Parse(strings.NewReader(r.Body))
	if err != nil {
		return nil // a strings.Reader does not fail, and all else is HTML
	}
	return Element{root}.All(selector)
}

// All finds elements within the element.
func (e Element) All(selector string) []Element {
	found := []*html.Node{e.node}
	for part := range strings.FieldsSeq(selector) {
		var next []*html.Node
		for _, n := range found {
			for d := range n.Descendants() {
				if matches(d, part) && !slices.Contains(next, d) {
					next = append(next, d)
				}
			}
		}
		found = next
	}
	var out []Element
	for _, n := range found {
		out = append(out, Element{n})
	}
	return out
}

// Attr is an attribute, "" when it is not there.
func (e Element) Attr(name string) string {
	for _, a := range e.node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Text is what stands in the element, in one line.
func (e Element) Text() string {
	var words []string
	for n := range e.node.Descendants() {
		if n.Type == html.TextNode {
			words = append(words, strings.Fields(n.Data)...)
		}
	}
	return strings.Join(words, " ")
}

var simple = regexp.MustCompile(`([.#]?)([\w-]+)|\[([\w-]+)(?:=([^\]]*))?\]`)

func matches(n *html.Node, selector string) bool {
	if n.Type != html.ElementNode {
		return false
	}
	e := Element{n}
	for _, m := range simple.FindAllStringSubmatch(selector, -1) {
		ok := false
		switch {
		case m[3] != "":
			ok = slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == m[3] && (m[4] == "" || a.Val == m[4]) })
		case m[1] == ".":
			ok = slices.Contains(strings.Fields(e.Attr("class")), m[2])
		case m[1] == "#":
			ok = e.Attr("id") == m[2]
		default:
			ok = n.Data == m[2]
		}
		if !ok {
			return false
		}
	}
	return true
}
