package form_test

import (
	"errors"
	"testing"

	"kokoma/shared/form"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
)

func TestPublishedFormsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	store := tabletest.New(t)
	src := []byte(definition("- {type: select_one OL-CTYPE, name: a, " + label + ", required: \"yes\"}\n- {type: text, name: b, " + label + ", relevant: \"${a} = 'CT1'\"}"))
	hash, err := form.NewLibrary(store).Publish(t.Context(), src, "a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	again := form.NewLibrary(store)
	if second, err := again.Publish(t.Context(), src, "a.yaml"); err != nil || second != hash {
		t.Fatalf("publishing again: %s, %v", second, err)
	}
	f, err := form.NewLibrary(store).Form(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	if f.Hash != hash || f.ID != "t" || len(f.Fields()) != 2 || len(f.Fields()[0].Choices) != 6 {
		t.Errorf("read back: %+v", f)
	}
	a := form.Answers{"a": {Text: "CT1"}, "b": {Text: "x"}}
	if got := f.Clean(a, env); got.Text("b") != "x" {
		t.Errorf("clean is %+v", got)
	}
	if _, err := again.Form(t.Context(), "nonsense"); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("an unknown hash: %v", err)
	}
	if _, err := again.Publish(t.Context(), []byte("a: 1"), "b.yaml"); err == nil {
		t.Error("a broken definition is published")
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
	f, err := form.NewLibrary(store).Form(t.Context(), "h")
	if err != nil {
		t.Fatal(err)
	}
	if c := f.Fields()[0].Choices; len(c) != 1 || c[0].Name != "Q" || f.Hash != "h" {
		t.Errorf("the form is %+v, its choices %+v", f, c)
	}
}
