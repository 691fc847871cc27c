package sam

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kokoma/shared/app"
	"kokoma/shared/aws/dynamo"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
)

func load(t *testing.T, name string) Template {
	t.Helper()
	out, err := Load(os.DirFS("../.."), name)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEachFunctionIsInTheTemplate(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("../../functions/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) != 9 {
		t.Errorf("%d functions found, want 9", len(dirs))
	}
	in := load(t, "template.yaml").Functions()
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
	gateway := load(t, "template.yaml").Gateway()
	for noun, patterns := range routes(t) {
		for _, pattern := range patterns {
			_, path, _ := strings.Cut(pattern, " ")
			for _, prefix := range []string{"", "/en"} {
				if prefix != "" && (noun == "site" || path == "/healthz") {
					continue
				}
				route := Route(gateway, sample(prefix+path))
				if route == Default || gateway[route] != nounOf(noun) {
					t.Errorf("%s %s%s reaches %q by route %q at the gateway", noun, prefix, path, gateway[route], route)
				}
				used[route] = true
			}
		}
	}
	for path, name := range gateway {
		if !used[path] && path != "/en" && path != Default {
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
	for _, p := range []Properties{mainTable, answers} {
		if p.TTL.AttributeName != "ttl" || !p.TTL.Enabled || len(p.Keys) != 2 {
			t.Errorf("a table lacks expiry or its two keys: %+v", p)
		}
	}
	want := map[string][]string{}
	for _, ix := range []table.Index{table.Due, table.By} {
		want[dynamo.IndexName(ix)] = dynamo.Project(ix)
	}
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
	for name, r := range load(t, "template.yaml").Functions() {
		for _, p := range r.Policies {
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
