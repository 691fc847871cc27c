package mail_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
)

var someLink = mail.Link{
	Purpose: "step", ID: "QHSK4ABCD2EFGH3IJKL4MNOP5Q", Iteration: 2, Recipient: "amt@musterstadt.example.org", Revocation: 1,
}

func TestTokenOpensOnlyWhatItWasMadeFor(t *testing.T) {
	t.Parallel()
	l := links("https://kokoma.example.org/")
	token := l.Token(someLink)
	if !l.Check(token, someLink) || token != l.Token(someLink) {
		t.Fatalf("the token %s does not open its own link, or is another the second time", token)
	}
	if id, ok := l.ID(token); !ok || id != someLink.ID {
		t.Errorf("ID(%s) = %q, %v", token, id, ok)
	}
	same := someLink
	same.Recipient = " Amt@Musterstadt.Example.org "
	if !l.Check(token, same) {
		t.Error("another spelling of the recipient's address is refused")
	}
	for name, change := range map[string]func(*mail.Link){
		"purpose":         func(k *mail.Link) { k.Purpose = "survey" },
		"id":              func(k *mail.Link) { k.ID = "QHSK4ABCD2EFGH3IJKL4MNOP5R" },
		"case of the id":  func(k *mail.Link) { k.ID = strings.ToLower(k.ID) },
		"iteration":       func(k *mail.Link) { k.Iteration++ },
		"recipient":       func(k *mail.Link) { k.Recipient = "kuf@musterstadt.example.org" },
		"no recipient":    func(k *mail.Link) { k.Recipient = "" },
		"revocation":      func(k *mail.Link) { k.Revocation++ },
		"shifted parts":   func(k *mail.Link) { k.Purpose, k.ID = "stepQ", k.ID[1:] },
		"shifted numbers": func(k *mail.Link) { k.Iteration, k.Revocation = 21, 0 },
	} {
		other := someLink
		change(&other)
		if l.Check(token, other) {
			t.Errorf("%s: the token opens %+v", name, other)
		}
	}
}

func TestAnyChangedSignOfATokenIsRefused(t *testing.T) {
	t.Parallel()
	l := links("https://kokoma.example.org")
	token := l.Token(someLink)
	for i := range token {
		for _, c := range []byte("aZ09.-_%\x00 ") {
			changed := token[:i] + string(c) + token[i+1:]
			if changed != token && l.Check(changed, someLink) {
				t.Errorf("%q passes for %q", changed, token)
			}
		}
		for _, changed := range []string{token[:i], token[i+1:], token[:i] + token[i+1:], token[:i] + "a" + token[i:]} {
			if changed != token && l.Check(changed, someLink) {
				t.Errorf("%q passes for %q", changed, token)
			}
		}
	}
	for _, odd := range []string{"", ".", "a.", ".1" + strings.Repeat("a", 32), "a.+7" + strings.Repeat("a", 32), strings.Repeat("a", 1000) + token} {
		if _, ok := l.ID(odd); ok || l.Check(odd, someLink) {
			t.Errorf("%q is taken for a token", odd)
		}
	}
}

func TestTokenNeedsNoEscaping(t *testing.T) {
	t.Parallel()
	token := links("https://kokoma.example.org").Token(someLink)
	_, mac, _ := strings.Cut(token, ".")
	if len(mac) < 1+26 { // 128 bits in base32
		t.Errorf("the MAC of %s is too short", token)
	}
	if i := strings.IndexFunc(token, func(r rune) bool {
		return r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}); i >= 0 {
		t.Errorf("%s has %q", token, token[i])
	}
}

func TestOldKeysStayGoodUntilTheyAreTakenAway(t *testing.T) {
	t.Parallel()
	one, two := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	before := mail.NewLinks("https://a.example", map[int][]byte{1: one}, 1)
	during := mail.NewLinks("https://a.example", map[int][]byte{1: one, 2: two}, 2)
	after := mail.NewLinks("https://a.example", map[int][]byte{2: two}, 2)
	swapped := mail.NewLinks("https://a.example", map[int][]byte{1: two, 2: one}, 1)

	token, code := before.Token(someLink), before.Code("login", "id", "nonce")
	sealed, err := before.Seal("survey", []byte("page one"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		links *mail.Links
		want  bool
	}{"during": {during, true}, "after": {after, false}, "swapped": {swapped, false}} {
		if got := c.links.Check(token, someLink); got != c.want {
			t.Errorf("%s: Check = %v, want %v", name, got, c.want)
		}
		if got, err := c.links.Open("survey", sealed); (err == nil) != c.want || c.want && string(got) != "page one" {
			t.Errorf("%s: Open = %q, %v, want it to open: %v", name, got, err, c.want)
		}
	}
	if !during.CheckCode("login", "id", "nonce", code) || after.CheckCode("login", "id", "nonce", code) {
		t.Error("a code of an old key: wanted good while the key is there, void afterwards")
	}
	if during.Token(someLink) == token || !after.Check(during.Token(someLink), someLink) {
		t.Error("new tokens are not made under the new key")
	}
}

func TestKeysThatAreNoneAreFound(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string]map[int][]byte{
		"none": nil, "another number": {1: make([]byte, 32)}, "short": {0: make([]byte, 15)},
		"negative": {0: make([]byte, 32), -1: make([]byte, 32)},
	} {
		if mail.CheckKeys(keys, 0) == nil {
			t.Errorf("%s: no fault found", name)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: NewLinks goes on", name)
				}
			}()
			mail.NewLinks("https://a.example", keys, 0)
		}()
	}
}

