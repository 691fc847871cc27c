package check

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"kokoma/shared/app"
	"kokoma/shared/table/tabletest"
)

// template is what the tests need of a SAM template; tags such as !Ref are kept
// as "Ref x" by intrinsic.
type template struct {
	Parameters map[string]any
	Rules      map[string]any
	Resources  map[string]resource
}

type resource struct {
	Type       string
	Properties properties
}

type properties struct {
	CodeURI  string              `yaml:"CodeUri"`
	Events   map[string]event    `yaml:"Events"`
	Policies []policy            `yaml:"Policies"`
	Location string              `yaml:"Location"`
	Stream   map[string]string   `yaml:"StreamSpecification"`
	Recovery map[string]bool     `yaml:"PointInTimeRecoverySpecification"`
	Keys     []map[string]string `yaml:"KeySchema"`
	Indexes  []index             `yaml:"GlobalSecondaryIndexes"`
	TTL      struct {
		AttributeName string
		Enabled       bool
	} `yaml:"TimeToLiveSpecification"`
}

type index struct {
	IndexName  string
	Projection struct {
		ProjectionType   string
		NonKeyAttributes []string
	}
}

type event struct {
	Type       string
	Properties map[string]any
}

type policy struct {
	Statement []statement
}

type statement struct {
	Effect   string
	Action   []string
	Resource []any
}

func load(t *testing.T, name string) template {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(raw, &root); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	intrinsic(&root)
	var out template
	if err := root.Decode(&out); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// intrinsic turns CloudFormation's short tags into plain strings: !Ref X -> "Ref X".
func intrinsic(n *yaml.Node) {
	if tag := strings.TrimPrefix(n.Tag, "!"); n.Tag != "" && !strings.HasPrefix(n.Tag, "!!") {
		n.Tag = "!!str"
		if n.Kind != yaml.ScalarNode {
			n.Kind, n.Value, n.Content = yaml.ScalarNode, "", nil
		}
		n.Value = tag + " " + n.Value
	}
	for _, c := range n.Content {
		intrinsic(c)
	}
}

func functions(t *testing.T, tm template) map[string]resource {
	t.Helper()
	out := map[string]resource{}
	for name, r := range tm.Resources {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		zip := strings.TrimSuffix(filepath.Base(r.Properties.CodeURI), ".zip")
		if want := strings.ToUpper(zip[:1]) + zip[1:] + "Function"; name != want {
			t.Errorf("%s takes %s: its name should be %s", name, r.Properties.CodeURI, want)
		}
		out[zip] = r
	}
	return out
}

func TestEachFunctionIsInTheTemplate(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("../../functions/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) != 8 {
		t.Errorf("%d functions found, want 8", len(dirs))
	}
	in := functions(t, load(t, "template.yaml"))
	var code []string
	for _, d := range dirs {
		name := filepath.Base(filepath.Dir(d))
		code = append(code, name)
		if _, ok := in[name]; !ok {
			t.Errorf("functions/%s is not in template.yaml", name)
		}
		samples, err := filepath.Glob("../../events/" + name + "-*.json")
		if err != nil || len(samples) == 0 {
			t.Errorf("functions/%s has no sample event", name)
		}
	}
	for name := range in {
		if !slices.Contains(code, name) {
			t.Errorf("template.yaml has %s, functions/ has not", name)
		}
	}
}

// TestEachRouteIsInTheTemplate compares both ways: a pattern of the code meets
// exactly the function of its noun at the gateway, in both languages, and every
// route of the gateway is there for some pattern.
func TestEachRouteIsInTheTemplate(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	gateway := map[string]string{} // path -> function
	for name, r := range functions(t, load(t, "template.yaml")) {
		for _, e := range r.Properties.Events {
			if e.Type == "HttpApi" {
				path, _ := e.Properties["Path"].(string)
				if other, twice := gateway[path]; twice {
					t.Errorf("%s leads to %s and %s", path, other, name)
				}
				gateway[path] = name
			}
		}
	}
	for noun, patterns := range routes(t) {
		for _, pattern := range patterns {
			_, path, _ := strings.Cut(pattern, " ")
			for _, prefix := range []string{"", "/en"} {
				if prefix != "" && (noun == "site" || path == "/healthz") {
					continue
				}
				route := atGateway(gateway, sample(prefix+path))
				if gateway[route] != nounOf(noun) {
					t.Errorf("%s %s%s reaches %q by route %q at the gateway", noun, prefix, path, gateway[route], route)
				}
				used[route] = true
			}
		}
	}
	for path, name := range gateway {
		if !used[path] && path != "/en" {
			t.Errorf("%s leads to %s, but the code serves nothing there", path, name)
		}
	}
}

func routes(t *testing.T) map[string][]string {
	t.Helper()
	a, err := app.New(app.Deps{
		Table: tabletest.New(t), LinkKeys: map[int][]byte{1: make([]byte, 32)}, LinkKey: 1,
		Base: "https://kokoma.example", Office: "servicestelle@example.org", Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return a.Routes()
}

// nounOf says which function serves what belongs to no noun.
func nounOf(noun string) string {
	if noun == "site" {
		return "intake"
	}
	return noun
}

// sample makes an address of a pattern: /s/{token} -> /s/x.
func sample(pattern string) string {
	parts := strings.Split(strings.TrimSuffix(pattern, "{$}"), "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") {
			parts[i] = "x"
		}
	}
	return strings.Join(parts, "/")
}

// atGateway picks the route as an HTTP API does: a full match first, then the
// longest {proxy+}.
func atGateway(routes map[string]string, path string) string {
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
	return best
}

func TestTablesAreAsThePrivacyRulesSay(t *testing.T) {
	t.Parallel()
	data := load(t, "infra/data.yaml").Resources
	mainTable, answers := data["MainTable"].Properties, data["AnswersTable"].Properties
	if mainTable.Stream["StreamViewType"] == "" || !mainTable.Recovery["PointInTimeRecoveryEnabled"] {
		t.Errorf("the main table needs its stream and point-in-time recovery: %+v", mainTable)
	}
	if answers.Stream != nil || answers.Recovery != nil || len(answers.Indexes) > 0 {
		t.Errorf("the answers table must have neither stream nor recovery nor index: %+v", answers)
	}
	for _, p := range []properties{mainTable, answers} {
		if p.TTL.AttributeName != "ttl" || !p.TTL.Enabled || len(p.Keys) != 2 {
			t.Errorf("a table lacks expiry or its two keys: %+v", p)
		}
	}
	want := map[string][]string{"due": {"k", "due_note"}, "by": {"k", "by_note"}}
	for _, i := range mainTable.Indexes {
		if i.Projection.ProjectionType != "INCLUDE" || !slices.Equal(i.Projection.NonKeyAttributes, want[i.IndexName]) {
			t.Errorf("index %s projects %v, the table door reads %v", i.IndexName, i.Projection, want[i.IndexName])
		}
	}
	if len(mainTable.Indexes) != len(want) {
		t.Errorf("%d indexes, want %d", len(mainTable.Indexes), len(want))
	}
}

func TestNoPolicyIsWide(t *testing.T) {
	t.Parallel()
	for name, r := range functions(t, load(t, "template.yaml")) {
		for _, p := range r.Properties.Policies {
			for _, s := range p.Statement {
				for _, a := range s.Action {
					if strings.Contains(a, "*") || a == "dynamodb:TransactWriteItems" {
						t.Errorf("%s may %s: name the single actions", name, a)
					}
				}
				if slices.Contains(s.Resource, any("*")) {
					t.Errorf("%s may %v on everything", name, s.Action)
				}
			}
		}
	}
}
