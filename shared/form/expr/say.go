package expr

import (
	"embed"
	"sync"

	"kokoma/shared/lang"
)

//go:embed texts.yaml
var textFiles embed.FS

// texts are read when the first fault is found: most expressions have none.
var texts = sync.OnceValues(func() (*lang.Catalog, error) { return lang.LoadCatalog(textFiles) })

// say is a text of the package in both languages.
func say(key string, args ...any) lang.Text {
	c, err := texts()
	if err != nil {
		return lang.Text{DE: key, EN: key} // a test reads the file
	}
	return c.Say(key, args...)
}
