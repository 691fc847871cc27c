package link

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/page"
	"kokoma/shared/workflow/process"
)

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
	return cases.Key(id, cases.RefSK("code", ref)+"#"+hex.EncodeToString(sum[:12]))
}

// askCode mails a code to the link's recipient.
func (x *Service) askCode(ctx context.Context, v *page.Visit, now time.Time) (nonce string, err error) {
	if err := x.limits.Take(ctx, codeLimit, cases.IDOf(v.ID, v.Step.Ref)+v.Who.Email, now); err != nil {
		return "", err
	}
	nonce = rand.Text()
	key := codeKey(v.ID, v.Step.Ref, nonce)
	e := mail.Entry{
		Key: cases.Prefix + v.ID + "#code#" + key.SK[len(key.SK)-24:], Template: "m_step_code", Class: mail.Asked,
		To: v.Who.Email, ToName: v.Who.Name, Lang: v.Lang, CaseNo: v.Case.Head.No, Land: v.Case.Head.Municipality.Land,
		Code: &mail.CodeRef{Purpose: codePurpose, ID: cases.IDOf(v.ID, v.Step.Ref), Nonce: nonce}, NotAfter: now.Add(codeValid),
	}
	it := table.Item{Key: key, Kind: "code", Counters: map[string]int64{"tries": 0}, Expires: now.Add(codeValid)}
	if err := x.Table.Write(ctx, table.Put(it, table.Absent()), x.Post(v.Case, e, v.Case.Now(now))); err != nil {
		return "", fmt.Errorf("mailing a code: %w", err)
	}
	return nonce, nil
}

// tryCode says whether the code is right, counting the try. A right one is
// used up.
func (x *Service) tryCode(ctx context.Context, v *page.Visit, nonce, typed string) (bool, error) {
	key := codeKey(v.ID, v.Step.Ref, nonce)
	err := x.Table.Write(ctx, table.Update(key,
		table.Change{Add: map[string]int64{"tries": 1}}, table.Exists(), table.CounterBelow("tries", codeTries)))
	if errors.Is(err, table.ErrConflict) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("counting a try: %w", err)
	}
	if !x.Links.CheckCode(codePurpose, cases.IDOf(v.ID, v.Step.Ref), nonce, typed) {
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
func (x *Service) unlock(ctx context.Context, v *page.Visit, now time.Time) error {
	d, err := x.Elsewhere(ctx, v.ID, v.Step.Ref, x.Whose(v))
	if err != nil {
		return err
	}
	if d.Answers.Empty() {
		d.Form = cases.Version(v.T, v.Form) // begun here and now, or done again
	}
	if d.Answers.Empty() && v.Redone() {
		before, err := x.Step(ctx, v.ID, process.Ref{Step: v.Step.Ref.Step, Iteration: v.Step.Iteration - 1})
		if err != nil && !errors.Is(err, table.ErrNotFound) {
			return err
		}
		if slices.Contains(sharing(v), before.By.Role) || before.By.For != "" {
			d.Answers = before.Answers
		}
	}
	own, err := x.LoadDraft(ctx, v.ID, v.Step.Ref, v.Browser)
	if err != nil {
		return err
	}
	if !own.Answers.Empty() {
		d.Answers, d.Form = own.Answers, own.Form // what this browser typed is not overwritten
	}
	d.Who, d.Opened, d.Saved = x.Whose(v), true, now
	return x.SaveDraft(ctx, v.ID, v.Step.Ref, v.Browser, d)
}
