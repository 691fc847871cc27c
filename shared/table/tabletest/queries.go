package tabletest

import (
	"errors"
	"fmt"
	"slices"

	"kokoma/shared/table"
)

func indexPlaces(d door) {
	k, q := key("a", "b"), table.Query{Index: table.Due, PK: "due#0"}
	at := func(sk, note string) *table.Place { return &table.Place{PK: "due#0", SK: sk, Note: note} }
	wants := func(p *table.Place, kind string) {
		d.Helper()
		page := d.page(q)
		if len(page.Items) != 1 {
			d.Fatalf("index has %d entries, want 1", len(page.Items))
		}
		d.same(page.Items[0], table.Item{Key: k, Kind: kind, Due: *p})
	}
	d.write(table.Put(table.Item{Key: k, Kind: "step"}))
	d.finds(q)
	d.write(table.Update(k, table.Change{Due: at("1", "remind")}))
	wants(at("1", "remind"), "step")
	d.write(table.Update(k, table.Change{Due: at("2", "remind")}))
	wants(at("2", "remind"), "step")
	d.write(table.Update(k, table.Change{Due: at("2", "escalate")}))
	wants(at("2", "escalate"), "step")
	d.write(table.Update(k, table.Change{Due: at("2", "")}))
	wants(at("2", ""), "step")
	d.write(table.Update(k, table.Change{Kind: "done"}))
	wants(at("2", ""), "done")
	d.write(table.Update(k, table.Change{Body: []byte(`1`), By: at("9", "")}))
	wants(at("2", ""), "done")
	d.write(table.Update(k, table.Change{Due: &table.Place{PK: "due#1", SK: "2"}}))
	d.finds(q)
	d.finds(table.Query{Index: table.Due, PK: "due#1"}, "2")
	d.write(table.Put(table.Item{Key: k, Due: *at("3", "")}))
	wants(at("3", ""), "")
	d.finds(table.Query{Index: table.By, PK: "due#0"})
	d.write(table.Update(k, table.Change{Due: new(table.Place)}))
	d.finds(q)
}

func sharedPlace(d door) {
	place := table.Place{PK: "due#0", SK: "same"}
	var want []string
	for i := range 7 {
		k := key(fmt.Sprintf("item %d", i%4), fmt.Sprintf("sk %d", i))
		d.write(table.Put(table.Item{Key: k, Due: place, By: place}))
		want = append(want, k.String())
	}
	slices.Sort(want)
	for _, ix := range []table.Index{table.Due, table.By} {
		for limit := range 8 {
			q := table.Query{Index: ix, PK: "due#0", Limit: limit}
			var got []string
			for _, it := range d.follow(q) {
				got = append(got, it.Key.String())
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				d.Errorf("index %s by pages of %d:\n got %v\nwant %v", ix, limit, got, want)
			}
		}
	}
}

// follow collects all pages of a query, which has its own limit a page.
func (d door) follow(q table.Query) []table.Item {
	d.Helper()
	var all []table.Item
	for {
		page := d.page(q)
		if q.Limit > 0 && len(page.Items) > q.Limit {
			d.Errorf("page of %d items with limit %d", len(page.Items), q.Limit)
		}
		all = append(all, page.Items...)
		if page.Cursor == "" {
			return all
		}
		q.Cursor = page.Cursor
	}
}

func indexProjects(d door) {
	it := whole(key("a", "b"))
	d.write(table.Put(it))
	got := d.page(table.Query{Index: table.Due, PK: it.Due.PK}).Items
	if len(got) != 1 {
		d.Fatalf("got %d entries", len(got))
	}
	d.same(got[0], table.Item{Key: it.Key, Kind: it.Kind, Due: it.Due})
	got = d.page(table.Query{Index: table.By, PK: it.By.PK}).Items
	if len(got) != 1 {
		d.Fatalf("got %d entries", len(got))
	}
	d.same(got[0], table.Item{Key: it.Key, Kind: it.Kind, By: it.By})
	d.same(d.page(table.Query{PK: "a"}).Items[0], it)
}

