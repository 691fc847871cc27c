// Package workbook reads and writes definitions of forms as .xlsx workbooks in
// the layout of XLSForm, so that authors can write them in a spreadsheet. It
// is the only package that knows the file format, and only the rim imports it.
//
// # What is read
//
// The sheets survey, choices and settings, as pyxform reads them: names of
// sheets and headers in whatever case, with blanks or underscores; the first
// row that is not empty is the header. Column names, types and yes or no may
// be spelled in all the ways that real workbooks use (headers.go, types.go).
// Numbers are read as they are shown (1.0 is 1), what the spreadsheet took for
// a date is written as a date again, typographic quotes in expressions become
// plain ones where the expression can't be read otherwise. Rows of survey
// without type and name are remarks; so are columns that nothing is known of.
// Other sheets are passed over.
//
// Texts stand in label::Deutsch (de) and label::English (en); a column without
// language is in the default language.
//
// # Own columns
//
// Besides the columns of XLSForm, survey has those of package define (x_class,
// x_unknown::Deutsch (de) …). The entries of x_checks take three columns each:
//
//	x_check_1_when   x_check_1_level   x_check_1_message::Deutsch (de)   …::English (en)
//	x_check_2_when   …
//
// On settings, x_form_title::English (en) stands beside form_title, which is
// German. On choices, a further column is an attribute if a choice_filter
// names it; x_attribute_NAME is one in any case.
//
// Lists that are shipped (OL-…, YN) need no rows in choices. Write adds the
// rows of those that the form uses all the same, for programs that do not know
// them, with yes in the column x_shipped; Read leaves lists out that are marked
// so and still equal to what is shipped. That makes YAML -> xlsx -> YAML the
// same definition with the same hash.
package workbook
