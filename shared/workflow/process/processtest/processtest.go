// Package processtest writes small processes for tests.
package processtest

import (
	"fmt"
	"strings"
	"testing/fstest"
)

const sameForm = `
form:
  choices:
    state:
      - {name: open, label: {de: "offen", en: "open"}}
      - {name: kept, label: {de: "eingehalten", en: "kept"}}
      - {name: broken, label: {de: "gebrochen", en: "broken"}}
  survey:
    - {type: text, name: word, label: {de: "Wort", en: "Word"}, required: "yes", x_class: org}
    - {type: text, name: mail, label: {de: "Mail", en: "Mail"}, x_class: org}
    - {type: text, name: why, label: {de: "Warum", en: "Why"}, x_class: org}
    - {type: date, name: next_on, label: {de: "Nächstes Mal", en: "Next time"}, x_class: org}
    - {type: text, name: questions_to_municipality, label: {de: "Fragen", en: "Questions"}, x_class: org}
    - type: repeat
      name: rows
      label: {de: "Zeilen", en: "Rows"}
      children:
        - {type: text, name: row_text, label: {de: "Text", en: "Text"}, required: "yes", x_class: case}
        - {type: select_one state, name: row_state, label: {de: "Stand", en: "State"}, x_class: case}
        - {type: date, name: row_due, label: {de: "Prüfung", en: "Review"}, x_class: case}
`

// Files are the files of a process that is written with a step a line: its key,
// then keys of a step file divided by semicolons. What is not said is filled in,
// and all steps but O01 have the same form.
func Files(text string) fstest.MapFS {
	files := fstest.MapFS{}
	for line := range strings.Lines(text) {
		key, keys, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		src := fmt.Sprintf("key: %s\nphase: %s\ntitle: {de: \"Schritt %[1]s\", en: \"Step %[1]s\"}\nasks: {de: \"Bitte.\", en: \"Please.\"}\n", key, key[:1])
		for _, k := range append(strings.Split(keys, ";"), "acts: [FED]", "due_wt: 10") {
			name, _, ok := strings.Cut(strings.TrimSpace(k), ":")
			if ok && !strings.Contains(src, "\n"+name+":") {
				src += strings.TrimSpace(k) + "\n"
			}
		}
		if key != "O01" {
			src += sameForm[1:]
		}
		files[strings.ToLower(key)+".yaml"] = &fstest.MapFile{Data: []byte(src)}
	}
	return files
}
