// Package instrument makes questionnaires: from the item bank, which says what each key asks and how it
// counts, and from one file a survey, which names keys. So a key has the same wording in every survey,
// and a new survey is one more file.
//
//	items.yaml   the item bank
//	t0.yaml      survey S_T0: key, title, items in order, constructs without an index (single), open
//	             questions, profile questions
//
// A survey file is named by its key in lower case without "s_".
package instrument

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/survey/score"
)

// Set makes the instruments of one folder, each when it is first asked for.
type Set struct {
	fsys fs.FS
	bank func() (*bank, error)

	mu    sync.Mutex
	ready map[string]*Instrument
}

// Instrument is one survey as it is asked.
type Instrument struct {
	Key     string
	Title   lang.Text
	Minutes string // "12–15"
	Form    *form.Form
	Source  []byte // the form's definition, made from the survey file and the bank
}

// The profile question by which results may be split.
const Sector = "P1"

// New reads nothing yet.
func New(fsys fs.FS) *Set {
	return &Set{
		fsys:  fsys,
		bank:  sync.OnceValues(func() (*bank, error) { return readBank(fsys) }),
		ready: map[string]*Instrument{},
	}
}

// Instrument makes the survey of this key.
func (s *Set) Instrument(key string) (*Instrument, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in := s.ready[key]; in != nil {
		return in, nil
	}
	in, err := s.compile(key)
	if err != nil {
		return nil, err
	}
	s.ready[key] = in
	return in, nil
}

func (s *Set) compile(key string) (*Instrument, error) {
	b, err := s.bank()
	if err != nil {
		return nil, err
	}
	f, err := readSurvey(s.fsys, fileOf(key))
	if err != nil {
		return nil, err
	}
	if f.Key != key {
		return nil, fmt.Errorf("%s: key is %q; a file of this name holds %s", fileOf(key), f.Key, key)
	}
	src, err := b.definition(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fileOf(key), err)
	}
	compiled, err := form.Compile(fileOf(key), src)
	if err != nil {
		return nil, err
	}
	return &Instrument{Key: key, Title: f.Title, Minutes: f.Minutes, Form: compiled, Source: src}, nil
}

var number = regexp.MustCompile(`\d+`)

// MinutesOf says how long a version of the survey takes that others made: as much longer or shorter as it
// has more or fewer questions.
func (i *Instrument) MinutesOf(f *form.Form) string {
	asked, shipped := len(f.Fields()), len(i.Form.Fields())
	scaled := number.ReplaceAllStringFunc(i.Minutes, func(minutes string) string {
		n, err := strconv.Atoi(minutes)
		if err != nil {
			return minutes
		}
		return strconv.Itoa(max(1, (n*asked+shipped/2)/shipped))
	})
	if from, to, _ := strings.Cut(scaled, "–"); from == to {
		return from
	}
	return scaled
}

// fileOf: S_TRAIN_END is in train_end.yaml.
func fileOf(key string) string {
	return strings.TrimPrefix(strings.ToLower(key), "s_") + ".yaml"
}

// Check makes every survey of the folder, so that whoever starts the platform finds a broken one.
func (s *Set) Check() error {
	keys, err := s.Keys()
	if err != nil {
		return err
	}
	var faults []error
	for _, key := range keys {
		_, err := s.Instrument(key)
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// Keys are the surveys of the folder.
func (s *Set) Keys() ([]string, error) {
	files, err := fs.Glob(s.fsys, "*.yaml")
	var keys []string
	for _, name := range files {
		if name != bankFile {
			keys = append(keys, "S_"+strings.ToUpper(strings.TrimSuffix(name, ".yaml")))
		}
	}
	return keys, err
}

// Construct is the name of a construct; the key itself for one that the bank does not know.
func (s *Set) Construct(key string) lang.Text {
	if b, err := s.bank(); err == nil {
		if c, ok := b.constructs[key]; ok {
			return c.text()
		}
	}
	return lang.Text{DE: key, EN: key}
}

// Stem is what stands above items of this scale; their wordings begin where it ends.
func (s *Set) Stem(scale string) lang.Text {
	b, err := s.bank()
	if err != nil {
		return lang.Text{}
	}
	return b.stems[scale].text()
}

// Sheet says how the answers to a form are scored. It works on any version of a form, also one that was
// stored long ago.
func Sheet(f *form.Form) score.Sheet {
	var s score.Sheet
	for _, q := range f.Fields() {
		switch {
		case q.Scale != "":
			s.Questions = append(s.Questions, question(q))
		case q.Name == Sector:
			s.Sector = q.Name
			s.Sectors = options(q)
		}
	}
	return s
}

func question(q form.Field) score.Question {
	out := score.Question{Key: q.Name, Construct: q.Construct, Reversed: q.Reversed}
	first := true
	for _, o := range options(q) {
		v, err := strconv.Atoi(o)
		if err != nil {
			continue
		}
		if first {
			out.Min, out.Max, first = v, v, false
		}
		out.Min, out.Max = min(out.Min, v), max(out.Max, v)
	}
	return out
}

// options are the answers of a question that count, NA not among them.
func options(q form.Field) []string {
	var names []string
	for _, c := range q.Choices {
		if c.Name != score.NA {
			names = append(names, c.Name)
		}
	}
	return names
}
