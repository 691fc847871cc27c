package dynamo

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kokoma/shared/table"
)

// expression collects the names and values that the parts of one request
// mention. Names are never written out: some of them are DynamoDB's own words.
type expression struct {
	names  map[string]string
	values attributes
}

func (e *expression) name(attr string) string {
	if e.names == nil {
		e.names = make(map[string]string)
	}
	short := "#" + attr
	if counter, ok := strings.CutPrefix(attr, "n_"); ok {
		short = "#n" + strconv.Itoa(e.counter(counter))
	}
	e.names[short] = attr
	return short
}

// counter numbers the counters, whose names may have any character.
func (e *expression) counter(name string) int {
	n := 0
	for short, attr := range e.names {
		if !strings.HasPrefix(attr, "n_") {
			continue
		}
		if attr == "n_"+name {
			known, _ := strconv.Atoi(short[len("#n"):])
			return known
		}
		n++
	}
	return n
}

func (e *expression) value(v types.AttributeValue) string {
	if e.values == nil {
		e.values = make(attributes)
	}
	short := ":" + strconv.Itoa(len(e.values))
	e.values[short] = v
	return short
}

// condition writes the conditions of an operation, nil when it has none.
func (e *expression) condition(op table.Op, now time.Time) *string {
	var all []string
	live := op.Verb == table.Updating || len(op.Conds) > 0
	for _, c := range op.Conds {
		all = append(all, e.one(c)...)
		live = live && c.Want != table.WantAbsent
	}
	if live {
		ttl := e.name("ttl")
		all = append(all, "(attribute_not_exists("+ttl+") OR "+ttl+" > "+e.value(number(now.Unix()))+")")
	}
	if len(all) == 0 {
		return nil
	}
	return aws.String(strings.Join(all, " AND "))
}

func (e *expression) one(c table.Cond) []string {
	switch c.Want {
	case table.WantAbsent:
		return []string{"attribute_not_exists(" + e.name("pk") + ")"}
	case table.WantExists:
		return []string{"attribute_exists(" + e.name("pk") + ")"}
	case table.WantVersion:
		if c.N == 0 {
			return []string{"attribute_not_exists(" + e.name("v") + ")"}
		}
		return []string{e.name("v") + " = " + e.value(number(c.N))}
	case table.WantCounter:
		return []string{e.compare(c, " = ", c.N == 0)}
	case table.WantBelow:
		return []string{e.compare(c, " < ", c.N > 0)}
	}
	return []string{
		e.same("due_pk", c.Place.PK), e.same("due_sk", c.Place.SK), e.same("due_note", c.Place.Note),
	}
}

func (e *expression) compare(c table.Cond, operator string, orNone bool) string {
	counter := e.name("n_" + c.Name)
	s := counter + operator + e.value(number(c.N))
	if orNone {
		s = "(attribute_not_exists(" + counter + ") OR " + s + ")"
	}
	return s
}

func (e *expression) same(attr, s string) string {
	if s == "" {
		return "attribute_not_exists(" + e.name(attr) + ")"
	}
	return e.name(attr) + " = " + e.value(text(s))
}

// update writes a change as an update expression.
func (e *expression) update(ch table.Change) *string {
	var set, remove, add []string
	put := func(attr string, v types.AttributeValue, there bool) {
		if there {
			set = append(set, e.name(attr)+" = "+e.value(v))
			return
		}
		remove = append(remove, e.name(attr))
	}
	place := func(index string, p *table.Place) {
		if p != nil {
			put(index+"_pk", text(p.PK), p.PK != "")
			put(index+"_sk", text(p.SK), p.SK != "")
			put(index+"_note", text(p.Note), p.Note != "")
		}
	}
	if ch.Body != nil {
		put("b", text(string(ch.Body)), len(ch.Body) > 0)
	}
	if ch.Version != 0 {
		put("v", number(ch.Version), true)
	}
	if ch.Kind != "" {
		put("k", text(ch.Kind), true)
	}
	if ch.Expires != nil {
		put("ttl", number(ch.Expires.Unix()), !ch.Expires.IsZero())
	}
	place("due", ch.Due)
	place("by", ch.By)
	for _, name := range slices.Sorted(maps.Keys(ch.Add)) {
		add = append(add, e.name("n_"+name)+" "+e.value(number(ch.Add[name])))
	}
	return aws.String(strings.TrimSpace(clause("SET ", set) + clause("REMOVE ", remove) + clause("ADD ", add)))
}

func clause(word string, parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return word + strings.Join(parts, ", ") + " "
}
