// Command xforms compares our form engine with the one of ODK Web Forms:
//
//	go run ./infra/xforms            # needs npm ci in infra/e2e
//
// A corpus of forms, some written by hand for every function, type and
// structure and many more that chance made from a fixed seed, is written as
// XForm XML the way pyxform does. Sequences of answers run through both
// engines, and after every step relevance, value and validity of every
// question in every row must be equal. It fails on any difference, when too
// little ran, and when a difference that was planted is not found.
//
// Values are what expressions see of an answer. The corpus leaves out what
// differs on purpose:
//
//   - Rows in which nobody answered anything do not count with us; every row of
//     the corpus has an answer.
//   - A choice that a choice_filter does not offer any more is a fault with us,
//     since nobody may lose an answer silently; Web Forms drops it. The
//     sequences clear such answers first.
//   - A repeat_count that is no number gives no rows with us; Web Forms keeps
//     those that were there before.
//   - The spellings of times and points in time come from the page: ours are
//     09:30 and 2026-03-01T09:30, Web Forms takes only those with seconds. They
//     are compared without.
//   - A default that is an expression is worked out by Web Forms once, when the
//     form is opened, and by us until somebody answers; defaults of the corpus
//     are plain values.
//   - Blanks around an answer are taken off by us when it is read.
//   - Answers that are none (12a for a number) are kept and refused with us,
//     and can't be entered there.
//   - Whole numbers beyond 2147483647 are none in Web Forms.
//   - A formula with once() settles with us when the answers are kept, and in
//     Web Forms as soon as its row is there.
//   - Own columns x_… and bounds in parameters, which ODK does not know.
//   - Days are whole with us, see package expr: forms that calculate with dates
//     run in a time zone without summer time, all others in Europe/Berlin.
package main