func queryRanges(d door) {
	keys := []string{"a", "a#1", "a#2", "a#3", "ab", "b", "b#1", "c"}
	for i, sk := range keys {
		d.write(table.Put(table.Item{Key: key("p", sk), Due: table.Place{PK: "due#0", SK: sk}, Version: int64(i + 1)}))
	}
	for _, c := range []struct {
		prefix, from, to string
	}{
		{},
		{prefix: "a"},
		{prefix: "a#"},
		{prefix: "a#2"},
		{prefix: "x"},
		{prefix: "c"},
		{from: "a#2"},
		{from: "a#2x"},
		{from: "c"},
		{from: "d"},
		{to: "a#2"},
		{to: "a#2x"},
		{to: "a"},
		{to: "A"},
		{from: "a#1", to: "b"},
		{from: "a#1", to: "a#1"},
		{from: "b", to: "a"},
		{prefix: "a#", from: "a#2"},
		{prefix: "a#", to: "a#2"},
		{prefix: "a#", from: "a", to: "c"},
		{prefix: "a#", from: "a#1", to: "a#2"},
		{prefix: "a", from: "b"},
		{prefix: "b", to: "a"},
	} {
		for _, ix := range []table.Index{table.Primary, table.Due} {
			q := table.Query{Index: ix, PK: "p", Prefix: c.prefix, From: c.from, To: c.to}
			if ix == table.Due {
				q.PK = "due#0"
			}
			d.findsEveryWay(q, keys)
		}
	}
}

// findsEveryWay wants of the sorted keys those in the query's range, forwards
// and backwards, consistent or not, by pages of any size.
func (d door) findsEveryWay(q table.Query, keys []string) {
	d.Helper()
	want := slices.DeleteFunc(slices.Clone(keys), func(sk string) bool { return !q.Has(sk) })
	d.finds(q, want...)
	q.Eventual = true
	d.finds(q, want...)
	for _, desc := range []bool{false, true} {
		q.Desc = desc
		if desc {
			slices.Reverse(want)
		}
		for _, limit := range []int{0, 1, 2, 3, 100} {
			q.Limit = limit
			var got []string
			for _, it := range d.follow(q) {
				got = append(got, it.Place(q.Index).SK)
			}
			if !slices.Equal(got, want) {
				d.Fatalf("query %+v:\n got %q\nwant %q", q, got, want)
			}
		}
	}
}

func byteOrder(d door) {
	keys := []string{"#", "0", "10", "2", "Z", "_", "a", "a\x00", "a\x00b", "a\x01", "a b", "z", "ß", "ä", "ﬀ", "\U0001F642", "\U0001F642!"}
	for _, sk := range keys {
		d.write(table.Put(table.Item{Key: key("p", sk), By: table.Place{PK: "by", SK: sk}}))
	}
	d.findsEveryWay(table.Query{PK: "p"}, keys)
	d.findsEveryWay(table.Query{PK: "p", From: "a", To: "ä"}, keys)
	d.findsEveryWay(table.Query{PK: "p", Prefix: "\U0001F642"}, keys)
	d.findsEveryWay(table.Query{Index: table.By, PK: "by"}, keys)
	d.findsEveryWay(table.Query{Index: table.By, PK: "by", To: "Z"}, keys)
}

func partitionsApart(d door) {
	for _, k := range []table.Key{key("a", "b"), key("a", "bc"), key("ab", "c"), key("a#", "b"), key("a#b", "c"), key("b", "a")} {
		d.write(table.Put(table.Item{Key: k, Due: table.Place{PK: k.PK, SK: k.SK}}))
	}
	for _, ix := range []table.Index{table.Primary, table.Due} {
		for _, desc := range []bool{false, true} {
			d.finds(table.Query{Index: ix, PK: "ab", Desc: desc}, "c")
			d.finds(table.Query{Index: ix, PK: "a#", Desc: desc}, "b")
			d.finds(table.Query{Index: ix, PK: "b", Desc: desc}, "a")
			d.finds(table.Query{Index: ix, PK: "none", Desc: desc})
		}
		d.finds(table.Query{Index: ix, PK: "a"}, "b", "bc")
	}
}

