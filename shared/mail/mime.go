package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"kokoma/shared/lang"
)

// Identity is whose mail it is: the same for every Sender.
type Identity struct {
	From     string // address; its domain is the one of DKIM and Message-ID
	FromName string // empty: "Servicestelle KoKoMa"
	ReplyTo  string // mailbox of the service office; empty: From
}

// Raw returns the message as it travels (RFC 5322, CRLF): what SES, SMTP and
// the local mailbox all carry.
func (i Identity) Raw(m Message) ([]byte, error) {
	msg, err := i.Build(m)
	if err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return nil, fmt.Errorf("writing message %s: %v", m.Tag, err)
	}
	return raw.Bytes(), nil
}

// Build returns the MIME message of m. Whatever the parts of m hold, each ends
// up as the value of its own header, on one line, of bounded length. An address
// that cannot be mailed is ErrRefused.
func (i Identity) Build(m Message) (*gomail.Msg, error) {
	from, err := address(i.FromName, i.From)
	if err != nil {
		return nil, fmt.Errorf("sender of mails: %v", err)
	}
	if i.FromName == "" {
		from.Name = "Servicestelle KoKoMa"
	}
	to, err := address(m.ToName, m.To)
	if err != nil {
		return nil, fmt.Errorf("recipient of message %s: %w", m.Tag, ErrRefused)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8),
		gomail.WithEncoding(gomail.EncodingQP))
	msg.FromMailAddress(from)
	msg.ToMailAddress(to)
	if i.ReplyTo != "" {
		if err := msg.ReplyTo(i.ReplyTo); err != nil {
			return nil, fmt.Errorf("reply address of mails: %v", err)
		}
	}
	i.headers(msg, m)
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}

func (i Identity) headers(msg *gomail.Msg, m Message) {
	subject(msg, headerValue(m.Subject, maxSubject))
	at := m.At
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	msg.SetDateWithValue(at.In(lang.Berlin()))
	if tag := headerValue(m.Tag, 64); opaque(tag) {
		// The same for each attempt, so that mail programs show a repeat once.
		_, domain, _ := strings.Cut(i.From, "@")
		msg.SetMessageIDWithValue(tag + "@" + domain)
	}
	for name, value := range m.Headers {
		if headerName(name) {
			msg.SetGenHeader(gomail.Header(name), headerValue(value, 400))
		}
	}
}

// subject sets the subject. The encoded words of the library are as long as a
// line may be, which leaves the first line of the header empty; these fit.
func subject(msg *gomail.Msg, s string) {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		msg.Subject(s)
		return
	}
	words, from := []string{}, 0
	for i, r := range s {
		if i+utf8.RuneLen(r)-from > 42 { // bytes: 56 letters in base64
			words, from = append(words, encodedWord(s[from:i])), i
		}
	}
	words = append(words, encodedWord(s[from:]))
	msg.SetGenHeaderPreformatted(gomail.HeaderSubject, strings.Join(words, "\r\n "))
}

func encodedWord(s string) string {
	return "=?UTF-8?b?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
}

// address joins a display name and an address.
func address(name, addr string) (*mail.Address, error) {
	clean, err := Address(addr)
	if err != nil {
		return nil, err
	}
	return &mail.Address{Name: headerValue(name, 80), Address: clean}, nil
}

// headerValue is one line that no reader takes for an encoded word of ours.
func headerValue(s string, limit int) string {
	return strings.ReplaceAll(line(s, limit), "=?", "= ?")
}

// headerName tells whether name may be set through Message.Headers: a token,
// and none of those that Build answers for.
func headerName(name string) bool {
	for _, r := range name {
		if r != '-' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	if len(name) > 60 {
		return false
	}
	switch strings.ToLower(name) {
	case "", "from", "to", "cc", "bcc", "reply-to", "sender", "return-path", "subject", "date", "message-id",
		"mime-version", "content-type", "content-transfer-encoding":
		return false
	}
	return true
}