func TestLinkURLPutsTheTokenWhereItBelongs(t *testing.T) {
	t.Parallel()
	l := links("https://kokoma.example.org/")
	token := l.Token(someLink)
	for _, c := range []struct {
		g          lang.Lang
		path, want string
	}{
		{lang.DE, "/s/", "https://kokoma.example.org/s/" + token},
		{lang.EN, "/s/", "https://kokoma.example.org/en/s/" + token},
		{lang.DE, "/s/{token}/vertretung", "https://kokoma.example.org/s/" + token + "/vertretung"},
	} {
		if got := l.LinkURL(c.g, c.path, someLink); got != c.want {
			t.Errorf("LinkURL(%s, %s) = %s, want %s", c.g, c.path, got, c.want)
		}
	}
}

func TestCodesAreSixDigitsAndNobodyElses(t *testing.T) {
	t.Parallel()
	l := links("https://kokoma.example.org")
	seen := map[string]int{}
	for i := range 2000 {
		code := l.Code("login", "id", fmt.Sprint(i))
		if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
			t.Fatalf("Code = %q", code)
		}
		seen[code]++
	}
	if len(seen) < 1980 {
		t.Errorf("2000 nonces gave only %d codes", len(seen))
	}
	code := l.Code("login", "id", "n")
	if code != l.Code("login", "id", "n") || !l.CheckCode("login", "id", "n", " "+code[:3]+" "+code[3:]) {
		t.Error("the code cannot be made again, or typed with a blank in it")
	}
	if l.Code("ab", "c", "n") == l.Code("a", "bc", "n") || l.Code("a", "bc", "n") == l.Code("a", "b", "cn") {
		t.Error("parts that are cut elsewhere give the same code")
	}
	if l.CheckCode("confirm", "id", "n", code) || l.CheckCode("login", "other", "n", code) ||
		l.CheckCode("login", "id", "m", code) || l.CheckCode("login", "id", "n", "") || l.CheckCode("login", "id", "n", code+"0") {
		t.Error("a code passes for what it was not made for")
	}
}

func TestSealedTextsOpenOnlyUnchangedAndForTheirPurpose(t *testing.T) {
	t.Parallel()
	l := links("https://kokoma.example.org")
	plain := []byte(`{"q1":"4","q2":"größer"}`)
	sealed, err := l.Seal("survey-A", plain)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := l.Seal("survey-A", plain)
	_, text, _ := strings.Cut(sealed, ".")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || sealed == again || bytes.Contains(raw, plain) || strings.Contains(sealed, string(plain)) {
		t.Errorf("sealing twice gives the same, or shows the text: %s", sealed)
	}
	if got, err := l.Open("survey-A", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("Open = %q, %v", got, err)
	}
	if _, err := l.Open("survey-B", sealed); !errors.Is(err, mail.ErrSealed) {
		t.Errorf("another purpose: %v", err)
	}
	for i := range sealed {
		changed := []string{sealed[:i], sealed[:i] + sealed[i+1:], sealed[:i] + "\n" + sealed[i:]}
		for _, c := range []byte("Aa0_.") {
			changed = append(changed, sealed[:i]+string(c)+sealed[i+1:])
		}
		for _, s := range changed {
			if s == sealed {
				continue
			}
			if got, err := l.Open("survey-A", s); !errors.Is(err, mail.ErrSealed) {
				t.Errorf("%q opens as %q, %v", s, got, err)
			}
		}
	}
}

func TestSealKeepsItsBound(t *testing.T) {
	t.Parallel()
	l := links("https://kokoma.example.org")
	most := make([]byte, mail.MaxSealed)
	if _, err := rand.Read(most); err != nil {
		t.Fatal(err)
	}
	sealed, err := l.Seal("s", most)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := l.Open("s", sealed); err != nil || !bytes.Equal(got, most) {
		t.Errorf("the longest text does not come back: %v", err)
	}
	if _, err := l.Seal("s", make([]byte, mail.MaxSealed+1)); err == nil {
		t.Error("a longer one is sealed")
	}
	if _, err := l.Open("s", sealed+strings.Repeat("A", 1000)); !errors.Is(err, mail.ErrSealed) {
		t.Errorf("a longer one is opened: %v", err)
	}
}

func TestAddressHasOneSpelling(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" Amt@Musterstadt.Example.ORG ": "amt@musterstadt.example.org",
		"vor.nach+kokoma@stadt.example": "vor.nach+kokoma@stadt.example",
		"amt@münchberg.example":         "amt@xn--mnchberg-65a.example",
		"o'neill@example.org":           "o'neill@example.org",
	} {
		if got, err := mail.Address(in); err != nil || got != want {
			t.Errorf("Address(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "amt", "@example.org", "amt@", "amt@localhost", "a b@example.org", "a@b@example.org",
		"amt@example.org, kuf@example.org", "Amt <amt@example.org>", "amt@example.org\r\nBcc: x@example.org",
		"amt@exam\u200bple.org", "\u202eamt@example.org", "amt@[127.0.0.1]", "mühle@example.org", "a..b@example.org",
		strings.Repeat("a", 65) + "@example.org", "a@" + strings.Repeat("b", 300) + ".org", "amt\x00@example.org",
	} {
		if got, err := mail.Address(in); err == nil {
			t.Errorf("Address(%q) = %q, want an error", in, got)
		}
	}
}

func TestHashOfAnAddressNeedsTheKey(t *testing.T) {
	t.Parallel()
	l := links("https://kokoma.example.org")
	other := mail.NewLinks("https://kokoma.example.org", map[int][]byte{7: make([]byte, 32)}, 7)
	const amt = "amt@musterstadt.example.org"
	if l.Hash(amt) != l.Hash(" Amt@Musterstadt.example.org") || l.Hash(amt) == l.Hash("x"+amt) || l.Hash(amt) == other.Hash(amt) {
		t.Error("the hash is not one per address and key")
	}
}
