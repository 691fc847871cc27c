package expr

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kokoma/shared/lang"
)

// function is one that expressions may call.
type function struct {
	name     string
	min, max int
	args     []Kind // wanted kinds, the last one for all that follow
	result   Kind
	call     func(args []Value) Value // nil: eval.go does it
}

const many = 50

func (f *function) counts() string {
	switch {
	case f.min == f.max && f.min == 1:
		return "one argument"
	case f.min == f.max:
		return fmt.Sprintf("%d arguments", f.min)
	case f.max == many:
		return fmt.Sprintf("at least %d arguments", f.min)
	}
	return fmt.Sprintf("%d to %d arguments", f.min, f.max)
}

func (f *function) wants(i int) Kind {
	if len(f.args) == 0 {
		return Any
	}
	return f.args[min(i, len(f.args)-1)]
}

var functions = index(
	// Those that do not evaluate all their arguments or need the surroundings.
	function{"if", 3, 3, []Kind{Bool, Any}, Any, nil},
	function{"coalesce", 2, many, nil, Any, nil},
	function{"regex", 2, 2, nil, Bool, nil},
	function{"today", 0, 0, nil, Date, nil},

	function{"true", 0, 0, nil, Bool, func([]Value) Value { return BoolOf(true) }},
	function{"false", 0, 0, nil, Bool, func([]Value) Value { return BoolOf(false) }},
	function{"not", 1, 1, []Kind{Bool}, Bool, func(a []Value) Value { return BoolOf(!a[0].Bool()) }},
	function{"selected", 2, 2, nil, Bool, func(a []Value) Value { return BoolOf(selected(a[0], a[1])) }},
	function{"count-selected", 1, 1, nil, Number, countSelected},

	function{"number", 1, 1, nil, Number, func(a []Value) Value { return NumberOf(a[0].Number()) }},
	function{"int", 1, 1, []Kind{Number}, Number, func(a []Value) Value { return NumberOf(math.Trunc(a[0].Number())) }},
	function{"round", 1, 2, []Kind{Number}, Number, round},
	function{"abs", 1, 1, []Kind{Number}, Number, func(a []Value) Value { return NumberOf(math.Abs(a[0].Number())) }},
	function{"min", 1, many, nil, Number, func(a []Value) Value { return extreme(a, -1) }},
	function{"max", 1, many, nil, Number, func(a []Value) Value { return extreme(a, 1) }},

	function{"string", 1, 1, nil, Text, func(a []Value) Value { return TextOf(a[0].Text()) }},
	function{"string-length", 1, 1, nil, Number, func(a []Value) Value { return NumberOf(float64(utf8.RuneCountInString(a[0].Text()))) }},
	function{"normalize-space", 1, 1, nil, Text, func(a []Value) Value { return TextOf(strings.Join(strings.Fields(a[0].Text()), " ")) }},
	function{"concat", 1, many, nil, Text, func(a []Value) Value { return join("", a) }},
	function{"contains", 2, 2, nil, Bool, func(a []Value) Value { return BoolOf(strings.Contains(a[0].Text(), a[1].Text())) }},
	function{"starts-with", 2, 2, nil, Bool, func(a []Value) Value { return BoolOf(strings.HasPrefix(a[0].Text(), a[1].Text())) }},
	function{"ends-with", 2, 2, nil, Bool, func(a []Value) Value { return BoolOf(strings.HasSuffix(a[0].Text(), a[1].Text())) }},
	function{"substr", 2, 3, []Kind{Any, Number}, Text, substr},

	function{"date", 1, 1, []Kind{Date}, Date, toDate},
	function{"format-date", 2, 2, []Kind{Date, Any}, Text, formatDate},
	function{"decimal-date-time", 1, 1, []Kind{Date}, Number, func(a []Value) Value { return NumberOf(a[0].Number()) }},

	function{"count", 1, 1, []Kind{Nodes}, Number, func(a []Value) Value { return NumberOf(float64(len(a[0].nodes))) }},
	function{"count-non-empty", 1, 1, []Kind{Nodes}, Number, countNonEmpty},
	function{"sum", 1, 1, []Kind{Nodes}, Number, sum},
	function{"join", 2, 2, []Kind{Any, Nodes}, Text, func(a []Value) Value { return join(a[0].Text(), a[1:]) }},
)

