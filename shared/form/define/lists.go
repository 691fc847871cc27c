package define

import (
	_ "embed"
	"sync"

	"kokoma/shared/lang"

	"go.yaml.in/yaml/v3"
)

// List is a choice list.
type List struct {
	Name    string
	Label   lang.Text // what it lists; zero for a form's own lists
	Choices []Choice
}

// Choice finds an answer by its name.
func (l List) Choice(name string) (Choice, bool) {
	for _, c := range l.Choices {
		if c.Name == name {
			return c, true
		}
	}
	return Choice{}, false
}

//go:embed lists.yaml
var listsYAML []byte

// Lists are the choice lists that every definition may name: the OL-… lists
// of the domain, its scales, and YN. They are shared; nobody changes them.
var Lists = sync.OnceValues(func() (map[string]List, error) {
	r := &yamlReader{Report: &Report{File: "lists.yaml"}}
	root, ok := r.document(listsYAML)
	if !ok {
		return nil, r.Err()
	}
	lists := map[string]List{}
	for i := 0; root.Kind == yaml.MappingNode && i < len(root.Content); i += 2 {
		list := List{Name: root.Content[i].Value}
		r.mapping(root.Content[i+1], Say("define.list", list.Name), map[string]take{
			"label":   r.text("label", &list.Label),
			"choices": func(n *yaml.Node) { list.Choices = r.choices(n, list.Name) },
		})
		lists[list.Name] = list
	}
	return lists, r.Err()
})
