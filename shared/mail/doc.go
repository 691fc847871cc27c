// Package mail is everything between a change that somebody should hear of and
// the message that a Sender carries: links and codes, templates, messages, and
// the outbox that loses none.
//
// A change puts an Entry into its own transaction (Outbox.Op). The entry stands
// in index Due; the stream and the tick hand due keys to Outbox.Due, which
// leases, composes, sends and records. Step mails go out at least once, codes
// at most once:
//
//	process dies after            step and other mails        mails with a code
//	writing the entry             sent when due               sent when due
//	taking the lease or the day   sent when the lease lapsed  doubtful, not repeated
//	handing over, not recorded    sent once more              doubtful, not repeated
//	recording                     nothing to do               nothing to do
//
// Nothing that was mailed is kept: what remains for twelve months (retention
// class R6) is the entry's key, template, the keyed hash of the address, times
// and state.
//
// Keys, all in table main; id is the hash of Entry.Key (Tag):
//
//	mail#<id> / mail             kind "mail": an entry, later its record.
//	                             Due: owner is the recipient's hash, note "<class> <hash>".
//	                             By (failed only): mail#failed / time#id
//	mail#day#<hash> / <date>     kind "mailday": the step mail of that person on
//	                             that Berlin date, with the lease of who sends it.
//	                             Expires after three days.
//
// A lease is written into the body and does not move the place in Due (that
// would cost two units more): an entry whose sender died is simply still due.
package mail
