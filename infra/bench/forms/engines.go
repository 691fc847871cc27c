package forms

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kokoma/infra/xforms/xform"
	"kokoma/shared/form"
)

// coldEnv is set for a process that only does one submission, see Cold.
const coldEnv = "KOKOMA_BENCH_COLD"

// engineTask is what the peer is told first: a form, how many rows its repeats
// have, and pairs of question and answer.
type engineTask struct {
	XML     string         `json:"xml"`
	Rows    map[string]int `json:"rows"`
	Answers [][2]string    `json:"answers"`
}

// engineFirst is what its first time took, in milliseconds.
type engineFirst struct {
	DOM    float64  `json:"dom"` // making a DOM, which a browser has
	Engine float64  `json:"engine"`
	Read   float64  `json:"read"`
	Fill   float64  `json:"fill"`
	Wrong  []string `json:"wrong"`
	Lost   []string `json:"lost"`
	Fault  string   `json:"fault"`
}

// engineTook is what the peer says after each line with a number of
// milliseconds.
type engineTook struct {
	Read float64 `json:"read"`
	Fill float64 `json:"fill"`
}

// engines measures one submission beside the engine of ODK Web Forms.
func (b *bench) engines() error {
	fmt.Fprintf(b.out, "\n### One submission, beside @getodk/xforms-engine\n\n"+
		"The same form and the same answers, which both find valid. The engine answers one question after the other, as its users do, and then\n"+
		"reads what is wrong; ours is posted all at once, and once more as if every answer were a page of its own after which the whole form\n"+
		"is judged. Cold: a new process until it is done, the fastest of %d; the engine's without the DOM that it needs and a browser has. Two\n"+
		"patterns of the intake begin with (?s), which Web Forms does not know; for it they are written without.\n\n", colds)
	if _, err := exec.LookPath("node"); err != nil {
		fmt.Fprint(b.out, "Not run: there is no Node.js.\n")
		return nil
	}
	if _, err := os.Stat(filepath.Join(b.root, "infra", "e2e", "node_modules", "@getodk", "xforms-engine")); err != nil {
		fmt.Fprint(b.out, "Not run: @getodk/xforms-engine is not installed; `npm ci` in infra/e2e does it.\n")
		return nil
	}
	fmt.Fprint(b.out, "| | ours ms | the engine ms | the engine takes, times ours |\n|---|---|---|---|\n")
	for _, f := range []filled{b.survey, b.interest} {
		if err := b.beside(f); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

// colds is how often both start anew.
const colds = 3

func (b *bench) beside(f filled) error {
	task, err := f.task()
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s, %d answers: ", f.name, len(task.Answers))
	ours, theirs, p, err := b.startBoth(f, task)
	if err != nil {
		return err
	}
	b.besideLine(name+"cold, to the end of the first submission", ours, theirs)
	return errors.Join(b.warm(f, name, p), p.stop())
}

// startBoth starts both anew, in turn, and gives the fastest of each and the
// last process of the peer.
func (b *bench) startBoth(f filled, task engineTask) (ours time.Duration, theirs float64, p *peer, err error) {
	for i := range min(colds, b.effort.rounds) {
		if p != nil {
			if err := p.stop(); err != nil {
				return 0, 0, nil, err
			}
		}
		mine, err := b.coldStart(f)
		if err != nil {
			return 0, 0, nil, err
		}
		var its float64
		if its, p, err = b.startEngine(task); err != nil {
			return 0, 0, nil, err
		}
		if i == 0 {
			ours, theirs = mine, its
		}
		ours, theirs = min(ours, mine), min(theirs, its)
	}
	return ours, theirs, p, nil
}

// startEngine gives the milliseconds until it has taken the first submission.
func (b *bench) startEngine(task engineTask) (float64, *peer, error) {
	start := time.Now()
	p, err := startPeer(exec.Command("node", filepath.Join(b.peer("xforms"), "measure.mjs"))) //nolint:gosec // our own script
	if err != nil {
		return 0, nil, err
	}
	var first engineFirst
	err = p.ask(task, &first)
	took := float64(time.Since(start).Microseconds())/1000 - first.DOM
	if err == nil && (first.Fault != "" || len(first.Wrong) > 0 || len(first.Lost) > 0) {
		err = fmt.Errorf("the engine does not take it: %s; wrong %v, lost %v", first.Fault, first.Wrong, first.Lost)
	}
	if err != nil {
		return 0, nil, errors.Join(err, p.stop())
	}
	return took, p, nil
}

// warm measures both again and again, in turn.
func (b *bench) warm(f filled, name string, p *peer) error {
	posts := f.apart()
	compile := &subject{name: "the form read again, warm", do: func() error {
		_, err := form.Compile("bench.yaml", f.source)
		return err
	}}
	once := &subject{name: "a submission, warm: read, checked, cleaned once", do: func() error {
		_, err := submit(f)
		return err
	}}
	each := &subject{
		name: fmt.Sprintf("a submission, warm: read and checked %d times, cleaned once", len(posts)),
		do:   func() error { return submitApart(f, posts) },
	}
	best := engineTook{math.Inf(1), math.Inf(1)}
	for range b.effort.rounds {
		short := *b
		short.effort.rounds = 1
		if err := short.measure(compile, once, each); err != nil {
			return err
		}
		var took engineTook
		if err := p.ask(b.effort.round.Milliseconds(), &took); err != nil {
			return err
		}
		best = engineTook{min(best.Read, took.Read), min(best.Fill, took.Fill)}
	}
	b.besideLine(name+compile.name, compile.best, best.Read)
	b.besideLine(name+once.name, once.best, best.Fill)
	b.besideLine(name+each.name, each.best, best.Fill)
	return nil
}

func (b *bench) besideLine(name string, ours time.Duration, theirs float64) {
	mine := float64(ours.Nanoseconds()) / 1e6
	fmt.Fprintf(b.out, "| %s | %.2f | %.2f | %.1f |\n", name, mine, theirs, theirs/mine)
}

// task writes the form as an XForm, and what was answered in canonical form.
func (f filled) task() (engineTask, error) {
	clean, err := submit(f)
	if err != nil {
		return engineTask{}, err
	}
	m, err := xform.Read(f.name, f.source)
	if err != nil {
		return engineTask{}, err
	}
	t := engineTask{XML: wide.Replace(xform.Write(m)), Rows: map[string]int{}}
	t.add(f.form, clean)
	return t, nil
}

// wide writes patterns without the flag that Web Forms does not know.
var wide = strings.NewReplacer("(?s).*", `[\s\S]*`)

// add takes the answers in the order of the form.
func (t *engineTask) add(f *form.Form, a form.Answers) {
	for _, q := range f.Fields() {
		v := a[q.Name]
		for i, row := range v.Rows {
			t.Rows[q.Name] = len(v.Rows)
			for _, cell := range f.Fields() {
				if cell.Repeat == q.Name && !row[cell.Name].Empty() {
					t.Answers = append(t.Answers, [2]string{fmt.Sprintf("%s[%d].%s", q.Name, i, cell.Name), words(row[cell.Name])})
				}
			}
		}
		if len(v.Rows) == 0 && q.Repeat == "" && q.Type != "calculate" && q.Type != "hidden" && !v.Empty() {
			t.Answers = append(t.Answers, [2]string{q.Name, words(v)})
		}
	}
}

func words(v form.Value) string {
	if len(v.Choices) > 0 {
		return strings.Join(v.Choices, " ")
	}
	return v.Text
}

// apart cuts a post into one for every question; the rows of a repeat stay
// together.
func (f filled) apart() []url.Values {
	found := map[string]url.Values{}
	for name, values := range f.post {
		question, _, _ := strings.Cut(strings.TrimPrefix(name, "_rows:"), "[")
		if found[question] == nil {
			found[question] = url.Values{}
		}
		found[question][name] = values
	}
	posts := make([]url.Values, 0, len(found))
	for _, question := range slices.Sorted(maps.Keys(found)) {
		posts = append(posts, found[question])
	}
	return posts
}

// submitApart answers one question after the other and judges the whole form
// after each.
func submitApart(f filled, posts []url.Values) error {
	var a form.Answers
	var p form.Problems
	for _, post := range posts {
		a = f.form.Read(post, "", a)
		p = f.form.Check(a, "", env)
	}
	if p.Blocking(a.Confirmed) {
		return fmt.Errorf("%s is refused: %v", f.name, p)
	}
	f.form.Clean(a, env)
	return nil
}

// Cold does one submission in a process that does nothing else, if it was
// started for that.
func Cold() (asked bool, err error) {
	name := os.Getenv(coldEnv)
	if name == "" {
		return false, nil
	}
	f, err := one(name)
	if err != nil {
		return true, err
	}
	clean, err := submit(f)
	if err != nil {
		return true, err
	}
	return true, json.NewEncoder(os.Stdout).Encode(len(clean))
}

// coldStart takes the time from the start of a process to its end.
func (b *bench) coldStart(f filled) (time.Duration, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(self) //nolint:gosec // this program
	cmd.Env = append(os.Environ(), coldEnv+"="+f.name)
	start := time.Now()
	if out, err := cmd.Output(); err != nil {
		return 0, fmt.Errorf("starting %s cold: %w: %s", f.name, err, out)
	}
	return time.Since(start), nil
}
