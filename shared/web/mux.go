package web

import "net/http"

// Mux takes routes: an *http.ServeMux, or a list that a test compares with the
// template's.
type Mux interface {
	Handle(pattern string, handler http.Handler)
}
