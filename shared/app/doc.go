// Package app puts the platform together. It is the guided tour:
//
// A request comes in through functions/<noun> (Lambda) or infra/local (one
// machine) and meets Handler (http.go): the language is read off the address,
// posts from elsewhere are refused, the signed-in person is looked up, and the
// noun that serves the address takes over:
//
//	shared/intake      start and legal pages, the expression of interest
//	shared/workflow    a case: its steps by link and at the desk
//	shared/survey      asking those around a case, anonymously
//	shared/evaluation  what the surveys say, disclosure-controlled
//	shared/account     sign-in, desk users
//
// A noun reads in the request's order: web.go (routes, show, receive), its rules,
// store.go (its keys). It writes through shared/table: everything that belongs
// together goes into one all-or-nothing write. Where one noun's change calls for
// something of another noun, the other gives its operations for the same write;
// hooks.go is the complete list of these.
//
// What must happen later is an item in the due index: a mail to send, a step's
// next reminder, a survey's window. Follow (follow.go) hands each due item to its
// noun. The table's stream calls it at once, the tick every five minutes; the
// second alone is enough, so a lost stream record loses nothing.
package app
