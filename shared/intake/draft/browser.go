package draft

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"

	"kokoma/shared/web"
)

// cookie holds what tells this browser from others: one random text for all
// drafts that it began. It lasts until the browser is closed.
const cookie = "entwurf"

// Browser returns what an entry keeps of the browser to admit it, and gives the
// browser its cookie when it has none.
func Browser(s *web.Site, w http.ResponseWriter, r *http.Request, id string) string {
	secret := s.Cookie(r, cookie)
	if len(secret) < 20 || len(secret) > 100 {
		secret = rand.Text()
		s.SetCookie(w, cookie, secret, 0)
	}
	return hash(id, secret)
}

// Admits says whether the browser of a request may see the answers.
func (e *Entry) Admits(s *web.Site, r *http.Request) bool {
	return slices.Contains(e.Browsers, hash(e.ID, s.Cookie(r, cookie)))
}

// hash differs from entry to entry, so that stored ones cannot be joined by who
// filled them in.
func hash(id, secret string) string {
	sum := sha256.Sum256([]byte("browser\x00" + id + "\x00" + secret))
	return hex.EncodeToString(sum[:])
}
