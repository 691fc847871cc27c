package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"kokoma/shared/table"
)

var (
	bucketMeta    = []byte("meta")
	bucketMain    = []byte("main")
	bucketAnswers = []byte("answers")
	bucketDue     = []byte("due")
	bucketBy      = []byte("by")
	bucketExpiry  = []byte("expiry")

	dataBuckets = [][]byte{bucketMain, bucketAnswers, bucketDue, bucketBy, bucketExpiry}
)

func bucketOf(n table.Name) []byte {
	if n == table.Answers {
		return bucketAnswers
	}
	return bucketMain
}

func bucketFor(ix table.Index) []byte {
	if ix == table.Due {
		return bucketDue
	}
	return bucketBy
}

// A key of several strings is each of them with its zero bytes written as 00
// FF, and ended by 00 01: bytes then sort as the strings do, one after the
// other.
func appendPart(b []byte, s string) []byte {
	for i := range len(s) {
		b = append(b, s[i])
		if s[i] == 0 {
			b = append(b, 0xFF)
		}
	}
	return append(b, 0, 1)
}

func cutPart(b []byte) (part string, rest []byte, err error) {
	var out []byte
	for {
		i := bytes.IndexByte(b, 0)
		if i < 0 || i+1 >= len(b) {
			return "", nil, errDamaged
		}
		out = append(out, b[:i]...)
		mark := b[i+1]
		b = b[i+2:]
		if mark == 1 {
			return string(out), b, nil
		}
		out = append(out, 0)
	}
}

var errDamaged = fmt.Errorf("%w: an entry cannot be read", ErrUnreadable)

func parts(strings ...string) []byte {
	var b []byte
	for _, s := range strings {
		b = appendPart(b, s)
	}
	return b
}

func itemKey(k table.Key) []byte { return parts(k.PK, k.SK) }

func placeKey(p table.Place, k table.Key) []byte { return parts(p.PK, p.SK, k.PK, k.SK) }

// expiryKey sorts by second.
func expiryKey(it *table.Item) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(it.Expires.Unix()))
	return append(b, parts(string(it.Table), it.PK, it.SK)...)
}

func readExpiryKey(b []byte) (second uint64, k table.Key, err error) {
	if len(b) < 8 {
		return 0, table.Key{}, errDamaged
	}
	second, b = binary.BigEndian.Uint64(b), b[8:]
	var s [3]string
	for i := range s {
		if s[i], b, err = cutPart(b); err != nil {
			return 0, table.Key{}, err
		}
	}
	return second, table.Key{Table: table.Name(s[0]), PK: s[1], SK: s[2]}, nil
}
