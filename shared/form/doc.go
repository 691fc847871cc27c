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
// style: pages), choices (own lists by name: [{name, label, attributes}]) and
// survey, a list of entries. It is written in YAML, or as a workbook (package
// workbook): two spellings of define.Definition, which package model compiles.
// Every text is {de: …, en: …}. An entry has
//
//	type        text integer decimal range date datetime time acknowledge note hidden calculate group
//	            repeat, select_one LIST, select_multiple LIST, rank LIST (own lists or those of
//	            lists.yaml); "or_other" behind a list adds other and a question <name>_other
//	name        letters, digits, _; unique in the form, also when capitals are folded; at most 64
//	label hint  label is obligatory but for hidden and calculate; a calculate with label is shown
//	guidance_hint             more to read, folded away
//	appearance  text: multiline email tel municipality month-year year; date: month-year year;
//	            integer: year; select_one: minimal likert compact; select_multiple: compact;
//	            note: notice; group: table-list; repeat: ordered
//	relevant    expression; what is not relevant is neither shown nor judged nor handed in
//	required    yes, no or an expression; required_message
//	constraint  expression over the own answer "."; constraint_message is obligatory with it
//	calculation expression; default: value or expression; readonly: yes
//	choice_filter             expression over the columns of the list: name and its attributes
//	parameters  "min=0 max=5 step=0.05"; dates: min and max as 2026-03-01, today, today-1d, today+18m, today+2y;
//	            range: "start=1 end=10 step=1"
//	repeat_count              expression: the form says how many rows there are
//	x_minlength x_maxlength   characters of a text (255, multiline 5000 where nothing is said)
//	x_min x_max               choices of a select_multiple, rows of a repeat
//	x_exclusive               choices that exclude all others
//	x_unknown                 word that is accepted instead of a date: {de: unbekannt, en: unknown}; canonical UNK
//	x_unique                  yes: rows of a repeat must differ in this answer
//	x_checks                  [{when: expression, level: error|warning|hint, message}]
//	x_class x_sensitive       org case sens pers rec anon; yes
//	x_autocomplete            token of HTML
//	x_construct x_scale x_reversed   of survey items
//	x_indicator x_wave x_role x_step what a question is for, codes divided by blanks
//	x_alias                   earlier names of the variable: exports keep it in one column
//	children                  of group and repeat; a top-level group is a page, others are fieldsets;
//	                          repeats may stand in repeats, three deep
//
// What XLSForm has beyond that is refused by name and with a reason
// (define/refused.go). Every fault and warning is a Finding: a line or a cell,
// and a sentence in German and English. Compile, for what we ship, takes
// warnings for faults; Examine tells them apart.
//
// Expressions: see package expr. Values are worked out when they are first
// asked for, so in the order of their dependencies; circles are found when a
// definition is compiled. A formula with once() keeps its value: call Settle
// before a draft is stored. Canonical answers are 12500, 0.25, 2026-03-01,
// 2026-03 (month-year), 2026-03-01T09:30 (datetime, a local time), 09:30,
// OK (acknowledge), names of choices, of a rank in their order.
//
// # Names in posts
//
// name, repeat[0].name, repeat[0].inner[1].name, and controls of the engine that
// begin with an underscore: _rows:repeat, _add:repeat[0].inner,
// _remove:repeat:0, _up:repeat:1, _down:repeat:0, _confirm:field,
// _search:field, _pick:field, _shown:field. The controls of
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
//	choices (+ likert, compact), choice (+ exclusive, + na)   radio buttons and boxes
//	ranking             a list of selects, one a place
//	guidance            details around the guidance hint
//	matrix matrix-head matrix-row matrix-label matrix-choices   table-list
//	group; repeat repeat-row repeat-actions; button secondary small
//	early               what the script shows and hides: div, or template while nobody may see it
//	form-live count search   of the script: what it announces, characters left, search in a long list
//	saved               when the draft was saved
//	found pick          municipality: what a key stands for, what a search found
//	note (+ notice) note-title, output
//	summary-group summary summary-row summary-change empty summary-entry summary-entry-label
//	visually-hidden
//
// A control's id is f-name, or f-repeat-0-name in a row, with -2, -3 … for
// further choices, and -hint, -problem, -warning, -confirm, -remark for what
// belongs to it; a row is f-repeat-0.
//
// # Versions
//
// A form that people filled in or that was published never changes: it is named
// by the hash of its content. Under its form_id there is one live version, on
// which what is new begins; what has begun stays on its own. The office's draft
// stands beside, seen by nobody. What comes with the platform is live until the
// office publishes a form of its own; then a newer one that comes with the
// platform is offered, never taken by itself. Package diff says what a new
// version means.
//
// # The script
//
// web serves static/form.js; without it everything works. It shows and hides
// questions whose condition only depends on answers of the page (Early, by
// expr.Script), counts the characters of long texts and searches lists of more
// than 12 choices. What it has shown it tells by _shown:field, and Revealed
// leaves that out. What others answered (outputs, hidden values) is put ready
// neither as a question nor in a condition. Names of data attributes must not
// begin with on: html/template would take them for scripts.
//
// # Store
//
//	form#<hash>        form             kind form: a definition, canonical, version 1, written once
//	form#id#<form_id>  head             kind form-shelf: what is live, what the draft is; versioned
//	form#id#<form_id>  draft            kind form-draft: the draft, canonical
//	form#id#<form_id>  version#<number> kind form-version: Version, written once, in the order in which they became live
package form
