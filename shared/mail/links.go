package mail

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"kokoma/shared/lang"
)

// A Link is a capability for one thing: who holds its token may do what
// Purpose says with ID. All parts are authenticated, only ID is readable.
type Link struct {
	Purpose    string `json:"purpose"`             // "step", "survey", "resume", "confirm", "login"
	ID         string `json:"id"`                  // opaque and random, [A-Za-z0-9] only
	Iteration  int    `json:"iteration,omitempty"` // of the step: a link of an earlier run is void
	Recipient  string `json:"recipient,omitempty"` // address as Address gives it; empty for shared links
	Revocation int    `json:"revoked,omitempty"`   // counts up when handed over or revoked
}

// Links makes and checks everything that is derived from the link keys: link
// tokens, mailed codes, sealed form fields and the hashes of addresses. It
// stores nothing: the same Link gives the same token again, so a reminder
// carries the link of the first mail, and a dump of the tables yields none.
type Links struct {
	base    string
	current int
	keys    map[int][]byte
}

// minKey is the least length of a link key in bytes; 32 is what to use.
const minKey = 16

// CheckKeys says what is wrong with the link keys, for the rim to say so
// before it starts.
func CheckKeys(keys map[int][]byte, current int) error {
	if _, ok := keys[current]; !ok {
		return fmt.Errorf("link keys: number %d is to be used, but there is no key of that number", current)
	}
	for no, key := range keys {
		if no < 0 {
			return fmt.Errorf("link keys: number %d is negative", no)
		}
		if len(key) < minKey {
			return fmt.Errorf("link keys: key %d has %d bytes, wanted are 32, at least %d", no, len(key), minKey)
		}
	}
	return nil
}

// NewLinks returns the links of the site at base ("https://kokoma.example.org").
// New things are made under the key of number current; all keys given are
// accepted, so an old key stays in the map until nothing made under it is
// needed. It panics when CheckKeys finds fault: there is no safe way to go on.
func NewLinks(base string, keys map[int][]byte, current int) *Links {
	if err := CheckKeys(keys, current); err != nil {
		panic(err)
	}
	return &Links{base: strings.TrimRight(base, "/"), current: current, keys: keys}
}

// URL returns the full address of a page in language g; path begins with a slash.
func (l *Links) URL(g lang.Lang, path string) string {
	if g == lang.EN {
		return l.base + "/en" + path
	}
	return l.base + path
}

// LinkURL returns the address that k opens. "{token}" in path is where the
// token belongs; a path without it gets the token at its end.
func (l *Links) LinkURL(g lang.Lang, path string, k Link) string {
	return l.URL(g, withToken(path, l.Token(k)))
}

func withToken(path, token string) string {
	if strings.Contains(path, "{token}") {
		return strings.ReplaceAll(path, "{token}", token)
	}
	return path + token
}

// macLen is the length of the MAC in a token: 160 bits in base32, which needs
// no escaping in a URL and ends in no sign that mail programs cut off.
const macLen = 32

// base32Lower is spelt in lower case, apart from ids, which are often upper.
func base32Lower(b []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

// Token returns "<id>.<key number><mac>".
func (l *Links) Token(k Link) string {
	return k.ID + "." + strconv.Itoa(l.current) + l.mac(l.current, k)
}

// ID returns the id that token names, for looking up what the token should be
// checked against. It proves nothing.
func (l *Links) ID(token string) (id string, ok bool) {
	id, _, _, ok = cutToken(token)
	return id, ok
}

// Check tells whether token is the one of want, under any of the keys.
func (l *Links) Check(token string, want Link) bool {
	id, no, mac, ok := cutToken(token)
	if !ok || l.keys[no] == nil {
		return false
	}
	same := subtle.ConstantTimeCompare([]byte(id), []byte(want.ID))
	return same&subtle.ConstantTimeCompare([]byte(mac), []byte(l.mac(no, want))) == 1
}

// cutToken takes a token apart. Each token has exactly one spelling.
func cutToken(token string) (id string, no int, mac string, ok bool) {
	id, rest, ok := strings.Cut(token, ".")
	if !ok || !opaque(id) || len(rest) <= macLen || len(token) > 200 {
		return "", 0, "", false
	}
	number := rest[:len(rest)-macLen]
	no, err := strconv.Atoi(number)
	if err != nil || strconv.Itoa(no) != number {
		return "", 0, "", false
	}
	return id, no, rest[len(rest)-macLen:], true
}

// opaque tells whether id is made of letters and digits alone.
func opaque(id string) bool {
	for _, r := range []byte(id) {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return id != "" && len(id) <= 100
}

func (l *Links) mac(no int, k Link) string {
	sum := l.sum(no, "link", k.Purpose, k.ID, strconv.Itoa(k.Iteration),
		normal(k.Recipient), strconv.Itoa(k.Revocation))
	return base32Lower(sum[:20])
}

// sum authenticates parts for one use under key number no. Each part is
// written behind its length, so that no two lists of parts look the same.
func (l *Links) sum(no int, use string, parts ...string) []byte {
	h := hmac.New(sha256.New, l.derived(no, use))
	for _, part := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}

// derived gives every use a key of its own, so that what is made for one can
// never pass for another.
func (l *Links) derived(no int, use string) []byte {
	key, err := hkdf.Key(sha256.New, l.keys[no], nil, "kokoma mail "+use, 32)
	if err != nil {
		panic(err) // only for lengths that no code here asks for
	}
	return key
}

// Code returns the six digits mailed for (purpose, id). The nonce is random
// and stored with what waits for the code; a new nonce makes a new code.
func (l *Links) Code(purpose, id, nonce string) string { return l.code(l.current, purpose, id, nonce) }

// CheckCode tells whether code is the one mailed for these three, under any of
// the keys. Blanks that people type between the digits are no fault. Counting
// tries and minutes is the caller's.
func (l *Links) CheckCode(purpose, id, nonce, code string) bool {
	code = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\u00a0' || r == '-' {
			return -1
		}
		return r
	}, code)
	found := 0
	for no := range l.keys {
		found |= subtle.ConstantTimeCompare([]byte(code), []byte(l.code(no, purpose, id, nonce)))
	}
	return found == 1
}

func (l *Links) code(no int, purpose, id, nonce string) string {
	n := binary.BigEndian.Uint64(l.sum(no, "code", purpose, id, nonce))
	return fmt.Sprintf("%06d", n%1_000_000)
}

// Hash returns what stands for an address in the mail log. It is keyed: who
// has the tables alone cannot try addresses against it. Under a new link key
// an address has a new hash: on that day somebody may get a second mail.
func (l *Links) Hash(address string) string {
	return base32Lower(l.sum(l.current, "address", normal(address))[:15])
}
