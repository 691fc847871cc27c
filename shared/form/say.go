package form

import (
	"embed"
	"strconv"
	"sync"

	"kokoma/shared/lang"
)

//go:embed texts.yaml
var textFiles embed.FS

var texts = sync.OnceValues(func() (*lang.Catalog, error) { return lang.LoadCatalog(textFiles) })

// speaker says a thing in one language.
type speaker interface {
	In(l lang.Lang) string
}

// verbatim is the same in every language.
type verbatim string

func (v verbatim) In(lang.Lang) string { return string(v) }

// count is a whole number.
type count int

func (c count) In(l lang.Lang) string {
	if c > -10_000 && c < 10_000 && c.small() {
		return strconv.Itoa(int(c))
	}
	return lang.Number(l, float64(c), 0)
}

// small numbers need no separator, which saves the formatter.
func (c count) small() bool { return c > -1000 && c < 1000 }

// say is a text of the engine in both languages.
func say(key string, args ...speaker) lang.Text {
	return lang.Text{DE: sayIn(lang.DE, key, args...), EN: sayIn(lang.EN, key, args...)}
}

func sayIn(l lang.Lang, key string, args ...speaker) string {
	c, err := texts()
	if err != nil {
		return key // a test reads the file
	}
	spoken := make([]any, len(args))
	for i, a := range args {
		spoken[i] = a.In(l)
	}
	return c.T(l, key, spoken...)
}
