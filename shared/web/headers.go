package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
)

//go:embed static
var static embed.FS

const (
	// No script is needed anywhere; an own file may help, nothing inline runs.
	contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	permissions = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), " +
		"microphone=(), payment=(), usb=(), interest-cohort=()"
)

// Protect puts the security headers on every answer, also on those that no handler of ours writes.
// It stands outermost.
func (s *Site) Protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.secureHeaders(w.Header())
		next.ServeHTTP(w, r)
	})
}

func (s *Site) secureHeaders(h http.Header) {
	if h.Get("Content-Security-Policy") != "" {
		return // Protect was here
	}
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", permissions)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// staticVersion is the hash of all static files: their address changes when one of them does.
func staticVersion() string {
	sum := sha256.New()
	entries, err := fs.ReadDir(static, "static")
	if err != nil {
		panic(err) // the folder is embedded
	}
	for _, e := range entries {
		b, err := static.ReadFile("static/" + e.Name())
		if err != nil {
			panic(err)
		}
		sum.Write(b)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// static serves an embedded file. Its content never changes under its address, so it may be kept.
func (s *Site) static(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	b, err := static.ReadFile("static/" + name)
	if err != nil {
		return ErrNotFound
	}
	if r.PathValue("version") != s.version {
		// A page from before the last change: it gets today's file, and does not keep it.
		w.Header().Set("Cache-Control", "no-cache")
	} else {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, err = w.Write(b)
	return err
}