func pagesFollow(d door) {
	var keys []string
	for i := range 25 {
		sk := fmt.Sprintf("%03d", i)
		keys = append(keys, sk)
		d.write(table.Put(table.Item{Key: key("p", sk), Due: table.Place{PK: "due#0", SK: sk}}))
	}
	d.findsEveryWay(table.Query{PK: "p", Prefix: "01"}, keys)
	d.findsEveryWay(table.Query{Index: table.Due, PK: "due#0", From: "005", To: "017"}, keys)
	full := d.page(table.Query{PK: "p", Limit: 25})
	if full.Cursor == "" {
		d.Error("a page that reached its limit has no cursor")
	}
	if rest := d.page(table.Query{PK: "p", Limit: 25, Cursor: full.Cursor}); len(rest.Items) > 0 || rest.Cursor != "" {
		d.Errorf("behind the last item there is %+v", rest)
	}
	if whole := d.page(table.Query{PK: "p", Limit: 26}); whole.Cursor != "" {
		d.Error("a page that did not reach its limit has a cursor")
	}
}

func pageAfterGone(d door) {
	place := func(sk string) table.Place { return table.Place{PK: "due#0", SK: sk} }
	for _, sk := range []string{"1", "2", "3", "4"} {
		d.write(table.Put(table.Item{Key: key("p", sk), Due: place(sk)}))
	}
	for _, q := range []table.Query{{PK: "p"}, {Index: table.Due, PK: "due#0"}} {
		for _, desc := range []bool{false, true} {
			q.Desc, q.Limit, q.Cursor = desc, 2, ""
			page := d.page(q)
			last := page.Items[1]
			d.write(table.Delete(last.Key))
			q.Cursor, q.Limit = page.Cursor, 0
			want := []string{"3", "4"}
			if desc {
				want = []string{"2", "1"}
			}
			d.finds(q, want...)
			d.write(table.Put(table.Item{Key: last.Key, Due: place(last.SK)}))
		}
	}
}

func cursorFits(d door) {
	for _, sk := range []string{"1", "2", "3"} {
		d.write(table.Put(table.Item{Key: key("p", sk), Due: table.Place{PK: "due#0", SK: sk}}))
	}
	mine := d.page(table.Query{PK: "p", Limit: 2}).Cursor
	for _, q := range []table.Query{
		{PK: "p", Cursor: "nonsense"},
		{PK: "p", Cursor: "bm9uc2Vuc2U"},
		{PK: "p", Cursor: mine, Prefix: "x"},
		{PK: "p", Cursor: mine, From: "3"},
		{Index: table.Due, PK: "due#0", Cursor: mine},
	} {
		if _, err := d.Query(d.Context(), q); !errors.Is(err, table.ErrCursor) {
			d.Errorf("query %+v: got %v, want ErrCursor", q, err)
		}
	}
}

func pageEnds(d door) {
	for i := range 5 {
		d.write(table.Put(table.Item{Key: key("p", fmt.Sprint(i)), Body: text(390_000)}))
	}
	page := d.page(table.Query{PK: "p"})
	if n := len(page.Items); n == 0 || n > 3 || page.Cursor == "" {
		d.Errorf("page of %d items, cursor %q", n, page.Cursor)
	}
	d.finds(table.Query{PK: "p"}, "0", "1", "2", "3", "4")
	d.finds(table.Query{PK: "p", Desc: true, Limit: 4}, "4", "3", "2", "1")
}

func allEnds(d door) {
	for _, sk := range []string{"1", "2", "3"} {
		d.write(table.Put(table.Item{Key: key("p", sk)}))
	}
	d.finds(table.Query{PK: "p", Limit: 1}, "1")
	d.finds(table.Query{PK: "p", Limit: 2, Desc: true}, "3", "2")
	for it, err := range table.All(d.Context(), d, table.Query{PK: "p"}) {
		if err != nil || it.SK != "1" {
			d.Errorf("got %s, %v", it.Key, err)
		}
		break
	}
	n := 0
	for _, err := range table.All(d.Context(), d, table.Query{PK: "p", Cursor: "x"}) {
		if n++; err == nil {
			d.Error("a bad cursor gives items")
		}
	}
	if n != 1 {
		d.Errorf("an error came %d times", n)
	}
}
