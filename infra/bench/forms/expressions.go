package forms

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"kokoma/shared/form/expr"
	"kokoma/shared/lang"
)

// both are expressions that ODK and XPath 1.0 read alike, once ${name} is
// written as a path.
var both = []string{
	"${decision} = 'accepted'",
	"${decision} != 'declined'",
	"${inhabitants} >= 5000 and ${inhabitants} < 20000",
	"${decision} = 'accepted' and (${inhabitants} > 20000 or ${fte} > 0.25)",
	"not(${decision} = 'declined')",
	"${inhabitants} * 2 + 1",
	"(${inhabitants} - 500) div 1000",
	"${since} mod 4 = 3",
	"-${fte} + 1",
	"contains(${email}, '@musterstadt')",
	"starts-with(${title}, 'Nutzung')",
	"string-length(${title}) > 10",
	"string-length(concat(${title}, ${email})) <= 80",
	"concat(${title}, ' – ', ${decision})",
	"concat('KK-', ${since}, '-', ${inhabitants})",
	"contains(concat(' ', ${types}, ' '), ' CT5 ')",
	"count(${actors}) >= 2",
	"count(${actors}) = 3 and ${decision} = 'accepted'",
	"sum(${seats})",
	"sum(${seats}) div count(${actors})",
}

// document is what both sides have read: a form with one repeat, actors.
type document struct {
	answers map[string]expr.Value
	kinds   map[string]expr.Decl
	paths   map[string]string
	xml     string
}

func example() document {
	text, number := expr.Decl{Kind: expr.Text}, expr.Decl{Kind: expr.Number}
	d := document{
		answers: map[string]expr.Value{
			"actors": expr.NodesOf(make([]expr.Value, 3)),
			"seats":  expr.NodesOf([]expr.Value{expr.NumberOf(12), expr.NumberOf(4), expr.NumberOf(3)}),
		},
		kinds: map[string]expr.Decl{
			"actors": {Kind: expr.Nodes}, "seats": {Kind: expr.Nodes, Item: expr.Number, Repeat: "actors"},
		},
		paths: map[string]string{"actors": "/data/actors", "seats": "/data/actors/seats"},
	}
	var xml strings.Builder
	xml.WriteString("<data>")
	put := func(name string, kind expr.Decl, v expr.Value) {
		d.answers[name], d.kinds[name], d.paths[name] = v, kind, "/data/"+name
		fmt.Fprintf(&xml, "<%s>%s</%[1]s>", name, v.Text())
	}
	put("title", text, expr.TextOf("Nutzung des Marktplatzes"))
	put("decision", text, expr.TextOf("accepted"))
	put("email", text, expr.TextOf("amt@musterstadt.example"))
	put("types", text, expr.TextOf("CT1 CT5"))
	put("inhabitants", number, expr.NumberOf(12500))
	put("fte", number, expr.NumberOf(0.5))
	put("since", number, expr.NumberOf(2019))
	for _, seats := range []string{"12", "4", "3"} {
		xml.WriteString("<actors><label>Stadtrat</label><seats>" + seats + "</seats></actors>")
	}
	xml.WriteString("</data>")
	d.xml = xml.String()
	return d
}

var reference = regexp.MustCompile(`\$\{([a-z]+)\}`)

// path writes an expression as XPath.
func (d document) path(src string) string {
	return reference.ReplaceAllStringFunc(src, func(ref string) string { return d.paths[ref[2:len(ref)-1]] })
}

// prepared is an expression of ours over the document, as package form keeps
// answers while it judges: read once, found by place.
type prepared struct {
	x       *expr.Expr
	answers []expr.Value
}

func (d document) prepare(src string) (prepared, error) {
	x, err := expr.Parse(src)
	if err != nil {
		return prepared{}, err
	}
	_, errs := x.Check(expr.Any, expr.Scope{
		Question: func(name string) (expr.Decl, bool) {
			k, ok := d.kinds[name]
			return k, ok
		},
	})
	if err := errors.Join(errs...); err != nil {
		return prepared{}, err
	}
	p := prepared{x: x}
	for _, name := range x.Names() {
		p.answers = append(p.answers, d.answers[name])
	}
	return p, nil
}

func (p *prepared) Ref(i int) expr.Value               { return p.answers[i] }
func (*prepared) Self() expr.Value                     { return expr.Value{} }
func (*prepared) Choice(string) expr.Value             { return expr.Value{} }
func (*prepared) Row(int) int                          { return 0 }
func (*prepared) Indexed(int, []int, []int) expr.Value { return expr.Value{} }
func (*prepared) ChoiceName(int, string) string        { return "" }
func (*prepared) Today() lang.Date                     { return env.Today }
func (*prepared) Now() time.Time                       { return now }

// xpathTask is what the peer is told first.
type xpathTask struct {
	XML         string   `json:"xml"`
	Expressions []string `json:"expressions"`
}

// xpathReady is its answer: what each expression gives, a text.
type xpathReady struct {
	Values []string `json:"values"`
	Fault  string   `json:"fault"`
}

// xpathTook is what the peer says after each line with a number of
// microseconds: so long measures it each expression.
type xpathTook struct {
	Evaluate []float64 `json:"evaluate"` // ns, of each
	Compile  []float64 `json:"compile"`
	Bytes    []float64 `json:"bytes"` // allocated by an evaluation
}

