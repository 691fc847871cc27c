package form

import "embed"

// Templates defines form.fields and form.problems, both for a View (or, the
// second, for Faults), form.summary for []SummaryGroup, and form.saved for what
// Saved says.
//
//go:embed tmpl/*.html
var Templates embed.FS
