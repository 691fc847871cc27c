// Package draft is an expression of interest as it is stored, from the first
// page to the confirmed case: its states and rules, its keys, and the mailed
// codes that open and confirm it. It shows no page; intake does.
//
// # States
//
//	draft ─send→ submitted ─code→ confirmed ─Ask→ query ─send→ confirmed
//
// A submitted one goes back to draft when somebody edits it; a query whose
// contact address was changed is submitted again and confirmed at the new one.
//
// # Keys, all in table main
//
//	intake#<id> / head           kind "intake": state, answers as typed, browsers. Versioned.
//	                             Due: owner is the id; retention of a draft (R9). Expires with it.
//	                             By: "intake#danger" / time sent#id, until confirmed.
//	intake#<id> / sent#0001      kind "sent": canonical answers of a sending, with
//	                             the notice that was read. Expires until it is part of a case.
//	intake#<id> / code#<kind>    kind "code": nonce and tries of the code "confirm"
//	                             or "resume". Versioned, expires.
//	intake#quota#<hash> / count  counter of a Quota in one span. Expires.
//	intake#<id> / record#<kind>  kind "record": a notice read or a consent given (R8)
package draft

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
)

// State says how far it is.
type State string

// The states.
const (
	StateDraft     State = "draft"
	StateSubmitted State = "submitted" // waits for the code
	StateConfirmed State = "confirmed"
	StateQuery     State = "query" // the service office asked back
)

const (
	// RemindAfter and DeleteAfter are retention class R9: days without change.
	RemindAfter = 45 * 24 * time.Hour
	DeleteAfter = 60 * 24 * time.Hour

	// maxBrowsers that may open one draft; the oldest goes.
	maxBrowsers = 8
)

// Entry is one expression of interest.
type Entry struct {
	ID      string `json:"-"`
	version int64

	State   State        `json:"state"`
	Form    string       `json:"form"` // hash of the definition that it was begun with, and stays on
	Lang    lang.Lang    `json:"lang"` // of the page on which it was begun
	Answers form.Answers `json:"answers"`
	Seen    []string     `json:"seen,omitempty"` // sections that were posted at least once
	// Address is where its links and codes go. Only a browser that may see the
	// draft changes it: else whoever has the link could have the code mailed.
	Address  string    `json:"address,omitempty"`
	Browsers []string  `json:"browsers,omitempty"` // hashes, oldest first
	Begun    time.Time `json:"begun"`
	Changed  time.Time `json:"changed"`
	// Counted is the change from which the place in index Due counts. It lags
	// up to a day behind Changed: moving the place on every save would cost more
	// than the save.
	Counted  time.Time `json:"counted"`
	Reminded bool      `json:"reminded,omitempty"`

	Sent      int        `json:"sent,omitempty"`      // how often it was sent
	Valid     int        `json:"valid,omitempty"`     // the sending that was confirmed last
	Confirmed string     `json:"confirmed,omitempty"` // address
	Done      time.Time  `json:"done,omitzero"`       // when it was confirmed
	CaseNo    string     `json:"case,omitempty"`
	Danger    time.Time  `json:"danger,omitzero"`    // when it was sent telling of danger; zero once confirmed
	Unmailed  bool       `json:"unmailed,omitempty"` // sent, but the address had its mails of the day
	Called    int        `json:"called,omitempty"`   // the sending that the service office was mailed about
	Questions []Question `json:"questions,omitempty"`
}

// Question is what the service office wants to know.
type Question struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Sending is what was sent, in canonical form.
type Sending struct {
	Form    string       `json:"form"`
	Answers form.Answers `json:"answers"`
	At      time.Time    `json:"at"`
	Notice  string       `json:"notice"`
	// Place is the municipality as the register had it: it may leave that.
	Place municipality.Municipality `json:"place,omitzero"`
}

// Temporary says that the Entry is not part of a case yet, and goes when nobody
// works on it.
func (e *Entry) Temporary() bool {
	return e.State == StateDraft || e.State == StateSubmitted && e.CaseNo == ""
}

