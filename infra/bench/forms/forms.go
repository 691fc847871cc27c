package forms

import (
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"kokoma/infra/bench/given"
	"kokoma/infra/walk"
	"kokoma/shared/form"
	"kokoma/shared/intake"
	"kokoma/shared/lang"
	"kokoma/shared/survey"
)

// bench is one run.
type bench struct {
	effort effort
	root   string               // of the project
	cpu    func() time.Duration // processor time that this process has used
	out    io.Writer

	survey, interest filled
}

// filled is a form with everything in it that somebody typed who answered all.
type filled struct {
	name    string
	form    *form.Form
	source  []byte
	post    url.Values
	body    string // the post, as it comes
	answers form.Answers
}

// Run measures all of it, which takes less than a minute. root is the folder of
// the project, cpu says how much processor time this process has used.
func Run(w io.Writer, root string, cpu func() time.Duration) error {
	defer debug.SetGCPercent(debug.SetGCPercent(given.GOGC))
	return run(&bench{effort: effort{round: 150 * time.Millisecond, rounds: 5}, root: root, cpu: cpu, out: w})
}

func run(b *bench) error {
	if err := b.prepare(); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "One after the other, the fastest of %d rounds of %s each, in turn with the floor; GOGC=%d, as the functions have it.\n"+
		"T2 is the closing survey with its 60 items, %d pages; the intake is the expression of interest, %d pages. Both are filled in completely.\n",
		b.effort.rounds, b.effort.round, given.GOGC, len(b.survey.form.Pages()), len(b.interest.form.Pages()))
	if err := b.alone(); err != nil {
		return err
	}
	return b.besidePeers()
}

// alone is what needs nothing that others wrote but their libraries.
func (b *bench) alone() error {
	for _, part := range []func() error{b.compiling, b.showing, b.submitting, b.keeping} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) besidePeers() error {
	if err := b.expressions(); err != nil {
		return err
	}
	return b.engines()
}

var now = time.Date(2026, 9, 14, 9, 0, 0, 0, time.UTC)

// env is the world around the forms; it knows the municipality that applies.
var env = form.Env{
	Today: lang.DateOf(now), Now: now, Lang: lang.DE,
	Lookup: func(key string) (string, bool) { return "Musterstadt", key == "16099001" },
}

func (b *bench) prepare() (err error) {
	if b.survey, err = one("T2"); err != nil {
		return err
	}
	b.interest, err = one("intake")
	return err
}

// one fills a form in.
func one(name string) (filled, error) {
	f, err := closing()
	if name == "intake" {
		f, err = interest()
	}
	if err != nil {
		return f, err
	}
	f.name, f.body = name, f.post.Encode()
	f.answers = f.form.Read(f.post, "", nil)
	if p := f.form.Check(f.answers, "", env); p.Blocking(f.answers.Confirmed) {
		return f, fmt.Errorf("%s is not filled in: %v", name, p)
	}
	return f, nil
}

func closing() (filled, error) {
	t2, err := survey.Instruments().Instrument("S_T2")
	if err != nil {
		return filled{}, err
	}
	return filled{form: t2.Form, source: t2.Source, post: everyItem(t2.Form)}, nil
}

func interest() (filled, error) {
	src, err := fs.ReadFile(intake.Forms, "forms/intake.yaml")
	if err != nil {
		return filled{}, err
	}
	f, err := form.Compile("intake.yaml", src)
	if err != nil {
		return filled{}, err
	}
	cohort, err := walk.Fictional()
	if err != nil {
		return filled{}, err
	}
	place := cohort.Places[0]
	post := typed(place.Intake)
	post.Set("muni_key", place.Key)
	post.Set("muni_type", "STADT") // the register knows it
	return filled{form: f, source: src, post: post}, nil
}

// everyItem answers all that a survey asks: each item and profile question with
// one of its choices, each open question with a few sentences.
func everyItem(f *form.Form) url.Values {
	v := url.Values{}
	for i, q := range f.Fields() {
		switch {
		case len(q.Choices) > 0:
			v.Set(q.Name, q.Choices[i%len(q.Choices)].Name)
		default:
			v.Set(q.Name, "Die Gespräche mit allen Seiten haben am meisten geholfen.\r\nMehr Zeit wäre gut gewesen.")
		}
	}
	return v
}

// typed writes entries as a browser posts them.
func typed(e walk.Entries) url.Values {
	v := url.Values{}
	for name, entered := range e {
		list, ok := entered.([]any)
		if !ok {
			v.Set(name, fmt.Sprint(entered))
			continue
		}
		for i, one := range list {
			row, ok := one.(walk.Entries)
			if !ok {
				v.Add(name, fmt.Sprint(one))
				continue
			}
			v.Set("_rows:"+name, fmt.Sprint(len(list)))
			for cell, entered := range row {
				v.Set(fmt.Sprintf("%s[%d].%s", name, i, cell), fmt.Sprint(entered))
			}
		}
	}
	return v
}

// temporary makes a folder; what could not be removed of it harms nobody.
func temporary() (string, func(), error) {
	dir, err := os.MkdirTemp("", "kokoma-bench")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

func (b *bench) peer(name string) string {
	return filepath.Join(b.root, "infra", "bench", "peers", name)
}
