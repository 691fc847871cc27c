// Package forms measures the form engine: compiling, showing, checking and
// storing the closing survey T2 and the expression of interest, what a compiled
// form keeps in memory, and its expressions and submissions beside what others
// wrote.
//
// Floors run in this process, in turn with what they stand beside. Peers are
// processes of their own that measure themselves when told to: peers/xpath, a
// module of its own, and peers/xforms, a Node script that takes its packages
// from infra/e2e. A peer that cannot run here is reported as not run.
package forms
