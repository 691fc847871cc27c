// Package survey asks many people anonymously: it plans, invites, reminds, takes answers once each,
// closes and computes what may be shown. Read it in this order: survey.go (what a survey is, Plan),
// changes.go (what falls due: invitations, reminders, closing), close.go (the snapshot), web.go and
// answer.go (the pages at /b), desk.go (/befragungen). Questionnaires are package instrument, numbers
// package score, what may be shown package disclosure.
//
// Keys in the main table; <id> has 16 letters and digits:
//
//	survey#<id> / head               kind "survey": Survey, versioned. Counter "answers". Due: the next
//	                                 thing to do. By: survey / <from>#<id>, the desk's row in its note.
//	survey#<id> / invitation#<no>    kind "invitation": address and state. The address goes when the
//	                                 link is used. Expires 30 days after the survey ended (R1).
//	survey#<id> / snapshot#<n>       kind "snapshot": Snapshot, written once and never changed.
//
// Keys in the answers table, which has no stream and no index:
//
//	survey#<id> / <UUIDv4>           kind "response": {"week", "answers"} and nothing else (R2).
//
// Taking an answer is one transaction over invitation, head and answer. Nothing in the answer says which
// invitation it was: its key is random, it has no version and no time, and its week is that in which the
// survey began, the same for all. So the tables can't be joined; a test tries.
//
// What happens when the process dies: between two batches of invitations or reminders the head says how
// far they came, in the transaction of each batch; while closing, everything is done again from the
// start with the same outcome; after the snapshot the head stays due until what follows has succeeded.
package survey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/table"
)

const (
	idLen     = 16 // 80 bits
	numberLen = 10 // 50 bits, within one survey

	headSK         = "head"
	invitationKind = "invitation"
	snapshotKind   = "snapshot"
	byPK           = "survey"
	answersCounter = "answers"
)

func headKey(id string) table.Key { return table.Key{PK: "survey#" + id, SK: headSK} }

func invitationKey(id, number string) table.Key {
	return table.Key{PK: "survey#" + id, SK: invitationKind + "#" + number}
}

func snapshotKey(id string, n int) table.Key {
	return table.Key{PK: "survey#" + id, SK: fmt.Sprintf("%s#%d", snapshotKind, n)}
}

func answerKey(id, uuid string) table.Key {
	return table.Key{Table: table.Answers, PK: "survey#" + id, SK: uuid}
}

func (s Survey) dueAt(at time.Time) table.Place { return table.DueAt(s.ID, at, "") }

// item is the head as it is put; later it is only updated, so that its counter stays.
func (s Survey) item() table.Item {
	return table.Item{
		Key: headKey(s.ID), Version: s.version, Kind: "survey", Body: encode(s), Due: s.due, By: s.by(),
	}
}

// update replaces the head that was read as s.version.
func (s Survey) update() table.Op {
	by := s.by()
	return table.Update(headKey(s.ID), table.Change{
		Body: encode(s), Version: s.version + 1, Due: &s.due, By: &by,
	}, table.AtVersion(s.version))
}

