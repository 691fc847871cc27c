package form

import (
	"time"

	"kokoma/shared/form/entry"
	"kokoma/shared/lang"
)

// Saved says when a draft was saved, for the template form.saved; "" where
// nothing is saved yet. The day is named unless it is today.
func Saved(saved time.Time, e Env) string {
	if saved.IsZero() {
		return ""
	}
	l := e.Lang
	if l == "" {
		l = lang.DE
	}
	day, clock := lang.DateOf(saved), entry.Verbatim(saved.In(lang.Berlin()).Format("15:04"))
	if day == e.Today {
		return sayIn(l, "form.saved.today", clock)
	}
	return sayIn(l, "form.saved.day", entry.Verbatim(lang.Short(l, day)), clock)
}
