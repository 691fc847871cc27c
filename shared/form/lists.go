package form

import (
	_ "embed"
	"maps"
	"sync"

	"kokoma/shared/lang"

	"go.yaml.in/yaml/v3"
)

//go:embed lists.yaml
var listsYAML []byte

var shippedLists = sync.OnceValues(func() (map[string]List, error) { return readLists("lists.yaml", listsYAML) })

// Lists are the choice lists that every definition may name: the OL-… lists
// of the domain, its scales, and YN.
func Lists() map[string]List {
	lists, _ := shippedLists() // a test reads the file
	return maps.Clone(lists)
}

func readLists(file string, src []byte) (map[string]List, error) {
	l := &loader{file: file}
	root, ok := l.document(src)
	if !ok {
		return nil, l.sorted()
	}
	lists := map[string]List{}
	for i := 0; root.Kind == yaml.MappingNode && i < len(root.Content); i += 2 {
		name := root.Content[i].Value
		var label lang.Text
		var choices []choice
		l.mapping(root.Content[i+1], "the list "+name, map[string]reader{
			"label":   l.text("label", &label),
			"choices": func(n *yaml.Node) { choices = l.choices(n, name) },
		})
		lists[name] = List{Name: name, Label: label, Choices: published(choices)}
	}
	return lists, l.sorted()
}

func published(cs []choice) []Choice {
	out := make([]Choice, len(cs))
	for i, c := range cs {
		out[i] = Choice(c)
	}
	return out
}

func drafted(cs []Choice) []choice {
	out := make([]choice, len(cs))
	for i, c := range cs {
		out[i] = choice(c)
	}
	return out
}
