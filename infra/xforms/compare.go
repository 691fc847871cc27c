package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Result is what a comparison came to.
type Result struct {
	Forms, Sequences, States int
	Mismatches               []Mismatch
}

// Mismatch is one difference, with what led to it.
type Mismatch struct {
	Form     string
	Sequence int
	Step     int
	Field    string
	Ours     string
	Theirs   string
	Steps    []Step
}

// compare runs all forms through both engines. Forms that calculate with days
// run in a zone without summer time, at the same time as the others.
func compare(ctx context.Context, corpus []*Case) (Result, error) {
	zones := map[string][]*Case{}
	var faults []error
	for _, c := range corpus {
		faults = append(faults, c.prepare())
		zone := "Europe/Berlin"
		if c.Days {
			zone = "UTC"
		}
		zones[zone] = append(zones[zone], c)
	}
	if err := errors.Join(faults...); err != nil {
		return Result{}, err
	}
	answers, errs := make(chan map[string]reply, len(zones)), make(chan error, len(zones))
	var wg sync.WaitGroup
	for zone, cases := range zones {
		wg.Go(func() {
			r, err := webForms(ctx, cases, zone)
			answers <- r
			errs <- err
		})
	}
	wg.Wait()
	theirs := map[string]reply{}
	for range zones {
		if err := <-errs; err != nil {
			return Result{}, err
		}
		maps.Copy(theirs, <-answers)
	}
	var r Result
	for _, c := range corpus {
		if err := r.form(c, theirs[c.Name]); err != nil {
			return Result{}, err
		}
	}
	return r, nil
}

func (r *Result) form(c *Case, theirs reply) error {
	r.Forms++
	if theirs.Error != "" || len(theirs.States) != len(c.Sequences) {
		r.Mismatches = append(r.Mismatches, Mismatch{Form: c.Name, Theirs: "error: " + theirs.Error, Ours: "accepted"})
		return nil
	}
	for i, sequence := range c.Sequences {
		ours, err := c.ours(sequence)
		if err != nil {
			return err
		}
		r.Sequences++
		r.sequence(c, i, ours, theirs.States[i])
	}
	return nil
}

// sequence notes the first difference only: others mostly follow from it.
func (r *Result) sequence(c *Case, n int, ours, theirs []States) {
	for i := range ours {
		fields := union(ours[i], theirs[i])
		r.States += len(fields)
		for _, field := range fields {
			a, inOurs := ours[i][field]
			b, inTheirs := theirs[i][field]
			b.Value = c.plainValue(field, b.Value)
			if a == b && inOurs == inTheirs {
				continue
			}
			r.Mismatches = append(r.Mismatches, Mismatch{
				Form: c.Name, Sequence: n, Step: i, Field: field, Ours: said(a, inOurs), Theirs: said(b, inTheirs), Steps: c.Sequences[n][:i+1],
			})
			return
		}
	}
}

func union(a, b States) []string {
	fields := slices.Collect(maps.Keys(a))
	for field := range b {
		if _, ok := a[field]; !ok {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return fields
}

func said(s State, there bool) string {
	if !there {
		return "no such question"
	}
	return fmt.Sprintf("relevant %v, value %q, fault %q", s.Relevant, s.Value, s.Violation)
}

// print shows the first differences.
func (r *Result) print(w io.Writer) {
	for i, m := range r.Mismatches {
		if i == 20 {
			_, _ = fmt.Fprintf(w, "… and %d more\n", len(r.Mismatches)-i) // to the terminal
			return
		}
		_, _ = fmt.Fprintf(w, "%s, sequence %d, step %d: %s\n  ours   %s\n  theirs %s\n  after  %s\n",
			m.Form, m.Sequence, m.Step, m.Field, m.Ours, m.Theirs, spell(m.Steps))
	}
}

func spell(steps []Step) string {
	var parts []string
	for _, step := range steps {
		for _, op := range step {
			switch op.Do {
			case "set":
				parts = append(parts, fmt.Sprintf("%s=%q", op.Field, op.Value))
			case "add":
				parts = append(parts, "+"+op.Field)
			default:
				parts = append(parts, fmt.Sprintf("-%s[%d]", op.Field, op.Row))
			}
		}
		parts = append(parts, "|")
	}
	return strings.Join(parts, " ")
}
