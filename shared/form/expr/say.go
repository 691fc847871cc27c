package expr

import (
	"embed"
	"fmt"
	"sync"

	"kokoma/shared/lang"
)

//go:embed texts.yaml
var textFiles embed.FS

// texts are read when the first fault is found: most expressions have none.
var texts = sync.OnceValues(func() (*lang.Catalog, error) { return lang.LoadCatalog(textFiles) })

// say is a text of the package in both languages; arguments that are a
// lang.Text are said in the language of the sentence.
func say(key string, args ...any) lang.Text {
	return lang.Text{DE: sayIn(lang.DE, key, args), EN: sayIn(lang.EN, key, args)}
}

func sayIn(l lang.Lang, key string, args []any) string {
	c, err := texts()
	if err != nil {
		return key // a test reads the file
	}
	spoken := make([]any, len(args))
	for i, a := range args {
		if t, ok := a.(lang.Text); ok {
			a = t.In(l)
		}
		spoken[i] = fmt.Sprint(a)
	}
	return c.T(l, key, spoken...)
}
