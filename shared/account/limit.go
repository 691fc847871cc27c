package account

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"kokoma/shared/web"
)

// Nobody may flood a mailbox or guess a code, and nobody may lock an account's owner out by trying
// to. A stranger is therefore counted strictly by address and line together, and all strangers
// together only generously by address: what one line may do never uses that up. A browser that the
// owner has signed in with before has counts of its own.
//
// A town hall has one line for all its people: generous, too. A guesser from many lines gets 240
// tries a day at one address: two chances in ten thousand.
type limits struct {
	lineAsks, lineTries     web.Limit // by line, whatever the address
	asks, asksDay           web.Limit // by address and line, or by known browser
	addressAsks, codeInputs web.Limit // by address; tries of a known browser by that
}

func allLimits() limits {
	return limits{
		lineAsks:    web.Limit{Name: "login-from", Max: 150, Per: 15 * time.Minute},
		lineTries:   web.Limit{Name: "code-from", Max: 500, Per: 15 * time.Minute},
		asks:        web.Limit{Name: "login", Max: 5, Per: 15 * time.Minute},
		asksDay:     web.Limit{Name: "login-day", Max: 15, Per: 24 * time.Hour},
		addressAsks: web.Limit{Name: "login-all", Max: 20, Per: time.Hour},
		codeInputs:  web.Limit{Name: "code", Max: 120, Per: 12 * time.Hour},
	}
}

// count is one thing to be counted.
type count struct {
	limit web.Limit
	who   string
}

// mayAsk counts that somebody asks for a code. What is refused strictly is not counted generously.
func (s *Service) mayAsk(r *http.Request, address string, now time.Time) error {
	l, line := allLimits(), s.Site.ClientAddress(r)
	if browser := s.knownBrowser(r, address, now); browser != "" {
		return s.take(r, now, count{l.lineAsks, line}, count{l.asks, browser}, count{l.asksDay, browser})
	}
	both := address + " from " + line
	return s.take(r, now, count{l.lineAsks, line}, count{l.asks, both}, count{l.asksDay, both}, count{l.addressAsks, address})
}

// mayTry counts that somebody enters a code for an address.
func (s *Service) mayTry(r *http.Request, address string, now time.Time) error {
	who := address
	if browser := s.knownBrowser(r, address, now); browser != "" {
		who = browser
	}
	return s.take(r, now, count{allLimits().codeInputs, who})
}

func (s *Service) take(r *http.Request, now time.Time, counts ...count) error {
	for _, c := range counts {
		if err := s.limiter.Take(r.Context(), c.limit, c.who, now); err != nil {
			return err
		}
	}
	return nil
}

const (
	knownCookie = "known"
	knownLife   = 90 * 24 * time.Hour
)

// known is what the cookie of a browser says, sealed, in which an account's owner has signed in. It
// signs nobody in; it only keeps strangers' asks apart from the owner's.
type known struct {
	User    string    `json:"user"` // hash of the normalised address
	Browser string    `json:"browser"`
	Until   time.Time `json:"until"`
}

// remember makes the browser a known one of the person.
func (s *Service) remember(w http.ResponseWriter, user string, now time.Time) error {
	plain, err := json.Marshal(known{User: user, Browser: rand.Text(), Until: now.Add(knownLife)})
	if err != nil {
		return err
	}
	sealed, err := s.Links.Seal("account-"+knownCookie, plain)
	if err != nil {
		return err
	}
	s.Site.SetCookie(w, knownCookie, sealed, knownLife)
	return nil
}

// knownBrowser is the browser's name in counts, empty when nobody with that address signed in there.
func (s *Service) knownBrowser(r *http.Request, address string, now time.Time) string {
	plain, err := s.Links.Open("account-"+knownCookie, s.Site.Cookie(r, knownCookie))
	if err != nil {
		return ""
	}
	var k known
	if err := json.Unmarshal(plain, &k); err != nil || k.User != hash(address) || !now.Before(k.Until) {
		return ""
	}
	return "browser " + k.Browser
}
