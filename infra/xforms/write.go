package main

import (
	"fmt"
	"strconv"
	"strings"
)

// Pieces of definitions.

const lists = `choices:
  colour: [{name: red, label: {de: Rot, en: Red}}, {name: green, label: {de: Grün, en: Green}}, {name: blue, label: {de: Blau, en: Blue}}]
  grade: [{name: "1", label: {de: eins, en: one}}, {name: "2", label: {de: zwei, en: two}}, {name: "10", label: {de: zehn, en: ten}}]
  region: [{name: north, label: {de: Nord, en: North}}, {name: south, label: {de: Süd, en: South}}]
  town:
    - {name: hafen, label: {de: Hafenstadt, en: Harbour}, attributes: {area: north, people: "900"}}
    - {name: duene, label: {de: Dünendorf, en: Dunes}, attributes: {area: north, people: "40"}}
    - {name: alm, label: {de: Almdorf, en: Alp}, attributes: {area: south, people: "70"}}
    - {name: tal, label: {de: Talstadt, en: Valley}, attributes: {area: south, people: "1200"}}
`

// definition puts the lists that are used in front of the questions.
func definition(survey string) string {
	used := "choices:\n"
	for _, block := range strings.Split(strings.TrimPrefix(lists, "choices:\n"), "\n  ") {
		name, _, _ := strings.Cut(strings.TrimSpace(block), ":")
		if strings.HasPrefix(strings.TrimSpace(block), "- ") {
			name = "town"
		}
		if strings.Contains(survey, "select_one "+name) || strings.Contains(survey, "select_multiple "+name) || strings.Contains(survey, "rank "+name) {
			used += "  " + strings.TrimPrefix(block, "  ") + "\n"
		}
	}
	if used == "choices:\n" {
		used = ""
	}
	return head + used + "survey:\n" + survey
}

// q is a question; more are further keys with their values.
func q(kind, name string, more ...string) string {
	s := fmt.Sprintf("- {type: %s, name: %s, label: {de: %[2]s, en: %[2]s}", kind, name)
	for i := 0; i+1 < len(more); i += 2 {
		s += fmt.Sprintf(", %s: %s", more[i], strconv.Quote(more[i+1]))
		if more[i] == "constraint" {
			s += ", constraint_message: {de: falsch, en: wrong}"
		}
	}
	return s + "}\n"
}

func calc(name, expression string, more ...string) string {
	s := fmt.Sprintf("- {type: calculate, name: %s, calculation: %s", name, strconv.Quote(expression))
	for i := 0; i+1 < len(more); i += 2 {
		s += fmt.Sprintf(", %s: %s", more[i], strconv.Quote(more[i+1]))
	}
	return s + "}\n"
}

// block is a group or a repeat around what stands in it.
func block(kind, name, inner string, more ...string) string {
	s := fmt.Sprintf("- type: %s\n  name: %s\n  label: {de: %[2]s, en: %[2]s}\n", kind, name)
	for i := 0; i+1 < len(more); i += 2 {
		s += fmt.Sprintf("  %s: %s\n", more[i], strconv.Quote(more[i+1]))
	}
	s += "  children:\n"
	for line := range strings.Lines(inner) {
		s += "    " + line
	}
	return s
}
