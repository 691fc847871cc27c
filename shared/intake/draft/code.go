package draft

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

// Kind is what a mailed code is good for.
type Kind string

// The kinds.
const (
	KindConfirm Kind = "confirm" // proves that the contact address is read
	KindResume  Kind = "resume"  // opens the draft in a new browser
)

// The code opens nothing without its link, and both are in one mail: what it
// keeps out are scanners that open links. So a resume code stays good as long
// as the draft, at most a year, and asking again mails the same code, unless it
// is used up.
const (
	codeDigits   = 6
	maxTries     = 5
	confirmValid = 24 * time.Hour
	maxCodesADay = 5
	codeDay      = 24 * time.Hour
	codeKept     = 365 * 24 * time.Hour // of a draft; it is removed with it
	sameRequest  = time.Minute
)

// Codes mails and judges codes.
type Codes struct {
	Table  table.Table
	Links  *mail.Links
	Outbox *mail.Outbox
}

// PathBase is where an entry's pages are; its token follows.
const PathBase = "/interessenbekundung/"

// Link is the capability that opens an entry's pages.
func Link(id string) mail.Link { return mail.Link{Purpose: "resume", ID: id} }

// code is one that waits to be typed. The digits are not stored: mail.Links
// makes them again from the nonce under a key that is not in the tables.
type code struct {
	version int64
	expires time.Time

	Nonce  string      `json:"nonce"`
	Made   time.Time   `json:"made"`
	Tried  []string    `json:"tried,omitempty"`  // marks of the different codes that were typed
	Mailed []time.Time `json:"mailed,omitempty"` // in the last day
	To     string      `json:"to,omitempty"`     // hash of the address it was mailed to last
}

// Verdict on a typed code.
type Verdict int

// The verdicts.
const (
	Right Verdict = iota
	Malformed
	Wrong
	UsedUp // too many different tries, or too old
)

// ErrTooMany is for a draft or an address that had its mails of the day.
var ErrTooMany = errors.New("too many mails")

func (c code) expired(k Kind, now time.Time) bool {
	return c.Nonce == "" || k == KindConfirm && now.Sub(c.Made) >= confirmValid
}

// put stores the code in place of the version that it was loaded from. A first
// one has no condition: it may stand over one that expired, and is written
// together with the entry's next version, which nobody else can write.
func (c code) put(id string, k Kind) (table.Op, error) {
	body, err := json.Marshal(c)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing a code: %w", err)
	}
	it := table.Item{Key: codeKey(id, k), Kind: "code", Version: c.version + 1, Body: body, Expires: c.expires}
	if c.version == 0 {
		return table.Put(it), nil
	}
	return table.Put(it, table.AtVersion(c.version)), nil
}

func (x Codes) code(ctx context.Context, id string, k Kind) (code, error) {
	it, err := x.Table.Get(ctx, codeKey(id, k))
	if errors.Is(err, table.ErrNotFound) {
		return code{}, nil
	}
	if err != nil {
		return code{}, fmt.Errorf("loading a code: %w", err)
	}
	c := code{version: it.Version, expires: it.Expires}
	if err := json.Unmarshal(it.Body, &c); err != nil {
		return code{}, fmt.Errorf("reading a code: %w", err)
	}
	return c, nil
}

// Letter is a mail to a municipality that carries a code.
type Letter struct {
	Template  string
	Kind      Kind
	To        string
	Fresh     bool   // a new code even if the last one is still good
	Always    bool   // the municipality did not ask for it: it counts against no limit
	Page      string // of the draft, that its link opens
	NotBefore time.Time
	Again     bool // another write came first: if that mailed the same, it is done
}

