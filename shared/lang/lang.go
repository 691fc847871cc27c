// Package lang holds what depends on the reader's language: texts in German
// and English, and how dates, numbers and shares are written. It also has
// Date, the civil date that the whole platform counts in.
//
// German is authoritative: a missing language means German, and a text that
// has no English is shown in German.
package lang

import "context"

// Lang is a language that pages and mails are written in.
type Lang string

// The languages of the platform.
const (
	DE Lang = "de"
	EN Lang = "en"
)

type contextKey struct{}

// With returns a context whose reader wants l.
func With(ctx context.Context, l Lang) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// From is the language of the reader, German when nobody said.
func From(ctx context.Context) Lang {
	if l, ok := ctx.Value(contextKey{}).(Lang); ok {
		return l
	}
	return DE
}

// Text is one text in both languages, as definitions write it: {de: …, en: …}.
type Text struct {
	DE string `yaml:"de" json:"de"`
	EN string `yaml:"en" json:"en,omitempty"`
}

// In is the text in l. A text without English falls back to German.
func (t Text) In(l Lang) string {
	if l == EN && t.EN != "" {
		return t.EN
	}
	return t.DE
}
