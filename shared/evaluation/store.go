// Package evaluation shows what surveys found, for one municipality and over all of them. It reads
// snapshots and never an answer, so what a page costs does not grow with the answers. Read evaluation.go
// (the types), changes.go (how a survey that closed comes in), over.go (what is published over all, and
// when), web.go (who may see what), overview.go and survey.go (the pages as data).
//
// Keys in the main table:
//
//	evaluation / wave#<form>              kind "wave": Wave, versioned. Due while it has taken in surveys
//	                                      that its values were not made of yet.
//	evaluation#in#<form> / new#<survey>   kind "share": the share of a survey that closed. Due until it
//	                                      is taken in.
//	evaluation#in#<form> / <number>       kind "share": the same from then on, in the order of coming in;
//	                                      never changed, never deleted.
//	evaluation#of#<whose> / <to>#<survey> kind "entry": Entry on a list; whose is the id or the number of a
//	                                      case, the key of a municipality, or "" for the list of all.
//
// Closed writes the entries and the share in one transaction; if the process dies before it, the survey
// is still due and calls Closed again. From then on it is the share that is due, and then the wave.
package evaluation

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/survey"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

// everybody is whose list has all surveys.
const everybody = ""

// waits begins the sort keys of shares that were not taken in.
const waits = "new#"

func waveKey(form string) table.Key { return table.Key{PK: "evaluation", SK: "wave#" + form} }

func sharesPK(form string) string { return "evaluation#in#" + form }

func listPK(whose string) string { return "evaluation#of#" + whose }

func listKey(whose string, s survey.Snapshot) table.Key {
	return table.Key{PK: listPK(whose), SK: listSK(s.To, s.Survey)}
}

func listSK(to lang.Date, id string) string { return to.String() + "#" + id }

// gather is how long shares, and then the values, wait for others that close at
// the same time. The stream hands over each change by itself and at once; so the
// tick finds all of them together, and a wave is read once for all.
const gather = time.Minute

// dueSoon is where the shares of a wave stand, and then the wave.
func dueSoon(form string, now time.Time) table.Place {
	return table.DueAt(waveKey(form).SK, now.Add(gather), "")
}

// enter puts a survey on the lists and has its share wait. Who is on the list of all is on the others.
func enter(s survey.Snapshot, now time.Time) []table.Op {
	ops := []table.Op{table.Put(table.Item{
		Key: table.Key{PK: sharesPK(s.Form), SK: waits + s.Survey}, Kind: "share", Body: encode(shareOf(s)), Due: dueSoon(s.Form, now),
	})}
	entry := encode(Entry{s.Survey, s.Form, s.Municipality.Name, s.To})
	ops = append(ops, table.Put(table.Item{Key: listKey(everybody, s), Kind: "entry", Body: entry}, table.Absent()))
	seen := map[string]bool{everybody: true}
	for _, whose := range []string{s.Case, s.CaseNo, s.Municipality.Key} {
		if !seen[whose] {
			seen[whose] = true
			ops = append(ops, table.Put(table.Item{Key: listKey(whose, s), Kind: "entry", Body: entry}))
		}
	}
	return ops
}

// number puts a share where it stays.
func number(form string, n int, body []byte) table.Op {
	key := table.Key{PK: sharesPK(form), SK: fmt.Sprintf("%08d", n)}
	return table.Put(table.Item{Key: key, Kind: "share", Body: body}, table.Absent())
}

// wave reads the values of one form; empty before its first survey closed.
func (x *Service) wave(ctx context.Context, form string) (Wave, int64, error) {
	it, err := x.Table.Get(ctx, waveKey(form))
	if errors.Is(err, table.ErrNotFound) {
		return Wave{Form: form}, 0, nil
	}
	if err != nil {
		return Wave{}, 0, fmt.Errorf("reading the values of %s: %w", form, err)
	}
	w, err := decode[Wave](it)
	return w, it.Version, err
}

func (w Wave) put(version int64, due table.Place) table.Op {
	return table.Put(table.Item{Key: waveKey(w.Form), Version: version + 1, Kind: "wave", Body: encode(w), Due: due}, table.AtVersion(version))
}

// waves reads all that is published over all municipalities.
func (x *Service) waves(ctx context.Context) ([]Wave, error) {
	return read[Wave](ctx, x.Table, table.Query{PK: waveKey("").PK, Prefix: waveKey("").SK, Eventual: true})
}

// shares reads what a wave has taken in, in that order.
func (x *Service) shares(ctx context.Context, w Wave) ([]share, error) {
	all, err := read[share](ctx, x.Table, table.Query{PK: sharesPK(w.Form), To: fmt.Sprintf("%08d", w.Taken)})
	if err == nil && len(all) != w.Taken {
		err = fmt.Errorf("reading the shares of %s: %d of %d are there", w.Form, len(all), w.Taken)
	}
	return all, err
}

// upTo is the parameter of the page with the sort key at which the list of all goes on.
const upTo = "bis"

// shown is how many surveys of the list of all a page has.
const shown = 20

var listPlace = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}#[A-Z2-7]{1,64}$`)

// listed gives the surveys that the person may see, the newest first. The list of all comes in pages:
// next is where it goes on, empty at its end.
func (x *Service) listed(ctx context.Context, u *web.User, from string) (all []Entry, next string, err error) {
	for _, name := range whose(u) {
		q := table.Query{PK: listPK(name), Desc: true, Eventual: true}
		if name == everybody {
			return x.pageOfAll(ctx, q, from)
		}
		some, err := read[Entry](ctx, x.Table, q)
		if err != nil {
			return nil, "", err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Or(b.To.Compare(a.To), cmp.Compare(a.ID, b.ID)) })
	return slices.Compact(all), "", nil // one stands on the lists of its case and of its municipality
}

func (x *Service) pageOfAll(ctx context.Context, q table.Query, from string) (all []Entry, next string, err error) {
	if listPlace.MatchString(from) {
		q.To = from
	}
	q.Limit = shown + 1
	all, err = read[Entry](ctx, x.Table, q)
	if err == nil && len(all) > shown {
		last := all[shown]
		all, next = all[:shown], listSK(last.To, last.ID)
	}
	return all, next, err
}

func read[T any](ctx context.Context, t table.Table, q table.Query) ([]T, error) {
	var out []T
	for it, err := range table.All(ctx, t, q) {
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", q.PK, err)
		}
		v, err := decode[T](it)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func decode[T any](it table.Item) (v T, err error) {
	if err := json.Unmarshal(it.Body, &v); err != nil {
		return v, fmt.Errorf("reading %s %s: %v", it.PK, it.SK, err)
	}
	return v, nil
}

func encode(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic("evaluation: " + err.Error()) // our own types always can be written
	}
	return body
}