// Mail gives the operations that mail a code with its link. They belong into
// the write that stores the entry's next version: when a code is asked for twice
// at the same moment, one of the two writes fails. ErrNoChange: see Letter.Again.
func (x Codes) Mail(ctx context.Context, e *Entry, l Letter, now time.Time) ([]table.Op, error) {
	c, err := x.code(ctx, e.ID, l.Kind)
	if err != nil {
		return nil, err
	}
	to := x.Links.Hash(l.To)
	if n := len(c.Mailed); l.Again && n > 0 && c.To == to && now.Sub(c.Mailed[n-1]) < sameRequest {
		return nil, ErrNoChange
	}
	c.Mailed = slices.DeleteFunc(c.Mailed, func(at time.Time) bool { return now.Sub(at) >= codeDay })
	ops, err := x.counted(ctx, c, l, to, now)
	if err != nil {
		return nil, err
	}
	if l.Fresh || c.expired(l.Kind, now) || len(c.Tried) >= maxTries {
		c.Nonce, c.Made, c.Tried = rand.Text(), now, nil
		if l.NotBefore.After(now) {
			c.Made = l.NotBefore // it is good for a day from its sending
		}
	}
	c.Mailed, c.To, c.expires = append(c.Mailed, now), to, time.Time{}
	if e.Temporary() {
		c.expires = now.Add(codeKept)
	}
	put, err := c.put(e.ID, l.Kind)
	if err != nil {
		return nil, err
	}
	e.Unmailed = false
	link := Link(e.ID)
	return append(ops, put, x.Outbox.Op(mail.Entry{
		// The entry's version keeps mails from doubling. A number in the key would
		// not do: the code's begins anew when it expires, the outbox remembers.
		Key:      fmt.Sprintf("%s%s#%s#%s", Prefix, e.ID, l.Template, rand.Text()),
		Template: l.Template, To: l.To, Lang: Language(e.Answers, e.Lang), Class: mail.Asked,
		Link: &link, LinkPath: PathBase + "{token}" + l.Page, CaseNo: e.CaseNo, NotBefore: l.NotBefore,
		Code: &mail.CodeRef{Purpose: l.Kind.purpose(), ID: e.ID, Nonce: c.Nonce},
	}, now)), nil
}

// counted counts a letter for its address, ErrTooMany when there were enough.
func (x Codes) counted(ctx context.Context, c code, l Letter, to string, now time.Time) ([]table.Op, error) {
	if l.Always {
		return nil, nil
	}
	if len(c.Mailed) >= maxCodesADay {
		return nil, ErrTooMany
	}
	op, err := perAddress.Take(ctx, x.Table, to, now)
	return []table.Op{op}, err
}

// Void gives the operations after which no code that was mailed is good any
// more. They belong into the write that stores the entry's next version.
func (x Codes) Void(ctx context.Context, e *Entry, k Kind) ([]table.Op, error) {
	e.Unmailed = true
	c, err := x.code(ctx, e.ID, k)
	if err != nil || c.version == 0 {
		return nil, err
	}
	c.Nonce, c.Tried = "", nil
	put, err := c.put(e.ID, k)
	return []table.Op{put}, err
}

func (k Kind) purpose() string { return "intake-" + string(k) }

// Try judges a typed code. A different wrong one counts before anybody learns
// that it is wrong, so guesses side by side are no more than guesses in a row;
// the same one again counts once, so fifty equal posts get the same answer.
func (x Codes) Try(ctx context.Context, id string, k Kind, typed string, now time.Time) (Verdict, int, error) {
	typed = digits(typed)
	if len(typed) != codeDigits {
		return Malformed, 0, nil
	}
	for range attempts {
		c, err := x.code(ctx, id, k)
		if err != nil {
			return UsedUp, 0, err
		}
		if c.expired(k, now) {
			return UsedUp, 0, nil
		}
		right := x.Links.CheckCode(k.purpose(), id, c.Nonce, typed)
		done, err := x.count(ctx, id, k, &c, typed, right)
		if errors.Is(err, table.ErrConflict) {
			continue
		}
		switch {
		case err != nil:
			return UsedUp, 0, fmt.Errorf("counting a try: %w", err)
		case !done:
			return UsedUp, 0, nil
		case right:
			return Right, 0, nil
		}
		return Wrong, maxTries - len(c.Tried), nil
	}
	return UsedUp, 0, fmt.Errorf("counting a try: %w", table.ErrThrottled)
}

// count stores the mark of a try; false when there were too many others. The
// mark is keyed and holds the nonce: it shows nothing of the digits.
func (x Codes) count(ctx context.Context, id string, k Kind, c *code, typed string, right bool) (bool, error) {
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
	put, err := c.put(id, k)
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
