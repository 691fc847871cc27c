package page

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/table"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/process"
)

// draftKept is how long a draft stays after its last change: longer than any
// step takes with all its reminders. A rehearsal is gone before.
const (
	draftKept     = 180 * 24 * time.Hour
	rehearsedKept = 30 * 24 * time.Hour
)

// Draft is what one browser, or one person at the desk, saved of a step.
type Draft struct {
	Answers form.Answers `json:"a"`
	Form    string       `json:"f,omitempty"` // version of the form, as in process.Step
	Who     string       `json:"w"`           // keyed hash of the address to whose link it belongs
	Opened  bool         `json:"o,omitempty"` // the mailed code was typed in this browser
	Saved   time.Time    `json:"t"`
	Handed  *Handed      `json:"h,omitempty"` // this browser gave the step away
}

// Handed is what the browser that handed a step over remembers of it.
type Handed struct {
	Who  process.Asked `json:"w"` // whose link it was
	From process.Asked `json:"f"` // as they were asked, or whom Who stands in for
	To   string        `json:"t"` // address of who has it now; "" when nobody was known
}

func draftKey(id string, ref process.Ref, browser string) table.Key {
	return cases.Key(id, cases.RefSK("draft", ref)+"#"+browser)
}

// LoadDraft reads what a browser saved; without anything it is empty.
func (x *Service) LoadDraft(ctx context.Context, id string, ref process.Ref, browser string) (Draft, error) {
	if browser == "" {
		return Draft{}, nil
	}
	it, err := x.Table.Get(ctx, draftKey(id, ref, browser))
	if errors.Is(err, table.ErrNotFound) {
		return Draft{}, nil
	}
	if err != nil {
		return Draft{}, fmt.Errorf("reading a draft: %w", err)
	}
	return draftOf(it)
}

func draftOf(it table.Item) (Draft, error) {
	d := Draft{}
	if err := json.Unmarshal(it.Body, &d); err != nil {
		return d, fmt.Errorf("reading a draft: %v", err)
	}
	return d, nil
}

// SaveDraft keeps what a browser saved.
func (x *Service) SaveDraft(ctx context.Context, id string, ref process.Ref, browser string, d Draft) error {
	b, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("saving a draft: %w", err)
	}
	kept := draftKept
	if cases.IsRehearsal(id) {
		kept = rehearsedKept
	}
	it := table.Item{Key: draftKey(id, ref, browser), Kind: "draft", Body: b, Expires: d.Saved.Add(kept)}
	if err := x.Table.Write(ctx, table.Put(it)); err != nil {
		return fmt.Errorf("saving a draft: %w", err)
	}
	return nil
}

// DropDraft forgets the draft of a step that was finished. When that fails the
// draft expires.
func (x *Service) DropDraft(ctx context.Context, v *Visit) {
	if v.Draft.Saved.IsZero() {
		return
	}
	if err := x.Table.Write(ctx, table.Delete(draftKey(v.ID, v.Step.Ref, v.Browser))); err != nil {
		x.Log.Warn("a finished step's draft stays until it expires", "error", err)
	}
}

// Elsewhere is the newest draft that the same recipient saved in any browser.
func (x *Service) Elsewhere(ctx context.Context, id string, ref process.Ref, who string) (Draft, error) {
	best := Draft{}
	q := table.Query{PK: cases.Prefix + id, Prefix: cases.RefSK("draft", ref) + "#"}
	for it, err := range table.All(ctx, x.Table, q) {
		if err != nil {
			return best, fmt.Errorf("looking for drafts: %w", err)
		}
		d, err := draftOf(it)
		if err != nil {
			return best, err
		}
		if d.Who == who && !d.Answers.Empty() && d.Saved.After(best.Saved) {
			best = d
		}
	}
	return best, nil
}

// deviceCookie holds what tells this browser from others. It is given when
// something is saved or sent, never by looking.
const (
	deviceCookie = "schritt"
	deviceKept   = 120 * 24 * time.Hour
	// secretLetters are those of rand.Text: what looks otherwise was not given
	// by us.
	secretLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

// Device is the browser's secret, "" when it has none.
func (x *Service) Device(r *http.Request) string {
	s := x.Site.Cookie(r, deviceCookie)
	if len(s) < 20 || len(s) > 100 || strings.Trim(s, secretLetters) != "" {
		return ""
	}
	return s
}

// GiveDevice gives the browser a secret when it has none.
func (x *Service) GiveDevice(w http.ResponseWriter, r *http.Request) string {
	s := cmp.Or(x.Device(r), rand.Text())
	x.Site.SetCookie(w, deviceCookie, s, deviceKept)
	return s
}

// BrowserHash is what is stored of a browser: another one for every step, so
// that drafts cannot be joined by who saved them.
func BrowserHash(id string, ref process.Ref, secret string) string {
	if secret == "" {
		return ""
	}
	return short("device", cases.IDOf(id, ref), secret)
}

// DeskHash stands for who is signed in where links have a browser. No cookie
// leads to it.
func DeskHash(id string, ref process.Ref, email string) string {
	return short("desk", cases.IDOf(id, ref), email)
}

// Finisher is what a step keeps of who finished it by link: the browser
// together with the link, which was good then. At the desk it is empty.
func Finisher(browser, token string) string {
	if browser == "" || token == "" {
		return ""
	}
	return short("done", browser, token)
}

func short(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}
