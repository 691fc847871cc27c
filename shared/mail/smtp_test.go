package mail_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"kokoma/shared/mail"
)

// server is a small mail server on loopback. Answers holds what it says to a
// command in place of 250; "close" hangs up.
type server struct {
	answers map[string]string
	tls     *tls.Config

	// What it saw, to be read after stop.
	stop     func()
	received []string // messages, dots undone
	from, to string
	auth     string
	secure   bool
}

func serve(t *testing.T, s *server) mail.SMTP {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.talk(conn) })
		}
	})
	s.stop = sync.OnceFunc(func() { _ = l.Close(); all.Wait() })
	t.Cleanup(s.stop)
	return mail.SMTP{
		Identity: identity, Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: "none", Timeout: 2 * time.Second,
	}
}

func (s *server) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	text := textproto.NewConn(conn)
	say := func(line string) { _ = text.PrintfLine("%s", line) } // the client sees it
	say("220 mail.example.org")
	for {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		verb := strings.ToUpper(strings.SplitN(line, " ", 2)[0])
		switch answer := s.answers[verb]; {
		case answer == "close":
			return
		case answer != "":
			say(answer)
			continue
		}
		switch verb {
		case "EHLO":
			say("250-mail.example.org")
			if s.tls != nil && !s.secure {
				say("250-STARTTLS")
			}
			say("250 AUTH PLAIN")
		case "STARTTLS":
			say("220 go on")
			secure := tls.Server(conn, s.tls)
			conn, text = secure, textproto.NewConn(secure)
			s.secure = true
			say = func(line string) { _ = text.PrintfLine("%s", line) }
		case "AUTH":
			s.auth = line
			say("235 welcome")
		case "MAIL":
			s.from = line
			say("250 ok")
		case "RCPT":
			s.to = line
			say("250 ok")
		case "DATA":
			if s.data(text, say) {
				return
			}
		case "QUIT":
			say("221 bye")
			return
		default:
			say("500 what?")
		}
	}
}

// data takes the text; it says whether the server hangs up.
func (s *server) data(text *textproto.Conn, say func(string)) bool {
	say("354 go on")
	body, err := io.ReadAll(bufio.NewReader(text.DotReader()))
	if err != nil {
		return true
	}
	s.received = append(s.received, string(body))
	switch answer := s.answers["."]; answer {
	case "":
		say("250 2.0.0 queued as 4711")
	case "close":
		return true
	default:
		say(answer)
	}
	return false
}

var aMessage = mail.Message{
	To: amt, ToName: "Ämter", Lang: "de", Subject: "KoKoMa: Prüfen", Text: "Guten Tag,\n\n.\nGrüße\n", HTML: "<p>Guten Tag,</p>",
	Tag: "abc", At: monday, Headers: map[string]string{"Auto-Submitted": "auto-generated"},
}

func TestSMTPHandsTheMessageOver(t *testing.T) {
	t.Parallel()
	s := &server{}
	sender := serve(t, s)
	id, err := sender.Send(t.Context(), aMessage)
	s.stop()
	if err != nil || !strings.Contains(id, "4711") {
		t.Fatalf("Send = %q, %v", id, err)
	}
	if len(s.received) != 1 || !strings.HasPrefix(s.from, "MAIL FROM:<kokoma@example.org>") || s.to != "RCPT TO:<"+amt+">" {
		t.Fatalf("from %q to %q, %d messages", s.from, s.to, len(s.received))
	}
	p := parse(t, []byte(strings.ReplaceAll(s.received[0], "\n", "\r\n")))
	if p.subject != "KoKoMa: Prüfen" || !strings.Contains(p.text, "\n.\nGrüße\n") || p.header.Get("Message-Id") != "<abc@example.org>" {
		t.Errorf("received %q:\n%s", p.subject, p.text)
	}
}

func TestSMTPSaysWhatBecameOfTheMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, verb, answer string
		want               error // nil: in doubt
		received           int
	}{
		{"unknown mailbox", "RCPT", "550 5.1.1 <" + amt + "> unknown", mail.ErrRefused, 0},
		{"mailbox full", "RCPT", "452 4.2.2 full", mail.ErrNotNow, 0},
		{"we may not send", "MAIL", "550 5.7.1 not you", mail.ErrNotNow, 0},
		{"no DATA now", "DATA", "451 later", mail.ErrNotNow, 0},
		{"text refused", ".", "554 5.7.1 spam", mail.ErrRefused, 1},
		{"text put off", ".", "451 4.7.1 greylisted", mail.ErrNotNow, 1},
		{"silent after the text", ".", "close", nil, 1},
		{"hangs up at MAIL", "MAIL", "close", mail.ErrNotNow, 0},
		{"hangs up at DATA", "DATA", "close", mail.ErrNotNow, 0},
		{"no greeting", "EHLO", "close", mail.ErrNotNow, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &server{answers: map[string]string{c.verb: c.answer}}
			_, err := serve(t, s).Send(t.Context(), aMessage)
			s.stop()
			doubt := !errors.Is(err, mail.ErrNotNow) && !errors.Is(err, mail.ErrRefused)
			if err == nil || doubt != (c.want == nil) || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("Send = %v, want %v", err, c.want)
			}
			if len(s.received) != c.received {
				t.Errorf("the server received %d messages, want %d", len(s.received), c.received)
			}
			if err != nil && strings.Contains(err.Error(), amt) {
				t.Errorf("the error names the address: %v", err)
			}
		})
	}
}

func TestSMTPThatIsNotThereMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	sender := serve(t, &server{})
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	sender.Port = gone.Addr().(*net.TCPAddr).Port
	_ = gone.Close()
	if _, err := sender.Send(t.Context(), aMessage); !errors.Is(err, mail.ErrNotNow) {
		t.Errorf("nobody listens: %v", err)
	}
	sender.TLS = "sometimes"
	if _, err := sender.Send(t.Context(), aMessage); !errors.Is(err, mail.ErrNotNow) {
		t.Errorf("a setting that is none: %v", err)
	}
	bad := aMessage
	bad.To = "nobody"
	if _, err := sender.Send(t.Context(), bad); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("an address that is none: %v", err)
	}
}

func TestSMTPSpeaksOnlyOverTLSUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	plain := &server{}
	sender := serve(t, plain)
	sender.TLS, sender.Username, sender.Password = "", "kokoma", "secret"
	_, err := sender.Send(t.Context(), aMessage)
	plain.stop()
	if !errors.Is(err, mail.ErrNotNow) || len(plain.received) != 0 || plain.auth != "" {
		t.Errorf("a server without TLS: %v, %d messages, sign-in %q", err, len(plain.received), plain.auth)
	}
	cert, pool := certificate(t)
	for name, roots := range map[string]*x509.CertPool{"trusted": pool, "unknown": x509.NewCertPool()} {
		s := &server{tls: &tls.Config{Certificates: []tls.Certificate{cert}}}
		sender := serve(t, s)
		sender.TLS, sender.Username, sender.Password, sender.Roots = "starttls", "kokoma", "secret", roots
		_, err := sender.Send(t.Context(), aMessage)
		s.stop()
		want := "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00kokoma\x00secret"))
		if name == "trusted" && (err != nil || len(s.received) != 1 || s.auth != want || !s.secure) {
			t.Errorf("%s: %v, %d messages, %q", name, err, len(s.received), s.auth)
		}
		if name == "unknown" && (!errors.Is(err, mail.ErrNotNow) || s.auth != "" || len(s.received) != 0) {
			t.Errorf("%s: %v, %q", name, err, s.auth)
		}
	}
}

// certificate makes one for 127.0.0.1 that the returned pool trusts.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