// expressions measures ours beside antchfx/xpath, after seeing that both come
// to the same.
func (b *bench) expressions() error {
	fmt.Fprintf(b.out, "\n### Expressions, beside antchfx/xpath\n\n"+
		"%d expressions that both take, over the same answers. Both have read them before: ours as package form keeps them while it judges, the\n"+
		"peer as a document of xmlquery. The values were compared first. Each in turn, the fastest of %d rounds.\n\n", len(both), b.effort.rounds)
	d := example()
	dir, remove, err := temporary()
	if err != nil {
		return err
	}
	defer remove()
	p, err := b.startXPath(dir, d)
	if err != nil {
		fmt.Fprintf(b.out, "Not run: %v.\n", err)
		return nil
	}
	if err := b.compare(d, p); err != nil {
		return errors.Join(err, p.stop())
	}
	return p.stop()
}

// startXPath builds the peer from its own module and tells it its task.
func (b *bench) startXPath(dir string, d document) (*peer, error) {
	binary := filepath.Join(dir, "xpath")
	build := exec.Command("go", "build", "-o", binary, ".") //nolint:gosec // our own module
	build.Dir = b.peer("xpath")
	build.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building it: %w: %s", err, strings.TrimSpace(string(out)))
	}
	p, err := startPeer(exec.Command(binary)) //nolint:gosec // built a moment ago
	if err != nil {
		return nil, err
	}
	task := xpathTask{XML: d.xml}
	for _, src := range both {
		task.Expressions = append(task.Expressions, d.path(src))
	}
	var ready xpathReady
	if err := p.ask(task, &ready); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	if err := d.agrees(ready); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// agrees says where ours and the peer differ.
func (d document) agrees(ready xpathReady) error {
	if ready.Fault != "" || len(ready.Values) != len(both) {
		return fmt.Errorf("the peer gave %d values for %d expressions: %s", len(ready.Values), len(both), ready.Fault)
	}
	var faults []error
	for i, src := range both {
		p, err := d.prepare(src)
		if err != nil {
			return fmt.Errorf("%s: %w", src, err)
		}
		if got := p.x.Eval(&p).Text(); got != ready.Values[i] {
			faults = append(faults, fmt.Errorf("%s is %q for us, %q for the peer", src, got, ready.Values[i]))
		}
	}
	return errors.Join(faults...)
}

// compare measures both in turn and writes the table.
func (b *bench) compare(d document, p *peer) error {
	ours := make([]*subject, len(both))
	compile := make([]*subject, len(both))
	for i, src := range both {
		one, err := d.prepare(src)
		if err != nil {
			return err
		}
		ours[i] = &subject{name: src, do: func() error {
			one.x.Eval(&one)
			return nil
		}}
		compile[i] = &subject{name: src, do: func() error {
			_, err := d.prepare(src)
			return err
		}}
	}
	each := effort{round: b.effort.round / 20, rounds: 1}
	theirs := xpathTook{}
	for range b.effort.rounds {
		short := *b
		short.effort = each
		if err := short.measure(slices.Concat(ours, compile)...); err != nil {
			return err
		}
		var took xpathTook
		if err := p.ask(each.round.Microseconds(), &took); err != nil {
			return err
		}
		if len(took.Evaluate) != len(both) || len(took.Compile) != len(both) || len(took.Bytes) != len(both) {
			return errors.New("the peer measured something else")
		}
		theirs.least(took)
	}
	b.printExpressions(d, ours, compile, theirs)
	return nil
}

// least keeps the fastest of all rounds.
func (t *xpathTook) least(other xpathTook) {
	if t.Evaluate == nil {
		*t = other
		return
	}
	for i := range t.Evaluate {
		t.Evaluate[i] = min(t.Evaluate[i], other.Evaluate[i])
		t.Compile[i] = min(t.Compile[i], other.Compile[i])
	}
}

func (b *bench) printExpressions(d document, ours, compile []*subject, theirs xpathTook) {
	fmt.Fprint(b.out, "| expression | ours ns | xpath ns | xpath takes, times ours | ours B | xpath B | compiling: ours ns | xpath ns |\n|---|---|---|---|---|---|---|---|\n")
	sum, product := [4]float64{}, 0.0
	for i, s := range ours {
		mine, its := float64(s.best.Nanoseconds()), theirs.Evaluate[i]
		fmt.Fprintf(b.out, "| `%s` | %.0f | %.0f | %.1f | %d | %.0f | %d | %.0f |\n", s.name, mine, its, its/mine,
			s.bytes, theirs.Bytes[i], compile[i].best.Nanoseconds(), theirs.Compile[i])
		sum[0] += mine
		sum[1] += its
		sum[2] += float64(compile[i].best.Nanoseconds())
		sum[3] += theirs.Compile[i]
		product += math.Log(its / mine)
	}
	fmt.Fprintf(b.out, "| all %d | %.0f | %.0f | %.1f | | | %.0f | %.0f |\n", len(ours), sum[0], sum[1], sum[1]/sum[0], sum[2], sum[3])
	fmt.Fprintf(b.out, "\nThe geometric mean of the ratios is %.1f.\n", math.Exp(product/float64(len(ours))))
}

// peer is a process that answers each line of JSON with one.
type peer struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startPeer(cmd *exec.Cmd) (*peer, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	return &peer{cmd, in, bufio.NewReader(out)}, cmd.Start()
}

func (p *peer) ask(what, answer any) error {
	line, err := json.Marshal(what)
	if err != nil {
		return err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("asking the peer: %w", err)
	}
	if line, err = p.out.ReadBytes('\n'); err != nil {
		return fmt.Errorf("the peer did not answer: %w", err)
	}
	return json.Unmarshal(line, answer)
}

// stop ends the peer, which goes when nothing more is asked.
func (p *peer) stop() error {
	return errors.Join(p.in.Close(), p.cmd.Wait())
}
