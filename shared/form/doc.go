// Package form is the engine for everything that people fill in: the
// expression of interest, the steps of a case, surveys. A definition is
// written in YAML with the vocabulary of XLSForm, compiled once, and then
// reads posts, judges answers and prepares pages that need no scripts.
//
// A page post goes this way:
//
//	answers := f.Read(r.PostForm, page, draft)        kept as typed; store it
//	if fragment, ok := form.Pressed(r.PostForm); ok   a row or search button: show the page again
//	problems := f.Check(answers, page, env)
//	if problems.Blocking(answers.Confirmed)           422, f.View(answers, page, problems, env)
//	f.Revealed(draft, answers, page, env)             questions that this post brought up
//	clean := f.Clean(answers, env)                    canonical; what is handed in
//
// # Definitions
//
// A definition has settings (form_id, version, title, default_language: de,
// style: pages), choices (own lists by name: [{name, label}]) and survey, a
// list of entries. Every text is {de: …, en: …}. An entry has
//
//	type        text integer decimal date time acknowledge note hidden calculate group repeat,
//	            select_one LIST, select_multiple LIST (own lists or those of lists.yaml)
//	name        letters, digits, _; unique in the form
//	label hint  label is obligatory but for hidden and calculate; a calculate with label is shown
//	appearance  text: multiline email tel municipality month-year year; date: month-year year;
//	            integer: year; select_one: minimal likert; note: notice; group: table-list; repeat: ordered
//	relevant    expression; what is not relevant is neither shown nor judged nor handed in
//	required    yes, no or an expression; required_message
//	constraint  expression over the own answer "."; constraint_message is obligatory with it
//	calculation expression; default: value or expression; readonly: yes; choice_filter: expression over name
//	parameters  "min=0 max=5 step=0.05"; dates: min and max as 2026-03-01, today, today-1d, today+18m, today+2y
//	x_minlength x_maxlength   characters of a text (255, multiline 5000 where nothing is said)
//	x_min x_max               choices of a select_multiple, rows of a repeat
//	x_exclusive               choices that exclude all others
//	x_unknown                 word that is accepted instead of a date: {de: unbekannt, en: unknown}; canonical UNK
//	x_unique                  yes: rows of a repeat must differ in this answer
//	x_checks                  [{when: expression, level: error|warning|hint, message}]
//	x_class                   org case sens pers rec anon
//	x_autocomplete            token of HTML
//	x_construct x_scale x_reversed   of survey items
//	children                  of group and repeat; a top-level group is a page, others are fieldsets
//
// Expressions: see package expr. Canonical answers are 12500, 0.25,
// 2026-03-01, 2026-03 (month-year), 09:30, OK (acknowledge), names of choices.
//
// # Names in posts
//
// name, repeat[0].name, and controls of the engine that begin with an
// underscore: _rows:repeat, _add:repeat, _remove:repeat:0, _up:repeat:1,
// _down:repeat:0, _confirm:field, _search:field, _pick:field. The controls of
// the page around it begin with an underscore, too; every other name that no
// question has is reported.
//
// # Markup
//
// Templates uses these classes; the style sheet is web's.
//
//	problems, problems warnings, problems hints   boxes over the form
//	default-submit      first button, for the Enter key; visually hidden, not display: none
//	intro               hint and problems of the page
//	field, + invalid, + doubtful   one question
//	label required hint problem warning remark    what stands at it
//	input (+ short) area select    controls
//	choices (+ likert), choice (+ exclusive, + na)   radio buttons and boxes
//	matrix matrix-head matrix-row matrix-label matrix-choices   table-list
//	group; repeat repeat-row repeat-actions; button secondary small
//	found pick          municipality: what a key stands for, what a search found
//	note (+ notice) note-title, output
//	summary-group summary summary-row summary-change empty summary-entry summary-entry-label
//	visually-hidden
//
// A control's id is f-name, or f-repeat-0-name in a row, with -2, -3 … for
// further choices, and -hint, -problem, -warning, -confirm, -remark for what
// belongs to it; a row is f-repeat-0.
//
// # Store
//
//	form#<hash>  form   a published definition, canonical, for ever (Library)
package form
