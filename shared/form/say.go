package form

import (
	"embed"
	"sync"

	"kokoma/shared/form/entry"
	"kokoma/shared/lang"
)

//go:embed texts.yaml
var textFiles embed.FS

var texts = sync.OnceValues(func() (*lang.Catalog, error) { return lang.LoadCatalog(textFiles) })

// say is a text of the engine in both languages.
func say(key string, args ...entry.Spoken) lang.Text {
	return lang.Text{DE: sayIn(lang.DE, key, args...), EN: sayIn(lang.EN, key, args...)}
}

func sayIn(l lang.Lang, key string, args ...entry.Spoken) string {
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
