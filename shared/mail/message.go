package mail

import (
	"context"
	"errors"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/municipality"
)

// Message is one composed mail, as a Sender takes it.
type Message struct {
	To, ToName          string
	Lang                lang.Lang
	Subject, Text, HTML string
	Headers             map[string]string // beyond From, To, Reply-To, Subject, Date, Message-ID
	Tag                 string            // names the outbox entry; comes back in a DeliveryEvent
	At                  time.Time         // for the Date header
}

// A Sender hands one message over to what carries it: SMTP, SES (aws/ses), or
// the local mailbox. Its error says whether the message may be on its way:
// ErrNotNow and ErrRefused say surely not, any other error leaves it in doubt.
// Errors hold no address and no text of the message.
type Sender interface {
	Send(context.Context, Message) (providerID string, err error)
}

// What a Sender knows about a message that it did not hand over.
var (
	ErrNotNow  = errors.New("not handed over, may be tried again")
	ErrRefused = errors.New("not handed over, and never will be")
)

// Class says by which limits an entry goes out.
type Class string

const (
	Asked  Class = "asked"  // somebody just asked for it: at once
	Step   Class = "step"   // one mail a person and day, in the mailing window
	Safety Class = "safety" // at once
)

// CodeRef names a six-digit code (Links.Code) that a mail carries as {{code}}.
type CodeRef struct {
	Purpose string `json:"purpose"`
	ID      string `json:"id"`
	Nonce   string `json:"nonce"`
}

// Entry is one thing to be mailed. Params hold no conflict content and no
// personal data but the names of the tandem.
type Entry struct {
	Key      string                `json:"key"` // unique, says what causes it: "case#…#step#A04#1#ready"; no address in it
	Template string                `json:"tpl"`
	Params   map[string]string     `json:"params,omitempty"` // a date is written 2026-03-01 and shown in full
	To       string                `json:"to,omitempty"`
	ToName   string                `json:"name,omitempty"` // for the To header only
	Lang     lang.Lang             `json:"lang,omitempty"`
	Land     string                `json:"land,omitempty"`  // whose holidays hold
	Settings municipality.Settings `json:"cal,omitzero"`    // and what holds in the municipality beyond them
	Class    Class                 `json:"class,omitempty"` // empty: the template's
	// Main action: base, /en if English, LinkPath with the token of Link in
	// place of "{token}" or at its end; without Link the path alone.
	Link     *Link  `json:"link,omitempty"`
	LinkPath string `json:"path,omitempty"`
	// HandoverPath is the second link, shown by templates of the step frame.
	HandoverPath string    `json:"handover,omitempty"`
	Code         *CodeRef  `json:"code,omitempty"`
	NotBefore    time.Time `json:"notBefore,omitzero"`
	NotAfter     time.Time `json:"notAfter,omitzero"` // of no use later: dropped instead of sent
	CaseNo       string    `json:"case,omitempty"`    // {{case_no}}
	// Topic names what the mail is about, such as step and iteration. Of several
	// due entries on one topic only the newest goes out.
	Topic string `json:"topic,omitempty"`
	// Trial says to whom a mail of a rehearsal would have gone; the mail says it,
	// and its subject that it is one.
	Trial string `json:"trial,omitempty"`
	// Office: it goes to the service office, which is not told to ask itself. The
	// outbox sets it.
	Office bool `json:"office,omitempty"`
}

// State is what became of an entry.
type State string

// Queued entries stand in index Due, all others do not.
const (
	Queued     State = "queued"
	Sent       State = "sent"
	Delivered  State = "delivered"
	Bounced    State = "bounced"
	Complaint  State = "complaint"
	Doubtful   State = "doubtful"   // a code that may have been mailed: never repeated
	Failed     State = "failed"     // refused, or given up
	Superseded State = "superseded" // a newer entry on its topic went out
	Dropped    State = "dropped"    // not wanted any more when its time came
)

// EventKind is what a provider reports about a message that it took.
type EventKind string

const (
	DeliveryDone      EventKind = "delivered"
	DeliveryBounce    EventKind = "bounce"
	DeliveryComplaint EventKind = "complaint"
)

// DeliveryEvent is one such report. They come in any order and more than once.
type DeliveryEvent struct {
	Tag  string // of the Message
	Kind EventKind
	Hard bool // of a bounce: the address will never work
	At   time.Time
}

// Bounce tells the noun that a mail will not be read at its address, or could
// not be sent at all: work for the service office.
type Bounce struct {
	EntryKey string
	Template string
	CaseNo   string
	ToHash   string // Links.Hash of the address
	State    State  // Bounced, Complaint or Failed
	Hard     bool   // of Bounced: the address will never work; else it may have been full
	Message  string // what the provider calls the mail: one digest comes back for all in it
	At       time.Time
}
