package bolt

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"kokoma/shared/table"
)

// An item is stored as: version, expiry second (0 is never), kind, the two
// places, the number of counters and each of them
// by name, and the body to the end.
// Numbers are varints, strings come with their length before them.
func encode(it *table.Item) []byte {
	b := make([]byte, 0, 64+len(it.Body))
	b = binary.AppendVarint(b, it.Version)
	var expires int64
	if !it.Expires.IsZero() {
		expires = it.Expires.Unix()
	}
	b = binary.AppendVarint(b, expires)
	b = appendString(b, it.Kind)
	for _, p := range []table.Place{it.Due, it.By} {
		b = appendString(b, p.PK)
		b = appendString(b, p.SK)
		b = appendString(b, p.Note)
	}
	b = binary.AppendUvarint(b, uint64(len(it.Counters)))
	for _, name := range slices.Sorted(maps.Keys(it.Counters)) {
		b = appendString(b, name)
		b = binary.AppendVarint(b, it.Counters[name])
	}
	return append(b, it.Body...)
}

func decode(k table.Key, b []byte) (table.Item, error) {
	r := reader{left: b}
	it := table.Item{Key: k, Version: r.number()}
	if sec := r.number(); sec != 0 {
		it.Expires = time.Unix(sec, 0).UTC()
	}
	it.Kind = r.text()
	for _, p := range []*table.Place{&it.Due, &it.By} {
		*p = table.Place{PK: r.text(), SK: r.text(), Note: r.text()}
	}
	if n := r.count(); n > 0 && !r.bad {
		it.Counters = make(map[string]int64)
		for ; n > 0 && !r.bad; n-- {
			name := r.text()
			it.Counters[name] = r.number()
		}
	}
	if r.bad {
		return table.Item{}, errDamaged
	}
	if len(r.left) > 0 {
		it.Body = append([]byte(nil), r.left...)
	}
	return it, nil
}

// encodeEntry is what an index keeps beside the keys: kind and note.
func encodeEntry(it *table.Item, ix table.Index) []byte {
	return appendString(appendString(nil, it.Kind), it.Place(ix).Note)
}

func decodeEntry(ix table.Index, key, value []byte) (table.Item, error) {
	var s [4]string
	for i := range s {
		var err error
		if s[i], key, err = cutPart(key); err != nil {
			return table.Item{}, err
		}
	}
	r := reader{left: value}
	it := table.Item{Key: table.Key{PK: s[2], SK: s[3]}, Kind: r.text()}
	place := table.Place{PK: s[0], SK: s[1], Note: r.text()}
	if r.bad {
		return table.Item{}, errDamaged
	}
	if ix == table.Due {
		it.Due = place
	} else {
		it.By = place
	}
	return it, nil
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// reader takes values off the front and remembers when it could not.
type reader struct {
	left []byte
	bad  bool
}

func (r *reader) number() int64 {
	n, size := binary.Varint(r.left)
	r.skip(size)
	return n
}

func (r *reader) count() uint64 {
	n, size := binary.Uvarint(r.left)
	r.skip(size)
	return n
}

func (r *reader) text() string {
	n := r.count()
	if n > uint64(len(r.left)) {
		r.bad = true
		return ""
	}
	s := string(r.left[:n])
	r.left = r.left[n:]
	return s
}

func (r *reader) skip(size int) {
	if size <= 0 {
		r.bad, size = true, len(r.left)
	}
	r.left = r.left[size:]
}
