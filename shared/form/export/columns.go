package export

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/form/codebook"
	"kokoma/shared/form/define"
	"kokoma/shared/form/diff"
)

// version is a form with what exports ask of it.
type version struct {
	*form.Form
	asked map[string]*define.Question
}

func newVersion(f *form.Form) *version {
	v := &version{Form: f, asked: map[string]*define.Question{}}
	var learn func([]*define.Question)
	learn = func(qs []*define.Question) {
		for _, q := range qs {
			v.asked[q.Name] = q
			learn(q.Children)
		}
	}
	learn(f.Definition().Survey)
	return v
}

// variable is a question or a repeat over all versions.
type variable struct {
	diff.Column
	kind define.Kind
	left bool // it is not exported
	// chains are the repeats around it, as numbers of variables, outermost
	// first, by version; a question that moved into a repeat has two.
	chains map[string][]int
}

// column is one of the wide table.
type column struct {
	name   string
	v      int   // the variable
	chain  []int // repeats around it
	rows   []int // which row of each, from 1
	choice string
}

// unite makes the variables of all versions.
func (x *Export) unite() {
	forms := make([]*form.Form, len(x.versions))
	for i, v := range x.versions {
		forms[i] = v.Form
	}
	for _, c := range diff.Columns(forms) {
		x.variables = append(x.variables, variable{
			Column: c, kind: codebook.Kind(c.Field), left: x.leaves(c.Fields), chains: map[string][]int{},
		})
	}
	for i := range x.variables {
		v := &x.variables[i]
		for k, f := range v.Fields {
			chain := x.chain(v.Versions[k], f)
			v.chains[v.Versions[k]] = chain
			v.left = v.left || slices.ContainsFunc(chain, func(r int) bool { return x.leaves(x.variables[r].Fields) })
		}
	}
}

// leaves says whether a variable is left out: what one version protects stays
// protected under all its names.
func (x *Export) leaves(fields []form.Field) bool {
	return x.opt.Leave != nil && slices.ContainsFunc(fields, x.opt.Leave)
}

// chain finds the variables of the repeats around a question.
func (x *Export) chain(hash string, f form.Field) []int {
	parts := strings.Split(f.Path, ".")
	chain := make([]int, 0, len(parts)-1)
	for _, repeat := range parts[:len(parts)-1] {
		chain = append(chain, slices.IndexFunc(x.variables, func(v variable) bool {
			r, ok := v.In(hash)
			return ok && r.Name == repeat
		}))
	}
	return chain
}

// spread lays the variables out side by side, as many rows of each repeat as
// the longest has.
func (x *Export) spread(longest map[place]int) error {
	rows := make([]int, len(x.variables))
	for i, v := range x.variables {
		for k, f := range v.Fields {
			rows[i] = max(rows[i], min(longest[place{v.Versions[k], f.Path}], x.opt.MaxRows))
		}
	}
	if err := x.lay(rows, nil, nil); err != nil {
		return err
	}
	x.call()
	return nil
}

// lay adds the columns of what stands in one row, or in none.
func (x *Export) lay(longest, chain, rows []int) error {
	for i, v := range x.variables {
		if v.left || !v.standsIn(chain) {
			continue
		}
		x.columns = append(x.columns, column{v: i, chain: chain, rows: rows})
		if v.kind.Several() {
			for _, c := range v.Choices {
				x.columns = append(x.columns, column{v: i, chain: chain, rows: rows, choice: c.Name})
			}
		}
		if len(x.columns) > maxColumns {
			return fmt.Errorf("%w: more than %d columns; the long table has a row for each answer", ErrTooLarge, maxColumns)
		}
		if v.kind != define.Repeat {
			continue
		}
		for row := 1; row <= longest[i]; row++ {
			if err := x.lay(longest, with(chain, i), with(rows, row)); err != nil {
				return err
			}
		}
	}
	return nil
}

func with(list []int, n int) []int { return append(slices.Clone(list), n) }

// standsIn says whether some version asks the variable in these repeats.
func (v variable) standsIn(chain []int) bool {
	for _, c := range v.chains {
		if slices.Equal(c, chain) {
			return true
		}
	}
	return false
}

// call gives the columns their names: first the variables, so that they keep
// theirs, then what is made of them.
func (x *Export) call() {
	n := namer{}
	for i := range x.columns {
		if c := &x.columns[i]; c.choice == "" && len(c.rows) == 0 {
			c.name = n.name(x.variables[c.v].Name)
		}
	}
	for i := range x.columns {
		if c := &x.columns[i]; c.name == "" {
			c.name = n.name(x.longName(c))
		}
	}
	for i, name := range metaNames {
		x.meta[i] = n.name(name)
	}
}

func (x *Export) longName(c *column) string {
	var b strings.Builder
	for i, r := range c.chain {
		b.WriteString(x.variables[r].Name + "_" + strconv.Itoa(c.rows[i]) + "_")
	}
	b.WriteString(x.variables[c.v].Name)
	if c.choice != "" {
		b.WriteString("_" + c.choice)
	}
	return b.String()
}

// longestName is what SPSS takes, in bytes.
const longestName = 64

// reserved are words that SPSS does not take for a name.
var reserved = []string{"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}

// namer gives names that SPSS takes, each once whatever the case of letters.
type namer map[string]bool

var plainLetters = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss")

func (n namer) name(wanted string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, plainLetters.Replace(wanted))
	if clean == "" || clean[0] < 'A' || clean[0] == '_' || slices.Contains(reserved, strings.ToUpper(clean)) {
		clean = "v_" + clean
	}
	for i := 1; ; i++ {
		ending := ""
		if i > 1 {
			ending = "_" + strconv.Itoa(i)
		}
		try := clean[:min(len(clean), longestName-len(ending))] + ending
		if !n[strings.ToLower(try)] {
			n[strings.ToLower(try)] = true
			return try
		}
	}
}
