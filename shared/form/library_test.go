package form_test

import (
	"errors"
	"testing"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
)

func library(store table.Table) *form.Library { return form.NewLibrary(store, time.Now) }

func compile(t *testing.T, name, src string) *form.Form {
	t.Helper()
	f, err := form.Compile(name, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestKeptFormsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	store := tabletest.New(t)
	src := definition("- {type: select_one OL-CTYPE, name: a, " + label + ", required: \"yes\"}\n- {type: text, name: b, " + label + ", relevant: \"${a} = 'CT1'\"}")
	kept := compile(t, "a.yaml", src)
	for range 2 {
		if err := library(store).Keep(t.Context(), kept); err != nil {
			t.Fatal(err)
		}
	}
	again := library(store)
	f, err := again.Form(t.Context(), kept.Hash)
	if err != nil {
		t.Fatal(err)
	}
	if f.Hash != kept.Hash || f.ID != "t" || len(f.Fields()) != 2 || len(f.Fields()[0].Choices) != 6 {
		t.Errorf("read back: %+v", f)
	}
	a := form.Answers{"a": {Text: "CT1"}, "b": {Text: "x"}}
	if got := f.Clean(a, env); got.Text("b") != "x" {
		t.Errorf("clean is %+v", got)
	}
	if _, err := again.Form(t.Context(), "nonsense"); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("an unknown hash: %v", err)
	}
}

func TestStoredFormsAreReadByOlderAndNewerCode(t *testing.T) {
	t.Parallel()
	store := tabletest.New(t)
	body := []byte(`{"settings":{"form_id":"t","version":"1","title":{"de":"T","en":"T"}},"choices":{"YN":[{"name":"Q","label":{"de":"Q","en":"Q"}}]},` +
		`"survey":[{"type":"select_one YN","name":"a","label":{"de":"F","en":"Q"},"x_of_tomorrow":"yes"}]}`)
	if err := store.Write(t.Context(), table.Put(table.Item{Key: table.Key{PK: "form#h", SK: "form"}, Version: 1, Kind: "form", Body: body})); err != nil {
		t.Fatal(err)
	}
	f, err := library(store).Form(t.Context(), "h")
	if err != nil {
		t.Fatal(err)
	}
	if c := f.Fields()[0].Choices; len(c) != 1 || c[0].Name != "Q" || f.Hash != "h" {
		t.Errorf("the form is %+v, its choices %+v", f, c)
	}
}
