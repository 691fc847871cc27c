package workbook

import (
	"regexp"
	"strings"
)

// selects are the ways in which workbooks write the types with a list, longer
// ones before those that they begin with.
var selects = []struct{ written, means string }{
	{"add select multiple prompt using", "select_multiple"},
	{"add select one prompt using", "select_one"},
	{"select multiple from file", "select_multiple_from_file"},
	{"select all that apply from", "select_multiple"},
	{"select one from file", "select_one_from_file"},
	{"select all that apply", "select_multiple"},
	{"select multiple from", "select_multiple"},
	{"select one external", "select_one_external"},
	{"rank from file", "rank_from_file"},
	{"select multiple", "select_multiple"},
	{"select one from", "select_one"},
	{"select one", "select_one"},
	{"select1", "select_one"},
	{"rank", "rank"},
}

// plainTypes are the other spellings of types.
var plainTypes = map[string]string{
	"int": "integer", "string": "text", "date time": "datetime", "trigger": "acknowledge", "photo": "image",
}

var (
	bracket = regexp.MustCompile(`^(begin|end)[ _](group|lgroup|looped[ _]group|repeat|loop)( .*)?$`)
	prompt  = regexp.MustCompile(`^(?:add (.+) prompt|q (.+))$`)
	other   = regexp.MustCompile(`(?i) (or specify other|or other|or_other)$`)
)

// typed is a type taken apart.
type typed struct {
	begin, end bool
	name       string // as package define has it: "select_one yn or_other", "group"
}

// readType understands a type as workbooks write it. What is not known stays
// as it is, for package model to say so.
func readType(written string) typed {
	s := strings.Join(strings.Fields(written), " ")
	low := strings.ToLower(s)
	if m := bracket.FindStringSubmatch(low); m != nil {
		return typed{begin: m[1] == "begin", end: m[1] == "end", name: around(m[2])}
	}
	loose := strings.ReplaceAll(low, "_", " ")
	for _, sel := range selects {
		if rest, ok := strings.CutPrefix(loose, sel.written); ok && (rest == "" || rest[0] == ' ') && len(loose) == len(s) {
			return typed{name: sel.means + other.ReplaceAllString(s[len(sel.written):], " or_other")}
		}
	}
	if m := prompt.FindStringSubmatch(loose); m != nil {
		loose = m[1] + m[2]
		low = strings.ReplaceAll(loose, " ", "_")
	}
	if name, ok := plainTypes[loose]; ok {
		return typed{name: name}
	}
	return typed{name: low}
}

// loop is pyxform's group for each choice of a list.
const loop = "loop"

// around is the type of what stands around questions.
func around(written string) string {
	switch written {
	case "group":
		return "group"
	case loop:
		return loop
	}
	return "repeat"
}
