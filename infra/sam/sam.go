// Package sam reads template.yaml and its parts as far as tests compare them
// with the code: functions, routes, tables, and what each function may do.
// cfn-lint, where it is to be had, checks the rest.
package sam

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Template is what the tests need of a SAM template. Tags such as !Ref are kept
// as text: "Ref x".
type Template struct {
	Resources map[string]Resource `yaml:"Resources"`
}

type Resource struct {
	Type       string     `yaml:"Type"`
	Properties Properties `yaml:"Properties"`
}

type Properties struct {
	CodeURI  string              `yaml:"CodeUri"`
	Events   map[string]Event    `yaml:"Events"`
	Policies []Policy            `yaml:"Policies"`
	Location string              `yaml:"Location"`
	Stream   map[string]string   `yaml:"StreamSpecification"`
	Recovery map[string]bool     `yaml:"PointInTimeRecoverySpecification"`
	Keys     []map[string]string `yaml:"KeySchema"`
	Indexes  []Index             `yaml:"GlobalSecondaryIndexes"`
	TTL      struct {
		AttributeName string `yaml:"AttributeName"`
		Enabled       bool   `yaml:"Enabled"`
	} `yaml:"TimeToLiveSpecification"`
}

type Index struct {
	IndexName  string `yaml:"IndexName"`
	Projection struct {
		ProjectionType   string   `yaml:"ProjectionType"`
		NonKeyAttributes []string `yaml:"NonKeyAttributes"`
	} `yaml:"Projection"`
}

type Event struct {
	Type       string         `yaml:"Type"`
	Properties map[string]any `yaml:"Properties"`
}

type Policy struct {
	Statement []Statement `yaml:"Statement"`
}

type Statement struct {
	Action   []string `yaml:"Action"`
	Resource []any    `yaml:"Resource"`
}

// Load reads a template of the project whose folder is root.
func Load(root fs.FS, name string) (Template, error) {
	raw, err := fs.ReadFile(root, name)
	if err != nil {
		return Template{}, err
	}
	var node yaml.Node
	if err := yaml.Unmarshal(raw, &node); err != nil {
		return Template{}, fmt.Errorf("%s: %w", name, err)
	}
	intrinsic(&node)
	var out Template
	if err := node.Decode(&out); err != nil {
		return Template{}, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

// intrinsic turns CloudFormation's short tags into plain strings: !Ref X -> "Ref X".
func intrinsic(n *yaml.Node) {
	if tag := strings.TrimPrefix(n.Tag, "!"); n.Tag != "" && !strings.HasPrefix(n.Tag, "!!") {
		n.Tag = "!!str"
		if n.Kind != yaml.ScalarNode {
			n.Kind, n.Value, n.Content = yaml.ScalarNode, "", nil
		}
		n.Value = tag + " " + n.Value
		return
	}
	for _, c := range n.Content {
		intrinsic(c)
	}
}

// Functions are the functions of a template by the name of their zip.
func (t Template) Functions() map[string]Properties {
	out := map[string]Properties{}
	for _, r := range t.Resources {
		if r.Type == "AWS::Serverless::Function" {
			out[strings.TrimSuffix(path.Base(r.Properties.CodeURI), ".zip")] = r.Properties
		}
	}
	return out
}

// Default is the route of everything that no other route serves.
const Default = "$default"

// Gateway are the routes of the HTTP API and the function of each.
func (t Template) Gateway() map[string]string {
	out := map[string]string{}
	for name, f := range t.Functions() {
		for _, e := range f.Events {
			if e.Type != "HttpApi" {
				continue
			}
			route, ok := e.Properties["Path"].(string)
			if !ok {
				route = Default
			}
			out[route] = name
		}
	}
	return out
}

// Route picks the route of a path as an HTTP API does: a full match first, then
// the longest {proxy+}, then the default. It is "" when there is none.
func Route(routes map[string]string, path string) string {
	if _, ok := routes[path]; ok {
		return path
	}
	best := ""
	for r := range routes {
		prefix, greedy := strings.CutSuffix(r, "{proxy+}")
		if greedy && strings.HasPrefix(path, prefix) && len(path) > len(prefix) && len(r) > len(best) {
			best = r
		}
	}
	if _, ok := routes[Default]; ok && best == "" {
		return Default
	}
	return best
}
