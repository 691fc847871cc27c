package workflow

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
	"slices"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/process"
)

// draftKept is how long a draft stays after its last change: longer than any
// step takes with all its reminders.
const draftKept = 180 * 24 * time.Hour

// draft is what one browser, or one person at the desk, saved of a step.
type draft struct {
	Answers form.Answers `json:"a"`
	Who     string       `json:"w"`           // hash of the address to whose link it belongs
	Opened  bool         `json:"o,omitempty"` // the mailed code was typed in this browser
	Saved   time.Time    `json:"t"`
}

func draftKey(id string, ref process.Ref, browser string) table.Key {
	return caseKey(id, refSK("draft", ref)+"#"+browser)
}

func (x *Service) loadDraft(ctx context.Context, id string, ref process.Ref, browser string) (draft, error) {
	if browser == "" {
		return draft{}, nil
	}
	it, err := x.Table.Get(ctx, draftKey(id, ref, browser))
	if errors.Is(err, table.ErrNotFound) {
		return draft{}, nil
	}
	if err != nil {
		return draft{}, fmt.Errorf("reading a draft: %w", err)
	}
	return draftOf(it)
}

func draftOf(it table.Item) (draft, error) {
	d := draft{}
	if err := json.Unmarshal(it.Body, &d); err != nil {
		return d, fmt.Errorf("reading a draft: %v", err)
	}
	return d, nil
}

func (x *Service) saveDraft(ctx context.Context, id string, ref process.Ref, browser string, d draft) error {
	b, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("saving a draft: %w", err)
	}
	it := table.Item{Key: draftKey(id, ref, browser), Kind: "draft", Body: b, Expires: d.Saved.Add(draftKept)}
	if err := x.Table.Write(ctx, table.Put(it)); err != nil {
		return fmt.Errorf("saving a draft: %w", err)
	}
	return nil
}

// dropDraft forgets a draft after its step was finished. When it fails the
// draft expires.
func (x *Service) dropDraft(ctx context.Context, id string, ref process.Ref, browser string) {
	if err := x.Table.Write(ctx, table.Delete(draftKey(id, ref, browser))); err != nil {
		x.Log.Warn("a finished step's draft stays until it expires", "error", err)
	}
}

// elsewhere is the newest draft that the same recipient saved in any browser.
func (x *Service) elsewhere(ctx context.Context, id string, ref process.Ref, who string) (draft, error) {
	best := draft{}
	q := table.Query{PK: prefix + id, Prefix: refSK("draft", ref) + "#"}
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
)

// device is the browser's secret, "" when it has none.
func (x *Service) device(r *http.Request) string {
	s := x.Site.Cookie(r, deviceCookie)
	if len(s) < 20 || len(s) > 100 {
		return ""
	}
	return s
}

// giveDevice gives the browser a secret when it has none.
func (x *Service) giveDevice(w http.ResponseWriter, r *http.Request) string {
	s := cmp.Or(x.device(r), rand.Text())
	x.Site.SetCookie(w, deviceCookie, s, deviceKept)
	return s
}

// browserHash is what is stored of a browser: another one for every step, so
// that drafts cannot be joined by who saved them.
func browserHash(id string, ref process.Ref, secret string) string {
	if secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("device\x00" + idOf(id, ref) + "\x00" + secret))
	return hex.EncodeToString(sum[:8])
}

// A mailed code opens what its recipient saved elsewhere, or what they sent in
// before a step came back. It is good for ten minutes, for five tries, once,
// and only in the browser that asked. The digits are made again from the
// nonce, which only that browser has.
const (
	codeCookie  = "schrittcode"
	codeValid   = 10 * time.Minute
	codeTries   = 5
	codePurpose = "draft"
)

var codeLimit = web.Limit{Name: "workflow-code", Max: 5, Per: time.Hour}

// codeTry is the count of a code's tries.
func codeKey(id string, ref process.Ref, nonce string) table.Key {
	sum := sha256.Sum256([]byte("code\x00" + nonce))
	return caseKey(id, refSK("code", ref)+"#"+hex.EncodeToString(sum[:12]))
}

// askCode mails a code to the link's recipient.
func (x *Service) askCode(ctx context.Context, v *visit, now time.Time) (nonce string, err error) {
	if err := x.limits.Take(ctx, codeLimit, idOf(v.id, v.step.Ref)+v.who.Email, now); err != nil {
		return "", err
	}
	nonce = rand.Text()
	key := codeKey(v.id, v.step.Ref, nonce)
	e := mail.Entry{
		Key: prefix + v.id + "#code#" + key.SK[len(key.SK)-24:], Template: "m_step_code", Class: mail.Asked,
		To: v.who.Email, ToName: v.who.Name, Lang: v.lang, CaseNo: v.c.Head.No, Land: v.c.Head.Municipality.Land,
		Code: &mail.CodeRef{Purpose: codePurpose, ID: idOf(v.id, v.step.Ref), Nonce: nonce}, NotAfter: now.Add(codeValid),
	}
	it := table.Item{Key: key, Kind: "code", Counters: map[string]int64{"tries": 0}, Expires: now.Add(codeValid)}
	if err := x.Table.Write(ctx, table.Put(it, table.Absent()), x.Outbox.Op(e, now)); err != nil {
		return "", fmt.Errorf("mailing a code: %w", err)
	}
	return nonce, nil
}

// tryCode says whether the code is right, counting the try. A right one is
// used up.
func (x *Service) tryCode(ctx context.Context, v *visit, nonce, typed string) (bool, error) {
	key := codeKey(v.id, v.step.Ref, nonce)
	err := x.Table.Write(ctx, table.Update(key,
		table.Change{Add: map[string]int64{"tries": 1}}, table.Exists(), table.CounterBelow("tries", codeTries)))
	if errors.Is(err, table.ErrConflict) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("counting a try: %w", err)
	}
	if !x.Links.CheckCode(codePurpose, idOf(v.id, v.step.Ref), nonce, typed) {
		return false, nil
	}
	err = x.Table.Write(ctx, table.Delete(key, table.Exists()))
	if errors.Is(err, table.ErrConflict) {
		return false, nil // used a moment ago
	}
	return err == nil, err
}

// unlock gives this browser what the recipient saved elsewhere, or sent in the
// iteration before.
func (x *Service) unlock(ctx context.Context, v *visit, now time.Time) error {
	d, err := x.elsewhere(ctx, v.id, v.step.Ref, v.whoHash())
	if err != nil {
		return err
	}
	if d.Answers.Empty() && v.step.Iteration > 1 {
		before, err := x.step(ctx, v.id, process.Ref{Step: v.step.Ref.Step, Iteration: v.step.Iteration - 1})
		if err != nil && !errors.Is(err, table.ErrNotFound) {
			return err
		}
		if slices.Contains(v.roles(), before.By.Role) || before.By.For != "" {
			d.Answers = before.Answers
		}
	}
	own, err := x.loadDraft(ctx, v.id, v.step.Ref, v.browser)
	if err != nil {
		return err
	}
	if !own.Answers.Empty() {
		d.Answers = own.Answers // what this browser typed is not overwritten
	}
	d.Who, d.Opened, d.Saved = v.whoHash(), true, now
	return x.saveDraft(ctx, v.id, v.step.Ref, v.browser, d)
}
