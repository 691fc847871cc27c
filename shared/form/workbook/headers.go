package workbook

import (
	"regexp"
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/lang"
)

// fold brings names of sheets and columns to one spelling: lower case, words
// joined by underscores.
func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "_")) }

// purpose is what a sheet is for: survey, choices, settings, one that is
// refused, or "".
func purpose(name string) string {
	switch name = fold(name); name {
	case "survey", "choices", "settings", "external_choices", "entities", "osm":
		return name
	}
	return ""
}

// Spellings of columns, folded, beside the names of package define.
var (
	surveySpellings = map[string]string{
		"command": "type", "tag": "name", "value": "name", "caption": "label",
		"guidance": "guidance_hint", "relevance": "relevant", "calculate": "calculation",
		"read_only": "readonly", "count": "repeat_count", "jr:count": "repeat_count",
		"constraining_message": "constraint_message", "constraintmsg": "constraint_message", "jr:constraintmsg": "constraint_message",
		"requiredmsg": "required_message", "required_msg": "required_message", "jr:requiredmsg": "required_message",
		"choicefilter": "choice_filter", "repeatcount": "repeat_count",
	}
	choicesSpellings  = map[string]string{"listname": "list_name", "value": "name", "caption": "label"}
	settingsSpellings = map[string]string{
		"form_title": "title", "set_form_title": "title", "x_form_title": "title",
		"id_string": "form_id", "set_form_id": "form_id",
	}
)

// heading is a header taken apart: "label::English (en)".
type heading struct {
	key      string // "label"
	language string // "English (en)", "" for none
	written  string // as it stands there
}

// readHeading takes a header apart. Headers of old workbooks have one colon
// where newer ones have two; the prefixes bind, body and control say how
// pyxform writes a column, which does not matter here.
func readHeading(written string, spellings map[string]string, known func(string) bool) heading {
	h := heading{written: written}
	parts := headerParts(written)
	first := fold(parts[0])
	if len(parts) > 1 && (first == "bind" || first == "body" || first == "control") {
		if key := spelled(fold(parts[1]), spellings); known(key) {
			parts, first = parts[1:], key
		}
	}
	h.key = spelled(first, spellings)
	h.language = strings.Join(parts[1:], "::")
	return h
}

func spelled(key string, spellings map[string]string) string {
	if k, ok := spellings[key]; ok {
		return k
	}
	return key
}

func headerParts(written string) []string {
	if strings.Contains(written, "::") {
		return trimAll(strings.Split(written, "::"))
	}
	parts := trimAll(strings.Split(written, ":"))
	for i := 0; i+1 < len(parts); i++ {
		if strings.EqualFold(parts[i], "jr") {
			parts = append(append(parts[:i:i], "jr:"+parts[i+1]), parts[i+2:]...)
		}
	}
	return parts
}

func trimAll(parts []string) []string {
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
	}
	return parts
}

var languageCode = regexp.MustCompile(`^(?:.*\()?([a-z]{2,3})(?:[-_][a-z]+)?\)?$`)

// language is what a header calls German or English.
func language(name string) (l lang.Lang, ok bool) {
	name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	switch name {
	case "deutsch", "german", "ger", "deu", "de":
		return lang.DE, true
	case "englisch", "english", "eng", "en":
		return lang.EN, true
	}
	m := languageCode.FindStringSubmatch(name)
	if m == nil {
		return "", false
	}
	switch m[1] {
	case "de", "deu", "ger":
		return lang.DE, true
	case "en", "eng":
		return lang.EN, true
	}
	return "", false
}

// Own columns of a check: x_check_1_when.
var checkColumn = regexp.MustCompile(`^x_check_([1-9][0-9]?)_(when|level|message)$`)

// surveyKeys says which columns survey has, and which of them are texts.
var (
	surveyValues  = keysOf((&define.Question{}).Values())
	surveyTexts   = keysOf((&define.Question{}).Texts())
	surveyNumbers = keysOf((&define.Question{}).Numbers())
)

func keysOf[V any](of map[string]V) map[string]bool {
	out := map[string]bool{}
	for key := range of {
		out[key] = true
	}
	return out
}
