package intake

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kokoma/shared/mail"
	"kokoma/shared/table"
)

// codeKind is what a mailed code is good for.
type codeKind string

const (
	codeConfirm codeKind = "confirm" // proves that the contact address is read
	codeResume  codeKind = "resume"  // opens the draft in a new browser
)

// The code opens nothing without its link, and both are in one mail: what it
// keeps out are scanners that open links. So a resume code stays good as long
// as the draft, and asking again mails the same code, unless it is used up.
const (
	codeDigits    = 6
	maxTries      = 5
	confirmValid  = 24 * time.Hour
	maxCodesADay  = 5
	codeDay       = 24 * time.Hour
	codeKeptAfter = deleteAfter
)

// code is one that waits to be typed. The digits are not stored: mail.Links
// makes them again from the nonce under a key that is not in the tables.
type code struct {
	version int64

	Nonce  string      `json:"nonce"`
	Made   time.Time   `json:"made"`
	Tried  []string    `json:"tried,omitempty"`  // marks of the different codes that were typed
	Mailed []time.Time `json:"mailed,omitempty"` // in the last day
}

// verdict on a typed code.
type verdict int

const (
	codeRight verdict = iota
	codeMalformed
	codeWrong
	codeUsedUp // too many different tries, or too old
)

// errTooManyCodes is for a draft that had its codes of the day.
var errTooManyCodes = errors.New("too many codes mailed")

func (c code) expired(k codeKind, now time.Time) bool {
	return c.Nonce == "" || k == codeConfirm && now.Sub(c.Made) >= confirmValid
}

func (c code) put(id string, k codeKind, now time.Time) (table.Op, error) {
	body, err := json.Marshal(c)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing a code: %w", err)
	}
	it := table.Item{Key: codeKey(id, k), Kind: "code", Version: c.version + 1, Body: body, Expires: now.Add(codeKeptAfter)}
	return table.Put(it, table.AtVersion(c.version)), nil
}

func (x *Service) code(ctx context.Context, id string, k codeKind) (code, error) {
	it, err := x.Table.Get(ctx, codeKey(id, k))
	if errors.Is(err, table.ErrNotFound) {
		return code{}, nil
	}
	if err != nil {
		return code{}, fmt.Errorf("loading a code: %w", err)
	}
	c := code{version: it.Version}
	if err := json.Unmarshal(it.Body, &c); err != nil {
		return code{}, fmt.Errorf("reading a code: %w", err)
	}
	return c, nil
}

// letter is a mail to a municipality that carries a code.
type letter struct {
	template string
	kind     codeKind
	to       string
	fresh    bool // a new code even if the last one is still good
	always   bool // the municipality did not ask for it: it counts against no limit
	page     string
	notAt    time.Time // not before
}

// mailCode gives the operations that mail a code with its link. When it is
// asked for twice at the same moment, one of the two writes fails.
func (x *Service) mailCode(ctx context.Context, e *entry, l letter, now time.Time) ([]table.Op, error) {
	c, err := x.code(ctx, e.id, l.kind)
	if err != nil {
		return nil, err
	}
	c.Mailed = slices.DeleteFunc(c.Mailed, func(at time.Time) bool { return now.Sub(at) >= codeDay })
	if len(c.Mailed) >= maxCodesADay && !l.always {
		return nil, errTooManyCodes
	}
	if l.fresh || c.expired(l.kind, now) || len(c.Tried) >= maxTries {
		c.Nonce, c.Made, c.Tried = rand.Text(), now, nil
	}
	c.Mailed = append(c.Mailed, now)
	put, err := c.put(e.id, l.kind, now)
	if err != nil {
		return nil, err
	}
	link := resumeLink(e.id)
	return []table.Op{put, x.Outbox.Op(mail.Entry{
		Key:      fmt.Sprintf("%s%s#%s#%d", prefix, e.id, l.template, c.version+1),
		Template: l.template, To: l.to, Lang: messages(e.Answers, e.Lang), Class: mail.Asked,
		Link: &link, LinkPath: pathBase + "{token}" + l.page, CaseNo: e.CaseNo, NotBefore: l.notAt,
		Code: &mail.CodeRef{Purpose: l.kind.purpose(), ID: e.id, Nonce: c.Nonce},
	}, now)}, nil
}

func (k codeKind) purpose() string { return "intake-" + string(k) }

// try judges a typed code. A different wrong one counts before anybody learns
// that it is wrong, so guesses side by side are no more than guesses in a row;
// the same one again counts once, so fifty equal posts get the same answer.
func (x *Service) try(ctx context.Context, id string, k codeKind, typed string, now time.Time) (verdict, int, error) {
	typed = digits(typed)
	if len(typed) != codeDigits {
		return codeMalformed, 0, nil
	}
	for range attempts {
		c, err := x.code(ctx, id, k)
		if err != nil {
			return codeUsedUp, 0, err
		}
		if c.expired(k, now) {
			return codeUsedUp, 0, nil
		}
		right := x.Links.CheckCode(k.purpose(), id, c.Nonce, typed)
		done, err := x.count(ctx, id, k, &c, typed, right, now)
		if errors.Is(err, table.ErrConflict) {
			continue
		}
		switch {
		case err != nil:
			return codeUsedUp, 0, fmt.Errorf("counting a try: %w", err)
		case !done:
			return codeUsedUp, 0, nil
		case right:
			return codeRight, 0, nil
		}
		return codeWrong, maxTries - len(c.Tried), nil
	}
	return codeUsedUp, 0, fmt.Errorf("counting a try: %w", table.ErrThrottled)
}

// count stores the mark of a try; false when there were too many others. The
// mark is keyed and holds the nonce: it shows nothing of the digits.
func (x *Service) count(ctx context.Context, id string, k codeKind, c *code, typed string, right bool, now time.Time) (bool, error) {
	mark := x.Links.Hash(string(k) + "#" + id + "#" + c.Nonce + "#" + typed)
	if slices.Contains(c.Tried, mark) {
		return true, nil
	}
	if len(c.Tried) >= maxTries {
		return false, nil
	}
	c.Tried = append(c.Tried, mark)
	if right {
		c.Tried = []string{mark} // typing errors of one evening don't lock out the next
	}
	put, err := c.put(id, k, now)
	if err != nil {
		return false, err
	}
	return true, x.Table.Write(ctx, put)
}

// digits takes out what people type between them; "" when there is anything else.
func digits(typed string) string {
	typed = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\u00a0-", r) {
			return -1
		}
		return r
	}, typed)
	if strings.Trim(typed, "0123456789") != "" {
		return ""
	}
	return typed
}
