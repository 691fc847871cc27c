// Package intake is how a municipality comes to the project: the start page and
// the expression of interest (Interessenbekundung), filled in section by
// section, saved and resumed by a mailed link, sent, and confirmed by typing
// the mail's code.
//
// Read in the request's order: begin (start page, search, beginning), web.go
// (routes and who may open a draft), sections.go (one section a page), later.go
// (the mailed link and its code), send.go and confirm.go, desk.go (what the
// service office sees and asks), changes.go (retention). Package draft has the
// states, rules and keys; package legal the legal pages and the reports of
// barriers.
//
// # Who may see a draft
//
// Its address is a capability (mail.Links, purpose "resume"), yet a link is
// opened by scanners too. So the answers are shown only to a browser that
// began the draft or typed a code that was mailed for it; such a browser has a
// cookie, whose hash the draft knows. A post with the link alone is kept, so
// that nobody loses what they typed, but shows nothing.
//
// # When the process dies
//
// Each change is one write. A draft without its mail does not exist, nor a case
// without its receipt: both are in the transaction of the change.
package intake

import (
	"time"

	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/municipality"
)

const (
	// noticeVersion names the privacy notice that people take note of. A change
	// of its text needs a new number; a test compares the text's hash.
	noticeVersion = "datenschutz@2"

	// reviewDays is how many working days the service office takes to answer.
	reviewDays = 5

	// maxSendings keeps somebody who sends, edits and sends again from filling
	// a mailbox with codes.
	maxSendings = 20
)

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
