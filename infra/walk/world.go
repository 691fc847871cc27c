package walk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// World is a running local platform as people meet it.
type World struct {
	Base      string
	Transport http.RoundTripper // nil: over the network
	Now       func() time.Time  // the platform's clock

	mu      sync.Mutex
	letters []Letter // that were read, newest first
}

// Letter is a mail as /local/mail.json gives it.
type Letter struct {
	ID, To, Subject, Text, HTML, Tag string
	At                               time.Time
	Headers                          map[string]string
}

// Browser opens a new browser on this platform.
func (w *World) Browser() *Browser { return NewBrowser(w.Base, w.Transport) }

// Mails are all mails to an address, newest first; "" gives everybody's. The
// mailbox is asked for those alone that have come since.
func (w *World) Mails(to string) ([]Letter, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	path := "/local/mail.json"
	if len(w.letters) > 0 {
		path += "?after=" + w.letters[0].ID
	}
	p, err := w.Browser().Open(path)
	if err != nil {
		return nil, err
	}
	var fresh []Letter
	if err := json.Unmarshal([]byte(p.Body), &fresh); err != nil {
		return nil, fmt.Errorf("reading the mailbox: %w", err)
	}
	w.letters = append(fresh, w.letters...)
	return slices.DeleteFunc(slices.Clone(w.letters), func(l Letter) bool { return to != "" && l.To != to }), nil
}

// Turn moves the clock forward and runs what falls due: "120h", or a date.
func (w *World) Turn(to string) error {
	v := url.Values{"advance": {to}}
	if strings.Contains(to, "-") {
		v = url.Values{"to": {to}}
	}
	p, err := w.Browser().Post("/local/clock", v)
	if err != nil {
		return err
	}
	if p.Status != http.StatusOK {
		return fmt.Errorf("the clock refused %s: %d %s", to, p.Status, p.Text())
	}
	return nil
}

var (
	codes = regexp.MustCompile(`\b[0-9]{6}\b`)
	links = regexp.MustCompile(`https?://[^\s<>"]+`)
)

// Code is the six-digit code of a mail.
func (l Letter) Code() string {
	// The phone number of the service office has nine digits, so no code.
	return codes.FindString(links.ReplaceAllString(l.Text, ""))
}

// Links are the addresses in a mail that contain part.
func (l Letter) Links(part string) []string {
	var out []string
	for _, a := range links.FindAllString(l.Text, -1) {
		if strings.Contains(a, part) && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// Newest waits for nothing: it gives the newest mail to an address whose text
// has part.
func (w *World) Newest(to, part string) (Letter, error) {
	mails, err := w.Mails(to)
	if err != nil {
		return Letter{}, err
	}
	for _, l := range mails {
		if strings.Contains(l.Text, part) {
			return l, nil
		}
	}
	return Letter{}, fmt.Errorf("no mail to %s with %q among %d", to, part, len(mails))
}

// newestCode is the code that was mailed last to an address: another mail may
// have come at the same moment.
func (w *World) newestCode(to string) (string, error) {
	mails, err := w.Mails(to)
	if err != nil {
		return "", err
	}
	for _, l := range mails {
		if code := l.Code(); code != "" {
			return code, nil
		}
	}
	return "", fmt.Errorf("no mail to %s with a code among %d", to, len(mails))
}
