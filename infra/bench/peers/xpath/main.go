// Command xpath measures github.com/antchfx/xpath for the benchmark of forms.
// It is told a document and expressions in a line of JSON, answers what they
// give, and then measures each for as many microseconds as every further line
// says.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/antchfx/xmlquery"
	"github.com/antchfx/xpath"
)

type task struct {
	XML         string   `json:"xml"`
	Expressions []string `json:"expressions"`
}

type ready struct {
	Values []string `json:"values"`
	Fault  string   `json:"fault,omitempty"`
}

type took struct {
	Evaluate []float64 `json:"evaluate"`
	Compile  []float64 `json:"compile"`
	Bytes    []float64 `json:"bytes"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "xpath:", err)
		os.Exit(1)
	}
}

func run() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() {
		return lines.Err()
	}
	var t task
	if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
		return err
	}
	doc, err := xmlquery.Parse(strings.NewReader(t.XML))
	if err != nil {
		return err
	}
	compiled, first := prepare(t, doc)
	if err := answer(first); err != nil {
		return err
	}
	for lines.Scan() {
		us, err := strconv.Atoi(lines.Text())
		if err != nil {
			return err
		}
		if err := answer(measure(t, doc, compiled, time.Duration(us)*time.Microsecond)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func answer(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(line, '\n'))
	return err
}

// prepare compiles all expressions and evaluates each twice: what was
// evaluated once has to give the same again.
func prepare(t task, doc *xmlquery.Node) ([]*xpath.Expr, ready) {
	var all []*xpath.Expr
	var r ready
	for _, src := range t.Expressions {
		x, err := xpath.Compile(src)
		if err != nil {
			return nil, ready{Fault: fmt.Sprintf("%s: %v", src, err)}
		}
		once, again := text(evaluate(x, doc)), text(evaluate(x, doc))
		if once != again {
			return nil, ready{Fault: fmt.Sprintf("%s is %s, then %s", src, once, again)}
		}
		all = append(all, x)
		r.Values = append(r.Values, once)
	}
	return all, r
}

func evaluate(x *xpath.Expr, doc *xmlquery.Node) any {
	return x.Evaluate(xmlquery.CreateXPathNavigator(doc))
}

func text(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

func measure(t task, doc *xmlquery.Node, compiled []*xpath.Expr, d time.Duration) took {
	var out took
	for i, x := range compiled {
		ns, bytes := during(d, func() { evaluate(x, doc) })
		out.Evaluate = append(out.Evaluate, ns)
		out.Bytes = append(out.Bytes, bytes)
		src := t.Expressions[i]
		ns, _ = during(d, func() { _, _ = xpath.Compile(src) }) // it was compiled before
		out.Compile = append(out.Compile, ns)
	}
	return out
}

// during gives nanoseconds and allocated bytes of one.
func during(d time.Duration, do func()) (ns, bytes float64) {
	n := 1
	for took := time.Duration(0); took < d/4; n *= 2 {
		took = times(n, do)
	}
	n = max(1, int(float64(n/2)*float64(d)/float64(times(n/2, do)+1)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	took := times(n, do)
	runtime.ReadMemStats(&after)
	return float64(took.Nanoseconds()) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
}

func times(n int, do func()) time.Duration {
	start := time.Now()
	for range n {
		do()
	}
	return time.Since(start)
}
