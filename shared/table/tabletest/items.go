package tabletest

import (
	"time"

	"kokoma/shared/table"
)

// whole is an item with everything in it.
func whole(k table.Key) table.Item {
	return table.Item{
		Key: k, Version: 7, Kind: "case", Body: []byte(`{"name":"Grüße aus Musterstadt 🙂"}`),
		Counters: map[string]int64{"hits": 3, "none": 0, "below": -120, "with some space#": 1},
		Due:      table.Place{PK: "due#1", SK: "2026-08-03T12:00:00Z", Note: "remind"},
		By:       table.Place{PK: "by#lead", SK: "case 1", Note: "note"},
		Expires:  time.Now().Add(time.Hour).Truncate(time.Second).UTC(),
	}
}

func comesBack(d door) {
	bare := table.Item{Key: key("bare", "item")}
	noNote := table.Item{Key: key("bare", "place"), Due: table.Place{PK: "due#0", SK: "1"}}
	d.write(table.Put(whole(key("whole", "item"))))
	d.write(table.Put(bare), table.Put(noNote))
	d.has(whole(key("whole", "item")))
	d.has(bare)
	d.has(noNote)

	odd := table.Item{Key: key("odd", "item"), Body: []byte{}, Counters: map[string]int64{}}
	odd.Expires = time.Now().Add(time.Hour)
	d.write(table.Put(odd))
	odd.Body, odd.Counters, odd.Expires = nil, nil, odd.Expires.Truncate(time.Second).UTC()
	d.has(odd)
	d.hasNot(key("whole", "other"))
	d.hasNot(key("other", "item"))
}

func putReplaces(d door) {
	k := key("a", "b")
	d.write(table.Put(whole(k)))
	next := table.Item{Key: k, Body: []byte(`1`), Counters: map[string]int64{"new": 1}}
	d.write(table.Put(next))
	d.has(next)
	d.finds(table.Query{Index: table.Due, PK: "due#1"})
	d.finds(table.Query{Index: table.By, PK: "by#lead"})
}

func updateChanges(d door) {
	k := key("a", "b")
	want := whole(k)
	d.write(table.Put(want))

	d.write(table.Update(k, table.Change{Add: map[string]int64{"hits": 2, "none": -1, "new": 5}}))
	want.Counters = map[string]int64{"hits": 5, "none": -1, "below": -120, "with some space#": 1, "new": 5}
	d.has(want)

	d.write(table.Update(k, table.Change{Body: []byte(`2`), Version: 8, Kind: "other"}))
	want.Body, want.Version, want.Kind = []byte(`2`), 8, "other"
	d.has(want)

	later := want.Expires.Add(time.Hour)
	d.write(table.Update(k, table.Change{
		Due: &table.Place{PK: "due#1", SK: "2027", Note: ""}, By: new(table.Place), Expires: &later,
	}))
	want.Due, want.By, want.Expires = table.Place{PK: "due#1", SK: "2027"}, table.Place{}, later
	d.has(want)

	d.write(table.Update(k, table.Change{Body: []byte{}, Due: new(table.Place), Expires: new(time.Time)}))
	want.Body, want.Due, want.Expires = nil, table.Place{}, time.Time{}
	d.has(want)
}

func updateMakes(d door) {
	k := key("a", "b")
	d.write(table.Update(k, table.Change{Add: map[string]int64{"hits": 1}}))
	d.has(table.Item{Key: k, Counters: map[string]int64{"hits": 1}})

	k = key("a", "c")
	d.write(table.Update(k, table.Change{By: new(table.Place)}))
	d.has(table.Item{Key: k})
	d.refused(0, table.Update(key("a", "d"), table.Change{Version: 1}, table.Exists()))
	d.hasNot(key("a", "d"))
}

func deleteRemoves(d door) {
	k := key("a", "b")
	d.write(table.Put(whole(k)))
	d.write(table.Delete(k))
	d.hasNot(k)
	d.finds(table.Query{PK: "a"})
	d.finds(table.Query{Index: table.Due, PK: "due#1"})
	d.finds(table.Query{Index: table.By, PK: "by#lead"})
	d.write(table.Delete(k))
}

func twoTables(d door) {
	main := table.Item{Key: key("a", "b"), Kind: "main"}
	answer := table.Item{Key: table.Key{Table: table.Answers, PK: "a", SK: "b"}, Kind: "answer"}
	d.write(table.Put(main))
	d.hasNot(answer.Key)
	d.write(table.Put(answer, table.Absent()))
	d.has(main)
	d.has(answer)
	d.finds(table.Query{Table: table.Answers, PK: "a"}, "b")
	d.write(table.Delete(main.Key))
	d.has(answer)
	if _, err := d.Query(d.Context(), table.Query{Table: table.Answers, Index: table.Due, PK: "a"}); err == nil {
		d.Error("answers has an index")
	}
	answer.Due = table.Place{PK: "due#0", SK: "1"}
	if err := d.Write(d.Context(), table.Put(answer)); err == nil {
		d.Error("an item of answers stands in an index")
	}
}

func writeNothing(d door) {
	d.write()
}
