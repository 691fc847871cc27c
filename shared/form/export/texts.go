package export

import (
	"embed"
	"sync"

	"kokoma/shared/lang"
)

//go:embed texts.yaml
var textFiles embed.FS

var texts = sync.OnceValues(func() (*lang.Catalog, error) { return lang.LoadCatalog(textFiles) })

// say is a text of the package in the language of the labels.
func (x *Export) say(key string, args ...any) string {
	c, err := texts()
	if err != nil {
		return key // a test reads the file
	}
	return c.T(x.opt.Lang, key, args...)
}
