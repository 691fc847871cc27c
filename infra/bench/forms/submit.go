package forms

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"

	bbolt "go.etcd.io/bbolt"

	"kokoma/shared/form"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
)

// submitting takes a complete submission: what was posted, judged, made
// canonical, and made durable.
func (b *bench) submitting() error {
	fmt.Fprint(b.out, "\n### Checking and storing a submission\n\n"+
		"All answers in one post. The floor of checking is url.ParseQuery of the post, which every server has to do before; that of storing is\n"+
		"the same JSON put into the bare database in a transaction of its own, one after the other, with fsync. Goal: checked in 0.3 ms.\n\n"+
		"| | ms | CPU ms | allocated KB | allocations | times the floor |\n|---|---|---|---|---|---|\n")
	for _, f := range []filled{b.survey, b.interest} {
		if err := b.check(f); err != nil {
			return err
		}
		if err := b.store(f); err != nil {
			return err
		}
	}
	return nil
}

// submit is what a submission goes through before it is stored.
func submit(f filled) (form.Answers, error) {
	a := f.form.Read(f.post, "", nil)
	if p := f.form.Check(a, "", env); p.Blocking(a.Confirmed) {
		return nil, fmt.Errorf("%s is refused: %v", f.name, p)
	}
	return f.form.Clean(a, env), nil
}

func (b *bench) check(f filled) error {
	clean, err := submit(f)
	if err != nil {
		return err
	}
	all := &subject{name: "read, checked, cleaned", do: func() error {
		_, err := submit(f)
		return err
	}}
	read := &subject{name: "read alone", do: func() error {
		f.form.Read(f.post, "", nil)
		return nil
	}}
	check := &subject{name: "checked alone", do: func() error {
		f.form.Check(f.answers, "", env)
		return nil
	}}
	made := &subject{name: "cleaned alone", do: func() error {
		f.form.Clean(f.answers, env)
		return nil
	}}
	floor := &subject{name: "floor: the post parsed", do: func() error {
		_, err := url.ParseQuery(f.body)
		return err
	}}
	subjects := []*subject{all, read, check, made, floor}
	if err := b.measure(subjects...); err != nil {
		return err
	}
	for _, s := range subjects {
		b.line(fmt.Sprintf("%s (%d answers): %s", f.name, len(clean), s.name), s, floor)
	}
	return nil
}

func (b *bench) line(name string, s, floor *subject) {
	fmt.Fprintf(b.out, "| %s | %s | %s | %s | %d | %s |\n", name, ms(s.best), ms(s.cpu), kb(s.bytes), s.allocs, ratio(s.best, floor.best))
}

func (b *bench) store(f filled) error {
	dir, remove, err := temporary()
	if err != nil {
		return err
	}
	defer remove()
	t, err := bolt.Open(filepath.Join(dir, "ours.db"))
	if err != nil {
		return err
	}
	n := 0
	ours := &subject{name: "read, checked, cleaned, stored", do: func() error {
		clean, err := submit(f)
		if err != nil {
			return err
		}
		body, err := json.Marshal(clean)
		if err != nil {
			return err
		}
		n++
		return t.Write(context.Background(), table.Put(table.Item{
			Key: table.Key{PK: "bench", SK: "response#" + strconv.Itoa(n)}, Kind: "response", Version: 1, Body: body,
		}, table.Absent()))
	}}
	floor, closeFloor, err := bare(filepath.Join(dir, "bare.db"), f)
	if err != nil {
		return err
	}
	if err := b.measure(ours, floor); err != nil {
		return err
	}
	for _, s := range []*subject{ours, floor} {
		b.line(f.name+": "+s.name, s, floor)
	}
	if err := closeFloor(); err != nil {
		return err
	}
	return t.Close()
}

var bucket = []byte("main")

// bare puts a finished submission into the bare database.
func bare(file string, f filled) (*subject, func() error, error) {
	clean, err := submit(f)
	if err != nil {
		return nil, nil, err
	}
	body, err := json.Marshal(clean)
	if err != nil {
		return nil, nil, err
	}
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return nil, nil, err
	}
	n := 0
	s := &subject{name: "floor: the same JSON put", do: func() error {
		n++
		return db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists(bucket)
			if err != nil {
				return err
			}
			return b.Put([]byte(strconv.Itoa(n)), body)
		})
	}}
	return s, db.Close, nil
}
