package instrument

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"kokoma/shared/lang"
)

const bankFile = "items.yaml"

// words are both languages of an entry.
type words struct {
	DE string `yaml:"de"`
	EN string `yaml:"en"`
}

func (w words) text() lang.Text { return lang.Text(w) }

type bankDoc struct {
	Stems      map[string]words `yaml:"stems"`
	Constructs []constructDoc   `yaml:"constructs"`
	Items      []itemDoc        `yaml:"items"`
	OpenHint   words            `yaml:"open_hint"`
	Open       []openDoc        `yaml:"open"`
	Profile    []profileDoc     `yaml:"profile"`
}

type constructDoc struct {
	Key    string `yaml:"key"`
	words  `yaml:",inline"`
	Single bool `yaml:"single"`
}

type itemDoc struct {
	Key       string `yaml:"key"`
	Construct string `yaml:"construct"`
	Scale     string `yaml:"scale"`
	Reversed  bool   `yaml:"reversed"`
	words     `yaml:",inline"`
}

type openDoc struct {
	Key   string `yaml:"key"`
	words `yaml:",inline"`
}

type profileDoc struct {
	Key     string `yaml:"key"`
	words   `yaml:",inline"`
	Options []optionDoc `yaml:"options"`
}

type optionDoc struct {
	Name  string `yaml:"name"`
	words `yaml:",inline"`
}

// surveyDoc is a survey file.
type surveyDoc struct {
	Key     string    `yaml:"key"`
	Version string    `yaml:"version"`
	Title   lang.Text `yaml:"title"`
	Minutes string    `yaml:"minutes"`
	Items   []string  `yaml:"items"`
	Single  []string  `yaml:"single"` // constructs of which it asks too little for an index
	Open    []string  `yaml:"open"`
	Profile []string  `yaml:"profile"`
}

// bank is the item bank by key.
type bank struct {
	stems      map[string]words
	openHint   words
	constructs map[string]constructDoc
	items      map[string]itemDoc
	open       map[string]openDoc
	profile    map[string]profileDoc
}

func readBank(fsys fs.FS) (*bank, error) {
	var doc bankDoc
	if err := read(fsys, bankFile, &doc); err != nil {
		return nil, err
	}
	b := &bank{stems: doc.Stems, openHint: doc.OpenHint}
	var faults []error
	b.constructs = index(&faults, doc.Constructs, func(c constructDoc) (string, words) { return c.Key, c.words })
	b.items = index(&faults, doc.Items, func(i itemDoc) (string, words) { return i.Key, i.words })
	b.open = index(&faults, doc.Open, func(o openDoc) (string, words) { return o.Key, o.words })
	b.profile = index(&faults, doc.Profile, func(p profileDoc) (string, words) { return p.Key, p.words })
	for _, i := range doc.Items {
		if _, ok := b.constructs[i.Construct]; !ok {
			faults = append(faults, fmt.Errorf("%s: item %s names construct %q, which is not listed", bankFile, i.Key, i.Construct))
		}
	}
	return b, errors.Join(faults...)
}

// index finds entries by key; a key that comes twice or lacks a language is a fault.
func index[T any](faults *[]error, list []T, of func(T) (string, words)) map[string]T {
	found := make(map[string]T, len(list))
	for _, e := range list {
		key, w := of(e)
		if _, twice := found[key]; twice {
			*faults = append(*faults, fmt.Errorf("%s: key %s was given before; a wording keeps its key for ever", bankFile, key))
		}
		if w.DE == "" || w.EN == "" {
			*faults = append(*faults, fmt.Errorf("%s: %s needs its text in de and en", bankFile, key))
		}
		found[key] = e
	}
	return found
}

func readSurvey(fsys fs.FS, name string) (surveyDoc, error) {
	var doc surveyDoc
	return doc, read(fsys, name, &doc)
}

func read(fsys fs.FS, name string, into any) error {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("reading survey definition: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(src))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// pick finds the keys that a survey names; each once.
func pick[T any](from map[string]T, keys []string, what string) ([]T, error) {
	var faults []error
	out := make([]T, 0, len(keys))
	for i, k := range keys {
		e, ok := from[k]
		if !ok {
			faults = append(faults, fmt.Errorf("%s %s is not in %s", what, k, bankFile))
		}
		if slices.Contains(keys[:i], k) {
			faults = append(faults, fmt.Errorf("%s %s is named twice", what, k))
		}
		out = append(out, e)
	}
	return out, errors.Join(faults...)
}

// pages cuts the items of a survey into constructs, one page each.
func pages(items []itemDoc) ([][]itemDoc, error) {
	var out [][]itemDoc
	var seen []string
	for _, it := range items {
		if n := len(seen); n > 0 && seen[n-1] == it.Construct {
			out[n-1] = append(out[n-1], it)
			continue
		}
		if slices.Contains(seen, it.Construct) {
			return nil, fmt.Errorf("item %s stands apart from the others of %s; a construct is one page", it.Key, it.Construct)
		}
		seen = append(seen, it.Construct)
		out = append(out, []itemDoc{it})
	}
	return out, nil
}

func pageName(construct string) string { return "page_" + strings.ToLower(construct) }
