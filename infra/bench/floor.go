package main

import (
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	bbolt "go.etcd.io/bbolt"
)

// startFloor is the least that a server can do for the same requests: pages of
// the same size that it need not make, and the bare durable write.
//
//	GET  /?n=20000    a page of that many bytes
//	POST /?n=20000    reads the form, gives such a page
//	POST /put?n=3000  reads the form, makes so many bytes durable, leads on;
//	                  with &alone by a transaction of its own, which is faster
//	                  where there is nobody to share one with
func startFloor(dir, base string) (*server, error) {
	db, err := openBare(filepath.Join(dir, "bare.db"))
	if err != nil {
		return nil, err
	}
	// The batch waits for others as little as the timer allows.
	db.MaxBatchDelay = 200 * time.Microsecond
	filler := bytes.Repeat([]byte("<p>KoKoMa</p>\n"), 1<<16)
	size := func(r *http.Request) int { return sizeAsked(r, len(filler)) }
	page := func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		b := filler[:size(r)]
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(b)))
		_, _ = w.Write(b) // a client that hangs up shows in its own figures
	}
	var puts atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", page)
	mux.HandleFunc("POST /{$}", page)
	mux.HandleFunc("POST /put", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		key := strconv.AppendInt(nil, puts.Add(1)*2654435761%1e10, 10)
		write := db.Batch
		if r.URL.Query().Has("alone") {
			write = db.Update
		}
		if err := write(func(tx *bbolt.Tx) error { return tx.Bucket(bareBucket).Put(key, filler[:size(r)]) }); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	return &server{handler: mux, ready: ready{Base: base}, close: db.Close}, nil
}

// sizeAsked is how many bytes a request asks for.
func sizeAsked(r *http.Request, most int) int {
	n, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil {
		return 0
	}
	return min(max(n, 0), most)
}
