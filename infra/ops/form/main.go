// Command form checks definitions of forms and turns them from one spelling
// into the other, YAML or an .xlsx workbook:
//
//	go run ./infra/ops/form check [-lang de] FILE…
//	go run ./infra/ops/form import FILE.xlsx [-o FILE.yaml]
//	go run ./infra/ops/form export FILE.yaml -o FILE.xlsx
//	go run ./infra/ops/form diff [-lang de] OLD NEW
//
// check prints what is found with its place, `talk.xlsx:survey!C12: …`, and
// ends with 1 if a file can't be used as it is; warnings do not count. import
// and export write nothing then. diff says what changes between two versions and
// what that means, and ends with 1 if the new one must not be published.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"kokoma/shared/form"
	"kokoma/shared/form/define"
	"kokoma/shared/form/diff"
	"kokoma/shared/form/workbook"
	"kokoma/shared/lang"
)

const usage = `usage:
  go run ./infra/ops/form check [-lang de] FILE…
  go run ./infra/ops/form import [-lang de] FILE.xlsx [-o FILE.yaml]
  go run ./infra/ops/form export [-lang de] FILE.yaml -o FILE.xlsx
  go run ./infra/ops/form diff [-lang de] OLD NEW`

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "form:", err)
		os.Exit(1)
	}
}

// command is one call.
type command struct {
	out, findings io.Writer
	lang          lang.Lang
	to            string // -o
	files         []string
}

func run(args []string, out, findings io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	c := command{out: out, findings: findings}
	if err := c.parse(args[1:]); err != nil {
		return err
	}
	switch {
	case args[0] == "check" && len(c.files) > 0 && c.to == "":
		c.findings = out
		return c.check()
	case args[0] == "import" && len(c.files) == 1:
		return c.imported()
	case args[0] == "export" && len(c.files) == 1 && c.to != "":
		return c.exported()
	case args[0] == "diff" && len(c.files) == 2 && c.to == "":
		return c.diff()
	}
	return errors.New(usage)
}

// parse takes flags before and behind the files.
func (c *command) parse(args []string) error {
	flags := flag.NewFlagSet("form", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	language := flags.String("lang", "en", "language of the findings: de or en")
	flags.StringVar(&c.to, "o", "", "file to write")
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return errors.New(usage)
		}
		if args = flags.Args(); len(args) > 0 {
			c.files, args = append(c.files, args[0]), args[1:]
		}
	}
	if *language != "de" && *language != "en" {
		return errors.New(usage)
	}
	c.lang = lang.Lang(*language)
	return nil
}

func (c *command) check() error {
	broken := 0
	for _, name := range c.files {
		f, err := c.form(name)
		if err != nil {
			return err
		}
		if f == nil {
			broken++
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d can't be used as they are: correct what is said above", broken, len(c.files))
	}
	return nil
}

// form reads a file and examines it.
func (c *command) form(name string) (*form.Form, error) {
	d, report, err := read(name)
	if err != nil {
		return nil, err
	}
	return c.examine(d, report)
}

// examine prints what is found; there is no form if the definition can't be
// used.
func (c *command) examine(d *form.Definition, report *define.Report) (*form.Form, error) {
	f, found, err := form.ExamineDefinition(d, report)
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		level := ""
		if one.Warning {
			level = map[lang.Lang]string{lang.DE: "Hinweis: ", lang.EN: "warning: "}[c.lang]
		}
		if _, err := fmt.Fprintf(c.findings, "%s:%s: %s%s\n", one.File, one.At, level, one.Text.In(c.lang)); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// imported writes YAML. What is written is the definition as it was read:
// examining it adds the lists that it uses.
func (c *command) imported() error {
	if !isWorkbook(c.files[0]) {
		return fmt.Errorf("%s is no .xlsx: import reads workbooks, export writes them", c.files[0])
	}
	return c.convert(define.WriteYAML)
}

func (c *command) exported() error {
	if isWorkbook(c.files[0]) || !isWorkbook(c.to) {
		return fmt.Errorf("export writes a .xlsx of YAML, not %s of %s", c.to, c.files[0])
	}
	return c.convert(workbook.Write)
}

func (c *command) convert(write func(io.Writer, *define.Definition) error) error {
	name := c.files[0]
	d, report, err := read(name)
	if err != nil {
		return err
	}
	var written bytes.Buffer
	if d != nil {
		if err := write(&written, d); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	f, err := c.examine(d, report)
	if err != nil {
		return err
	}
	if f == nil {
		return fmt.Errorf("%s can't be used as it is, nothing was written: correct what is said above", name)
	}
	if c.to == "" {
		_, err = c.out.Write(written.Bytes())
		return err
	}
	return os.WriteFile(c.to, written.Bytes(), 0o644)
}

// diff compares two versions, in whichever spelling.
func (c *command) diff() error {
	var forms []*form.Form
	for _, name := range c.files {
		f, err := c.form(name)
		if err != nil {
			return err
		}
		if f == nil {
			return fmt.Errorf("%s can't be used as it is: correct what is said above", name)
		}
		forms = append(forms, f)
	}
	changes := diff.Of(forms[0], forms[1])
	if _, err := io.WriteString(c.out, changes.Text(c.lang)); err != nil {
		return err
	}
	if changes.Refused() {
		return errors.New("the new version must not be published as it is")
	}
	return nil
}

// read reads a definition in either spelling; nil if it can't be read.
func read(name string) (*form.Definition, *define.Report, error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	if isWorkbook(name) {
		d, report := workbook.Read(name, src)
		return d, report, nil
	}
	report := &define.Report{File: name}
	return define.ReadYAML(src, false, report), report, nil
}

func isWorkbook(name string) bool {
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".yaml", ".yml", ".json", "":
		return false
	}
	return true
}