// validID says whether s could be an id of ours, as rand.Text makes them. Addresses made by hand hold
// anything, even what is no text.
func validID(s string, length int) bool {
	return len(s) == length && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// survey reads a head; table.ErrNotFound when there is none.
func (x *Service) survey(ctx context.Context, id string) (Survey, error) {
	if !validID(id, idLen) {
		return Survey{}, table.ErrNotFound
	}
	it, err := x.Table.Get(ctx, headKey(id))
	if err != nil {
		return Survey{}, fmt.Errorf("reading survey: %w", err)
	}
	var s Survey
	if err := json.Unmarshal(it.Body, &s); err != nil {
		return Survey{}, fmt.Errorf("reading survey %s: %v", id, err)
	}
	s.ID, s.version, s.due = id, it.Version, it.Due
	return s, nil
}

// invitationState is whether a link leads on.
type invitationState string

const (
	invitationOpen    invitationState = "open"
	invitationUsed    invitationState = "used"
	invitationBounced invitationState = "bounced"
)

// invitation is one person's way into a closed survey.
type invitation struct {
	Address string          `json:"address,omitempty"`
	State   invitationState `json:"state"`

	key     table.Key
	version int64
}

func (i invitation) number() string { return strings.TrimPrefix(i.key.SK, invitationKind+"#") }

func (i invitation) item() table.Item {
	return table.Item{Key: i.key, Version: 1, Kind: invitationKind, Body: encode(i)}
}

// become changes the state of an invitation that was read as i.version.
func (i invitation) become(to invitationState) table.Op {
	i.State = to
	if to == invitationUsed {
		i.Address = ""
	}
	return table.Update(i.key, table.Change{Body: encode(i), Version: i.version + 1},
		table.Exists(), table.AtVersion(i.version))
}

func readInvitation(it table.Item) (invitation, error) {
	var i invitation
	if err := json.Unmarshal(it.Body, &i); err != nil {
		return i, fmt.Errorf("reading invitation: %v", err)
	}
	i.key, i.version = it.Key, it.Version
	return i, nil
}

// invitationOf finds an invitation by the id of its link, which is both numbers.
func (x *Service) invitationOf(ctx context.Context, linkID string) (invitation, error) {
	if !validID(linkID, idLen+numberLen) {
		return invitation{}, table.ErrNotFound
	}
	it, err := x.Table.Get(ctx, invitationKey(linkID[:idLen], linkID[idLen:]))
	if err != nil {
		return invitation{}, fmt.Errorf("reading invitation: %w", err)
	}
	return readInvitation(it)
}

// response is a stored answer: all of it.
type response struct {
	Week    string       `json:"week"`
	Answers form.Answers `json:"answers"`
}

// row is what the desk's list shows of a survey, kept in its place in index By.
type row struct {
	ID      string `json:"-"`
	Case    string `json:"c"`
	CaseNo  string `json:"o,omitempty"`
	Key     string `json:"k"`
	Name    string `json:"n"`
	Form    string `json:"f"`
	Mode    Mode   `json:"m"`
	State   State  `json:"s"`
	From    string `json:"a"`
	To      string `json:"z"`
	Invited int    `json:"i"`
}

func (s Survey) by() table.Place {
	note := encode(row{
		Case: s.Case, CaseNo: s.CaseNo, Key: s.Municipality.Key, Name: s.Municipality.Name, Form: s.Form, Mode: s.Mode, State: s.State,
		From: s.From.String(), To: s.To.String(), Invited: s.Invited,
	})
	return table.Place{PK: byPK, SK: s.From.String() + "#" + s.ID, Note: string(note)}
}

// rows lists all surveys, the newest window first. The index may be a moment behind.
func (x *Service) rows(ctx context.Context) ([]row, error) {
	var out []row
	for it, err := range table.All(ctx, x.Table, table.Query{Index: table.By, PK: byPK, Desc: true}) {
		if err != nil {
			return nil, fmt.Errorf("listing surveys: %w", err)
		}
		var r row
		if err := json.Unmarshal([]byte(it.By.Note), &r); err != nil {
			return nil, fmt.Errorf("reading the row of %s: %v", it.PK, err)
		}
		r.ID = strings.TrimPrefix(it.PK, "survey#")
		out = append(out, r)
	}
	return out, nil
}

// encode writes what is stored. Our own types always can be written.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("survey: " + err.Error())
	}
	return b
}

func notThere(err error) bool { return errors.Is(err, table.ErrNotFound) }

func sub(fsys fs.FS, dir string) fs.FS {
	f, err := fs.Sub(fsys, dir)
	if err != nil {
		panic("survey: " + err.Error()) // the name is a constant
	}
	return f
}

// load compiles one of the desk's forms when it is first needed.
func load(name string) func() (*form.Form, error) {
	return sync.OnceValues(func() (*form.Form, error) { return form.Load(sub(forms, "forms"), name) })
}
