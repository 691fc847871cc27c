package markup_test

import (
	"fmt"
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/mail/markup"
)

func values(name string) string {
	return map[string]string{"a": "Anna", "url": "https://example.org/x", "evil": "**b** {{a}} [[c]] <i>", "date": "7.\u00a0April"}[name]
}

func TestTextsTakeTheirValues(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"Guten Tag {{a}}!":                   `[[{Guten Tag Anna! false }]]`,
		"Guten\n  Tag":                       `[[{Guten Tag false }]]`,
		"eins\n\nzwei\n \t\n\ndrei":          `[[{eins false }] [{zwei false }] [{drei false }]]`,
		"**{{a}}** und *":                    `[[{Anna true } { und * false }]]`,
		"x[[ ({{a}})]].":                     `[[{x (Anna). false }]]`,
		"x[[ ({{none}})]].":                  `[[{x. false }]]`,
		"[[{{a}}[[, {{none}}]] – oder ]]wir": `[[{Anna – oder wir false }]]`,
		"[[{{none}}]]\n\nzwei":               `[[{zwei false }]]`,
		"[zum **Ziel**]({{url}})":            `[[{zum Ziel false https://example.org/x}]]`,
		"[[oder [hier]({{none}})]]nein":      `[[{nein false }]]`,
		"{{evil}}":                           `[[{**b** {{a}} [[c]] <i> false }]]`,
	} {
		text, err := markup.Parse(src)
		if err != nil {
			t.Errorf("Parse(%q): %v", src, err)
			continue
		}
		got, err := text.Fill(values)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q becomes %v, %v, want %s", src, got, err, want)
		}
	}
}

func TestTextsWithoutTheirValuesAreErrors(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"{{none}}", "x **{{none}}**", "[hier]({{none}})", "[{{none}}]({{url}})"} {
		text, err := markup.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := text.Fill(values); err == nil || !strings.Contains(err.Error(), "{{none}}") {
			t.Errorf("%q becomes %v, %v", src, got, err)
		}
	}
}

func TestBrokenMarkupIsNamed(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"{{a": "a parameter is written", "{{A}}": "small letters", "{{}}": "small letters", "{a}": "no partner",
		"a ]] b": "no partner", "[[a": `"]]" is missing`, "**a": "second **", "[a]": "no partner", "[a": `"](" is missing`, "[a](url)": "a parameter is written",
		"[a]({{url}}": "a link is written", "a } b": "no partner",
	} {
		if text, err := markup.Parse(src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, %v, want an error with %q", src, text, err, want)
		}
	}
}

func TestParamsSaysWhichMayBeMissing(t *testing.T) {
	t.Parallel()
	text, err := markup.Parse("{{b}} [[{{c}} [x]({{u}})]] {{a}} [y]({{v}})\n\n{{b}}")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(text.Params()); got != "[a b c? u? v]" {
		t.Errorf("Params() = %s", got)
	}
}

func TestLinesAreBrokenAtBlanksAlone(t *testing.T) {
	t.Parallel()
	long := "https://example.org/" + strings.Repeat("x", 100)
	d := markup.Document{Lang: lang.DE, Subject: "s", Blocks: []markup.Block{
		markup.Paragraph([]markup.Span{{Text: strings.Repeat("ä ", 33) + "am 7.\u00a0April\u00a02026 "}, {Text: "hier", URL: long}}),
	}}
	want := strings.TrimSpace(strings.Repeat("ä ", 33)) + " am\n7. April 2026 hier:\n" + long + "\n"
	if got := d.Text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	page, err := d.HTML()
	if err != nil || strings.Contains(page, "\u00a0") || !strings.Contains(page, "am 7. April 2026 <a href=\""+long+"\">hier</a>") {
		t.Errorf("HTML: %v\n%s", err, page)
	}
}
