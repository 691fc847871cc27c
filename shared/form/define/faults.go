package define

import (
	"embed"
	"errors"
	"slices"
	"sync"

	"kokoma/shared/lang"
)

// Finding is one thing that is wrong in a definition, or worth a second look.
type Finding struct {
	File    string
	At      Place
	Warning bool // the definition can be used all the same
	Text    lang.Text
}

// Error says it in English, for who works with files: "intake.yaml:12: …".
func (f *Finding) Error() string { return f.File + ":" + f.At.String() + ": " + f.Text.EN }

// Report collects what is found in one definition.
type Report struct {
	File  string
	found []*Finding
}

// Fail notes a fault: the text of texts.yaml with that key. Arguments are
// strings, numbers, or texts that are said in the language of the finding.
func (r *Report) Fail(at Place, key string, args ...any) { r.FailText(at, Say(key, args...)) }

// FailText notes a fault in words of its own.
func (r *Report) FailText(at Place, text lang.Text) {
	r.found = append(r.found, &Finding{File: r.File, At: at, Text: text})
}

// Warn notes what does not keep the definition from being used.
func (r *Report) Warn(at Place, key string, args ...any) {
	r.found = append(r.found, &Finding{File: r.File, At: at, Text: Say(key, args...), Warning: true})
}

// Broken says whether there are faults, warnings aside.
func (r *Report) Broken() bool {
	return slices.ContainsFunc(r.found, func(f *Finding) bool { return !f.Warning })
}

// Findings are all of them in the order of places.
func (r *Report) Findings() []*Finding {
	found := slices.Clone(r.found)
	slices.SortStableFunc(found, func(a, b *Finding) int { return a.At.before(b.At) })
	return found
}

// Err joins the findings in the order of places; nil where there are none.
func (r *Report) Err() error {
	var errs []error
	for _, f := range r.Findings() {
		errs = append(errs, f)
	}
	return errors.Join(errs...)
}

//go:embed texts.yaml
var textFiles embed.FS

var texts = sync.OnceValues(func() (*lang.Catalog, error) { return lang.LoadCatalog(textFiles) })

// spoken is what is said differently in each language.
type spoken interface {
	In(l lang.Lang) string
}

// Say is a text of texts.yaml in both languages.
func Say(key string, args ...any) lang.Text {
	c, err := texts()
	if err != nil {
		return lang.Text{DE: key, EN: key} // a test reads the file
	}
	return c.Say(key, args...)
}

// Fault is an error that people read in their language: a text of texts.yaml.
func Fault(key string, args ...any) error { return said{Say(key, args...)} }

type said struct{ lang.Text }

func (s said) Error() string { return s.EN }

// TextOf is what an error says to people; one of package expr knows both
// languages, too.
func TextOf(err error) lang.Text {
	if s, ok := err.(spoken); ok {
		return lang.Text{DE: s.In(lang.DE), EN: s.In(lang.EN)}
	}
	return lang.Text{DE: err.Error(), EN: err.Error()}
}
