package mail

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MaxSealed is the most that Seal takes, in bytes. The longest survey with
// every open question filled stays far below; a form field of this size fits
// the body limit of the pages.
const MaxSealed = 256 << 10

// ErrSealed says that a sealed text was changed, cut, made for another purpose
// or under a key that is gone. Which of them is nobody's business.
var ErrSealed = errors.New("sealed text is not ours")

// Seal encrypts plain and authenticates it together with purpose. The result
// is safe in a form field and in a URL: "<key number>.<nonce and text>".
func (l *Links) Seal(purpose string, plain []byte) (string, error) {
	if len(plain) > MaxSealed {
		return "", fmt.Errorf("sealing %d bytes for %s: at most %d", len(plain), purpose, MaxSealed)
	}
	sealed := l.aead(l.current, purpose).Seal(nil, nil, plain, nil)
	return strconv.Itoa(l.current) + "." + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open gives back what Seal was given for the same purpose, or ErrSealed.
func (l *Links) Open(purpose, sealed string) ([]byte, error) {
	number, text, ok := strings.Cut(sealed, ".")
	no, err := strconv.Atoi(number)
	if !ok || err != nil || strconv.Itoa(no) != number || l.keys[no] == nil {
		return nil, ErrSealed
	}
	if len(text) > base64.RawURLEncoding.EncodedLen(MaxSealed+64) {
		return nil, ErrSealed
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil, ErrSealed
	}
	plain, err := l.aead(no, purpose).Open(nil, nil, raw, nil)
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// aead draws a random nonce per text and keeps it in front; one key serves one
// purpose, far below the 2^32 texts that random nonces allow.
func (l *Links) aead(no int, purpose string) cipher.AEAD {
	block, err := aes.NewCipher(l.derived(no, "seal "+purpose))
	if err != nil {
		panic(err) // the derived key has 32 bytes
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return aead
}
