// Package intake is how a municipality comes to the project: the start page and
// the expression of interest (Interessenbekundung), filled in section by
// section, saved and resumed by a mailed link, sent, and confirmed by typing
// the mail's code. The legal pages are in intake/legal.
//
// Read in the request's order: web.go (routes and who may open a draft),
// start.go (start page, search, beginning), sections.go (one section a page),
// later.go (the mailed link and its code), send.go (check, send, confirm),
// desk.go (what the service office sees and asks), changes.go (retention);
// store.go keeps all of it.
//
// # Who may see a draft
//
// Its address is a capability (mail.Links, purpose "resume"), yet a link is
// opened by scanners too. So the answers are shown only to a browser that
// began the draft or typed a code that was mailed for it; such a browser has a
// cookie, whose hash the draft knows. A post with the link alone is kept, so
// that nobody loses what they typed, but shows nothing.
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
//	intake#<id> / sent#0001      kind "sent": canonical answers of a sending, with
//	                             the notice that was read. Expires until confirmed.
//	intake#<id> / code#<kind>    kind "code": nonce and tries of the code "confirm"
//	                             or "resume". Versioned, expires.
//	intake#<id> / record#<kind>  kind "record": a notice read or a consent given (R8)
//
// # When the process dies
//
// Each change is one write. A draft without its mail does not exist, nor a case
// without its receipt: both are in the transaction of the change.
package intake

import (
	"slices"
	"strings"
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
)

type state string

const (
	stateDraft     state = "draft"
	stateSubmitted state = "submitted" // waits for the code
	stateConfirmed state = "confirmed"
	stateQuery     state = "query" // the service office asked back
)

const (
	// noticeVersion names the privacy notice that people take note of. A change
	// of its text needs a new number; a test compares the text's hash.
	noticeVersion = "datenschutz@1"

	// Retention class R9.
	remindAfter = 45 * 24 * time.Hour
	deleteAfter = 60 * 24 * time.Hour

	// reviewDays is how many working days the service office takes to answer.
	reviewDays = 5

	// maxSendings keeps somebody who sends, edits and sends again from filling
	// a mailbox with codes.
	maxSendings = 20

	// maxBrowsers that may open one draft; the oldest goes.
	maxBrowsers = 8
)

// entry is one expression of interest.
type entry struct {
	id      string
	version int64

	State   state        `json:"state"`
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
	Questions []question `json:"questions,omitempty"`
}

// question is what the service office wants to know.
type question struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// sending is what was sent, in canonical form.
type sending struct {
	Form    string       `json:"form"`
	Answers form.Answers `json:"answers"`
	At      time.Time    `json:"at"`
	Notice  string       `json:"notice"`
}

// Confirmed is an expression of interest whose address was confirmed: what a
// case begins with.
type Confirmed struct {
	Intake       string // id
	Answers      form.Answers
	Form         string    // hash of the definition
	Lang         lang.Lang // in which the municipality wants its messages
	Municipality municipality.Municipality
	Now          time.Time
}

// temporary says that the entry is not part of a case yet, and goes when nobody
// works on it.
func (e *entry) temporary() bool {
	return e.State == stateDraft || e.State == stateSubmitted && e.CaseNo == ""
}

// open says that its answers may be changed.
func (e *entry) open() bool { return e.State != stateConfirmed }

// edited notes a change of the answers. One that was sent has to be sent again.
func (e *entry) edited(now time.Time) {
	if e.State == stateSubmitted {
		e.State = stateDraft
		if e.CaseNo != "" {
			e.State = stateQuery
		}
	}
	e.Changed = now
	e.Reminded = false
	if now.Sub(e.Counted) > 24*time.Hour {
		e.Counted = now
	}
}

func (e *entry) see(section string) {
	if !slices.Contains(e.Seen, section) {
		e.Seen = append(e.Seen, section)
	}
}

// admit lets a browser see the draft.
func (e *entry) admit(hash string) {
	if slices.Contains(e.Browsers, hash) {
		return
	}
	e.Browsers = append(e.Browsers, hash)
	if len(e.Browsers) > maxBrowsers {
		e.Browsers = e.Browsers[1:]
	}
}

// contact is the contact person's address, "" when none or no address was typed.
func (e *entry) contact() string {
	a, err := mail.Address(e.Answers.Text("contact_email"))
	if err != nil {
		return ""
	}
	return a
}

// messages is the language in which the municipality wants its mails.
func messages(a form.Answers, begun lang.Lang) lang.Lang {
	switch a.Text("language") {
	case string(lang.EN):
		return lang.EN
	case string(lang.DE):
		return lang.DE
	}
	return begun
}

// acute says that people may be in danger right now.
func acute(a form.Answers) bool {
	return a.Text("threat_now") == "ACUTE" || a.Text("urgency") == "U4"
}

// byHand says that the municipality is not in the register.
func byHand(a form.Answers) bool { return a.Text("muni_by_hand") == yes }

const yes = "yes"

// entered is a municipality as it was typed because the register lacks it.
func entered(a form.Answers) municipality.Municipality {
	return municipality.Municipality{
		Key: a.Text("muni_hand_key"), Name: strings.TrimSpace(a.Text("muni_name")),
		Kind: a.Text("muni_type"), Land: a.Text("muni_land"), Postcode: a.Text("admin_plz"), ByHand: true,
	}
}
