package desk

import (
	"net/url"
	"strconv"
)

// paging leads to the pages of a list that are beside the one that is shown.
type paging struct {
	Previous, Next string
	Page, Pages    int
	From, To, Of   int // which entries are shown, counted from 1
}

// turn gives the entries of the page that was asked for.
func turn[T any](all []T, perPage int, base string, q url.Values) ([]T, paging) {
	p := paging{Pages: max(1, (len(all)+perPage-1)/perPage), Page: 1, Of: len(all)}
	if n, err := strconv.Atoi(q.Get("seite")); err == nil {
		p.Page = min(max(n, 1), p.Pages)
	}
	if p.Page > 1 {
		p.Previous = with(base, q, "seite", strconv.Itoa(p.Page-1))
	}
	if p.Page < p.Pages {
		p.Next = with(base, q, "seite", strconv.Itoa(p.Page+1))
	}
	from := (p.Page - 1) * perPage
	p.From, p.To = min(from+1, len(all)), min(from+perPage, len(all))
	return all[from:p.To], p
}

// with is the address of a page with one parameter changed, or left out when it
// is empty. A list that is filtered otherwise begins at its first page.
func with(base string, q url.Values, name, value string) string {
	out := url.Values{}
	for k, v := range q {
		if k != name && (k != "seite" || name == "seite") && len(v) > 0 && v[0] != "" {
			out[k] = v
		}
	}
	if value != "" {
		out.Set(name, value)
	}
	if len(out) == 0 {
		return base
	}
	return base + "?" + out.Encode()
}