// Open says that its answers may be changed.
func (e *Entry) Open() bool { return e.State != StateConfirmed }

// Edited notes a change of the answers. One that was sent has to be sent again.
func (e *Entry) Edited(now time.Time) {
	if e.State == StateSubmitted {
		e.State = StateDraft
		if e.CaseNo != "" {
			e.State = StateQuery
		}
	}
	e.Changed = now
	e.Reminded = false
	if now.Sub(e.Counted) > 24*time.Hour {
		e.Counted = now
	}
}

// See notes that a section was posted.
func (e *Entry) See(section string) {
	if !slices.Contains(e.Seen, section) {
		e.Seen = append(e.Seen, section)
	}
}

// Admit lets a browser see the draft.
func (e *Entry) Admit(hash string) {
	if slices.Contains(e.Browsers, hash) {
		return
	}
	e.Browsers = append(e.Browsers, hash)
	if len(e.Browsers) > maxBrowsers {
		e.Browsers = e.Browsers[1:]
	}
}

// Contact is the contact person's address, "" when none or no address was typed.
func (e *Entry) Contact() string {
	a, err := mail.Address(e.Answers.Text("contact_email"))
	if err != nil {
		return ""
	}
	return a
}

// Language is the language in which the municipality wants its mails.
func Language(a form.Answers, begun lang.Lang) lang.Lang {
	switch a.Text("language") {
	case string(lang.EN):
		return lang.EN
	case string(lang.DE):
		return lang.DE
	}
	return begun
}

// Acute says that people may be in danger right now.
func Acute(a form.Answers) bool {
	return a.Text("threat_now") == "ACUTE" || a.Text("urgency") == "U4"
}

// ByHand says that the municipality is not in the register.
func ByHand(a form.Answers) bool { return a.Text("muni_by_hand") == Yes }

// Yes is the answer of muni_by_hand.
const Yes = "yes"

// Prefill puts in what the register knows, but keeps what somebody changed by
// hand: an answer that differs from the one before.
func Prefill(a, before form.Answers, m municipality.Municipality) {
	a["muni_key"] = form.Value{Text: m.Key}
	population := ""
	if m.Population > 0 {
		population = strconv.Itoa(m.Population)
	}
	for name, text := range map[string]string{
		"muni_type": m.Kind, "population": population, "admin_plz": m.Postcode,
	} {
		if before == nil || a.Text(name) == before.Text(name) || a.Text(name) == "" {
			a[name] = form.Value{Text: text}
		}
	}
}

// Municipality is the one that the answers name.
func Municipality(ctx context.Context, register *municipality.Register, a form.Answers) (municipality.Municipality, error) {
	if ByHand(a) {
		return entered(a), nil
	}
	m, ok, err := register.Find(ctx, a.Text("muni_key"))
	if err != nil {
		return m, err
	}
	if !ok {
		return m, fmt.Errorf("finding the municipality of an expression of interest: %w", table.ErrNotFound)
	}
	// The kind may be corrected, and with it the band that reports group by.
	m.Kind = a.Text("muni_type")
	return m, nil
}

// Municipality is the one that sent, as it was known then.
func (s Sending) Municipality(ctx context.Context, register *municipality.Register) (municipality.Municipality, error) {
	if s.Place != (municipality.Municipality{}) {
		return s.Place, nil
	}
	return Municipality(ctx, register, s.Answers) // sent before the place was kept
}

// entered is a municipality as it was typed because the register lacks it.
func entered(a form.Answers) municipality.Municipality {
	m := municipality.Municipality{
		Key: a.Text("muni_hand_key"), Name: strings.TrimSpace(a.Text("muni_name")),
		Kind: a.Text("muni_type"), Land: a.Text("muni_land"), Postcode: a.Text("admin_plz"), ByHand: true,
	}
	if n, err := strconv.Atoi(a.Text("population")); err == nil { // may be left empty
		m.Population = n
	}
	return m
}
