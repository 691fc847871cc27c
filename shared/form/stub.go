package form

import (
	"context"
	"embed"
	"io/fs"
	"net/url"

	"kokoma/shared/lang"
	"kokoma/shared/table"
)

//go:embed tmpl/*.html
var Templates embed.FS

type node struct{}
type Option func(*int)
type Expr struct{}
type View struct{ Faults }
type Faults struct{}
type SummaryGroup struct {
	Page, Label, Href, Change string
	Items                     []SummaryItem
}
type SummaryItem struct {
	Name, Label string
	Class       string
	Values      []string
	Rows        [][]SummaryItem
	Empty       bool
}
type Library struct{}

func Compile(name string, src []byte, o ...Option) (*Form, error)                    { return &Form{}, nil }
func Load(fsys fs.FS, name string) (*Form, error)                                    { return &Form{}, nil }
func Lists() map[string]List                                                         { return nil }
func CompileExpr(src string) (*Expr, error)                                          { return &Expr{}, nil }
func (x *Expr) Bool(a Answers, e Env) bool                                           { return true }
func (x *Expr) Names() []string                                                      { return nil }
func (f *Form) CompileExpr(src string) (*Expr, error)                                { return &Expr{}, nil }
func (f *Form) Eval(src string, a Answers, e Env) (bool, error)                      { return true, nil }
func (f *Form) Pages() []Page                                                        { return nil }
func (f *Form) RelevantPages(a Answers, e Env) []Page                                { return nil }
func (f *Form) Read(v url.Values, page string, into Answers) Answers                 { return into.Clone() }
func Pressed(v url.Values) (fragment string, ok bool)                                { return "", false }
func (f *Form) Check(a Answers, page string, e Env) Problems                         { return nil }
func (f *Form) Clean(a Answers, e Env) Answers                                       { return a.Clone() }
func (f *Form) View(a Answers, page string, p Problems, e Env) View                  { return View{} }
func NewFaults(p Problems, a Answers, l lang.Lang, href func(Problem) string) Faults { return Faults{} }
func (f *Form) Summary(a Answers, e Env) []SummaryGroup                              { return nil }
func (f *Form) Fields() []Field                                                      { return nil }
func NewLibrary(t table.Table) *Library                                              { return &Library{} }
func (l *Library) Publish(ctx context.Context, src []byte, name string) (string, error) {
	return "", nil
}
func (l *Library) Form(ctx context.Context, hash string) (*Form, error) { return &Form{}, nil }
