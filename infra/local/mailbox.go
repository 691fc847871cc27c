package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	netmail "net/mail"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"kokoma/shared/mail"
)

// letter is one mail as /local/mail.json gives it.
type letter struct {
	ID      string            `json:"id"`
	At      time.Time         `json:"at"`
	To      string            `json:"to"`
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	HTML    string            `json:"html"`
	Headers map[string]string `json:"headers"`
	Tag     string            `json:"tag"` // of the outbox entry, as a provider would report on it
}

// mailbox is the local platform's sender: mails go into a file, one JSON line
// each, synced before Send answers, so that a mail reported as sent is there
// after a kill.
type mailbox struct {
	from mail.Identity
	now  func() time.Time
	mu   sync.Mutex
	file *os.File
	all  []letter // oldest first
}

var _ mail.Sender = (*mailbox)(nil)

func openMailbox(root *os.Root, from mail.Identity, now func() time.Time) (*mailbox, error) {
	const name = "mail.jsonl"
	b := &mailbox{from: from, now: now}
	old, err := root.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the mailbox: %w", err)
	}
	// A kill in the middle of a line leaves a torn last line: that mail was
	// never acknowledged, so it is cut off and will be sent again.
	whole := bytes.LastIndexByte(old, '\n') + 1
	for line := range bytes.Lines(old[:whole]) {
		var l letter
		if err := json.Unmarshal(line, &l); err != nil {
			return nil, fmt.Errorf("reading the mailbox: %w", err)
		}
		b.all = append(b.all, l)
	}
	if b.file, err = root.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, fmt.Errorf("opening the mailbox: %w", err)
	}
	if err := b.file.Truncate(int64(whole)); err != nil {
		return nil, fmt.Errorf("cutting a torn line: %w", err)
	}
	if _, err := b.file.Seek(int64(whole), 0); err != nil {
		return nil, fmt.Errorf("opening the mailbox: %w", err)
	}
	return b, nil
}

// Send keeps the message as it was composed.
func (b *mailbox) Send(_ context.Context, m mail.Message) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	headers, err := b.headers(m)
	if err != nil {
		return "", err
	}
	l := letter{
		ID: strconv.Itoa(len(b.all) + 1), At: b.now().UTC(), To: m.To, Subject: m.Subject,
		Text: m.Text, HTML: m.HTML, Headers: headers, Tag: m.Tag,
	}
	w := bufio.NewWriter(b.file)
	if err := json.NewEncoder(w).Encode(l); err != nil {
		return "", fmt.Errorf("writing the mailbox: %w", err)
	}
	if err := w.Flush(); err != nil {
		return "", fmt.Errorf("writing the mailbox: %w", err)
	}
	if err := b.file.Sync(); err != nil {
		return "", fmt.Errorf("writing the mailbox: %w", err)
	}
	b.all = append(b.all, l)
	return l.ID, nil
}

// headers are those of the message as SES or SMTP would carry it.
func (b *mailbox) headers(m mail.Message) (map[string]string, error) {
	raw, err := b.from.Raw(m)
	if err != nil {
		return nil, err
	}
	parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("reading the composed message: %w", err)
	}
	out := map[string]string{}
	for name := range parsed.Header {
		out[name] = parsed.Header.Get(name)
	}
	return out, nil
}

// newest gives every mail, newest first.
func (b *mailbox) newest() []letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Clone(b.all)
	slices.Reverse(all)
	return all
}

func (b *mailbox) Close() error { return b.file.Close() }
