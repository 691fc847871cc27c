package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// SMTP sends through one mail server, a connection a message: enough for a
// single machine, and no connection outlives a batch.
type SMTP struct {
	Identity Identity
	Host     string
	Port     int    // 0: 587, with TLS "tls" 465
	TLS      string // "starttls" (also when empty), "tls" from the first byte, "none" for a server on this machine
	Username string // empty: no sign-in
	Password string
	Timeout  time.Duration  // 0: 15 seconds for connecting and for each message
	Roots    *x509.CertPool // nil: the certificates that this machine trusts
}

// Send hands the message over. Only a server that falls silent after the text
// was sent leaves it in doubt.
func (s SMTP) Send(ctx context.Context, m Message) (string, error) {
	msg, err := s.Identity.Build(m)
	if err != nil {
		return "", err
	}
	client, err := s.client()
	if err != nil {
		return "", fmt.Errorf("%w: settings of the mail server: %v", ErrNotNow, err)
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return "", fmt.Errorf("%w: reaching the mail server: %v", ErrNotNow, err)
	}
	// The answer to the message counts, not that to QUIT.
	defer func() { _ = client.CloseWithSMTPClient(conn) }()
	if err := client.SendWithSMTPClient(conn, msg); err != nil {
		return "", smtpError(err)
	}
	return msg.ServerResponse(), nil
}

func (s SMTP) client() (*gomail.Client, error) {
	o := []gomail.Option{gomail.WithoutNoop(), gomail.WithoutRset(), gomail.WithTLSConfig(&tls.Config{
		ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12,
	})}
	switch s.TLS {
	case "", "starttls":
		o = append(o, gomail.WithTLSPortPolicy(gomail.TLSMandatory))
	case "tls":
		o = append(o, gomail.WithSSLPort(false))
	case "none":
		o = append(o, gomail.WithTLSPortPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("TLS %q: wanted is starttls, tls or none", s.TLS)
	}
	if s.Port != 0 {
		o = append(o, gomail.WithPort(s.Port))
	}
	if s.Timeout != 0 {
		o = append(o, gomail.WithTimeout(s.Timeout))
	}
	if s.Username != "" {
		o = append(o, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(s.Username), gomail.WithPassword(s.Password))
	}
	return gomail.NewClient(s.Host, o...)
}

// smtpError says what a failed exchange means. It repeats no text of the
// server, which may hold the address.
func smtpError(err error) error {
	e, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return fmt.Errorf("%w: no talk with the mail server", ErrNotNow)
	}
	code := e.ErrorCode()
	switch {
	case e.Reason == gomail.ErrSMTPDataClose && code == 0:
		return fmt.Errorf("mail server fell silent after the text")
	case code >= 500 && (e.Reason == gomail.ErrSMTPRcptTo || e.Reason == gomail.ErrSMTPDataClose):
		return fmt.Errorf("%w: mail server answered %d", ErrRefused, code)
	}
	// What is left is about us and the server, or the text was never finished.
	return fmt.Errorf("%w: mail server answered %d", ErrNotNow, code)
}