func index(fns ...function) map[string]*function {
	m := make(map[string]*function, len(fns))
	for _, f := range fns {
		m[f.name] = &f
	}
	return m
}

// lookup finds a function, or says what is wrong with the name.
func lookup(name string) (*function, string) {
	if f, ok := functions[name]; ok {
		return f, ""
	}
	known := slices.Sorted(maps.Keys(functions))
	return nil, fmt.Sprintf("the function %s() is not supported; known are %s", name, strings.Join(known, ", "))
}

// flat puts the rows of a repeat in place of the repeat.
func flat(args []Value) []Value {
	if len(args) == 1 && args[0].kind == Nodes {
		return args[0].nodes
	}
	return args
}

func selected(answer, choice Value) bool {
	want := strings.TrimSpace(choice.Text())
	for name := range strings.FieldsSeq(answer.Text()) {
		if name == want {
			return true
		}
	}
	return false
}

func countSelected(a []Value) Value { return NumberOf(float64(len(strings.Fields(a[0].Text())))) }

// round takes halves up, in decimal: round(2.675, 2) is 2.68 as people expect,
// and round(-1.5) is -1 as XPath wants.
func round(a []Value) Value {
	f, places := a[0].Number(), 0.0
	if len(a) == 2 {
		places = math.Trunc(a[1].Number())
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return NumberOf(f)
	}
	if math.IsNaN(places) || math.Abs(places) > 30 {
		return NumberOf(math.NaN())
	}
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(f, 'f', -1, 64))
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(math.Abs(places))), nil))
	if places < 0 {
		scale.Inv(scale)
	}
	r.Mul(r, scale).Add(r, big.NewRat(1, 2))
	whole := new(big.Int).Div(r.Num(), r.Denom()) // the denominator is positive: this is floor
	out, _ := r.SetInt(whole).Quo(r, scale).Float64()
	return NumberOf(out)
}

// extreme is the least (-1) or greatest (1) of what is a number.
func extreme(args []Value, sign float64) Value {
	best := math.NaN()
	for _, v := range flat(args) {
		if f := v.Number(); math.IsNaN(best) || sign*f > sign*best {
			best = f
		}
	}
	return NumberOf(best)
}

func sum(a []Value) Value {
	total := 0.0
	for _, v := range flat(a) {
		if f := v.Number(); !math.IsNaN(f) {
			total += f
		}
	}
	return NumberOf(total)
}

func countNonEmpty(a []Value) Value {
	n := 0
	for _, v := range flat(a) {
		if !v.Empty() {
			n++
		}
	}
	return NumberOf(float64(n))
}

func join(separator string, args []Value) Value {
	args = flat(args)
	texts := make([]string, len(args))
	for i, v := range args {
		texts[i] = v.Text()
	}
	return TextOf(strings.Join(texts, separator))
}

// substr counts characters from 0; negative positions count from the end.
func substr(a []Value) Value {
	s := []rune(a[0].Text())
	place := func(v Value) int {
		f := math.Trunc(v.Number())
		if math.IsNaN(f) {
			return 0
		}
		if f < 0 {
			f += float64(len(s))
		}
		return int(min(max(f, 0), float64(len(s))))
	}
	from, to := place(a[1]), len(s)
	if len(a) == 3 {
		to = place(a[2])
	}
	if from >= to {
		return TextOf("")
	}
	return TextOf(string(s[from:to]))
}

func toDate(a []Value) Value {
	d, ok := a[0].date()
	if !ok {
		return Value{}
	}
	return DateOf(d)
}

// formatDate knows %Y %m %n %d %e of ODK: year, month, month without zero,
// day, day without zero.
func formatDate(a []Value) Value {
	d, ok := a[0].date()
	if !ok {
		return Value{}
	}
	return TextOf(strings.NewReplacer(dateParts(d)...).Replace(a[1].Text()))
}

func dateParts(d lang.Date) []string {
	return []string{
		"%Y", fmt.Sprintf("%04d", d.Year), "%y", fmt.Sprintf("%02d", d.Year%100),
		"%m", fmt.Sprintf("%02d", d.Month), "%n", strconv.Itoa(int(d.Month)),
		"%d", fmt.Sprintf("%02d", d.Day), "%e", strconv.Itoa(d.Day), "%%", "%",
	}
}
