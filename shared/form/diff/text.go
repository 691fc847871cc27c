package diff

import (
	"embed"
	"fmt"
	"strings"

	"kokoma/shared/lang"
)

//go:embed texts.yaml
var textFiles embed.FS

// texts are read when the first one is asked for; a test reads them all.
var texts = lang.Lazy(textFiles)

func say(key string, args ...any) lang.Text {
	return lang.Text{DE: texts.T(lang.DE, key, args...), EN: texts.T(lang.EN, key, args...)}
}

// plain is the same in both languages.
func plain(s string) lang.Text { return lang.Text{DE: s, EN: s} }

// Name says what sort of change it is.
func (k Kind) Name() lang.Text { return say("diff.kind." + string(k)) }

// Name says how much care it needs.
func (s Severity) Name() lang.Text { return say("diff.severity." + string(s)) }

// Drafts says what becomes of those who have begun.
func (r Report) Drafts() lang.Text { return say("diff.drafts", r.Old) }

// Text is the report for a command line.
func (r Report) Text(l lang.Lang) string {
	var out strings.Builder
	if len(r.Changes) == 0 {
		return texts.T(l, "diff.none") + "\n"
	}
	fmt.Fprintf(&out, "%s\n%s\n", texts.T(l, "diff.head", r.ID, r.Old, r.New, len(r.Changes)), r.Drafts().In(l))
	for _, c := range r.Changes {
		fmt.Fprintf(&out, "\n%s: %s\n", c.Severity.Name().In(l), c.head(l))
		for _, line := range []struct{ sign, text string }{{"-", c.Before.In(l)}, {"+", c.After.In(l)}} {
			if line.text != "" {
				fmt.Fprintf(&out, "  %s %s\n", line.sign, strings.ReplaceAll(line.text, "\n", "\n    "))
			}
		}
		fmt.Fprintf(&out, "  %s\n", c.Means.In(l))
		if c.Version != "" {
			fmt.Fprintf(&out, "  %s\n", texts.T(l, "diff.version", c.Version))
		}
	}
	return out.String()
}

func (c Change) head(l lang.Lang) string {
	head := c.Kind.Name().In(l)
	if c.Key != "" {
		head += " " + c.Key
	}
	if c.Name != "" {
		head = c.Name + ", " + head
	}
	if label := c.Label.In(l); label != "" {
		head += " (" + label + ")"
	}
	return head
}
