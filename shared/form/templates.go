package form

import "embed"

// Templates defines form.fields and form.problems, both for a View (or, the
// second, for Faults), and form.summary for []SummaryGroup.
//
//go:embed tmpl/*.html
var Templates embed.FS
