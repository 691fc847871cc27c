package entry

import (
	"regexp"
	"sync"
)

// later compiles a pattern when it is first needed: a function that starts does
// not pay for all of them.
func later(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
