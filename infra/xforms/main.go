package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Below these, the corpus proves too little.
const (
	leastForms     = 200
	leastSequences = 2000
)

func main() {
	seed := flag.Uint64("seed", 1, "where chance begins")
	generated := flag.Int("generated", 180, "how many forms chance makes")
	each := flag.Int("each", 10, "how many sequences each of them gets")
	only := flag.String("only", "", "run only the form of this name")
	show := flag.Bool("show", false, "print the XForm of the form named by -only")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	corpus := append(core(), generate(*seed, *generated, *each)...)
	corpus = chosen(corpus, *only)
	if *show {
		for _, c := range corpus {
			fmt.Println(c.YAML)
			fmt.Println(c.xml)
		}
	}
	if err := run(ctx, corpus, *only == ""); err != nil {
		fmt.Fprintln(os.Stderr, "xforms:", err)
		os.Exit(1)
	}
}

func chosen(corpus []*Case, name string) []*Case {
	var out []*Case
	for _, c := range corpus {
		if name == "" || c.Name == name {
			out = append(out, c)
		}
	}
	return out
}

// run compares both engines and prints what came of it. whole says that
// nothing was left out, so that there must be enough.
func run(ctx context.Context, corpus []*Case, whole bool) error {
	start := time.Now()
	r, err := compare(ctx, corpus)
	if err != nil {
		return err
	}
	r.print(os.Stdout)
	fmt.Printf("forms %d, sequences %d, states compared %d, mismatches %d (%.1f s)\n",
		r.Forms, r.Sequences, r.States, len(r.Mismatches), time.Since(start).Seconds())
	switch {
	case len(r.Mismatches) > 0:
		return fmt.Errorf("the engines differ")
	case whole && (r.Forms < leastForms || r.Sequences < leastSequences):
		return fmt.Errorf("%d forms and %d sequences are too few to prove anything; %d and %d are needed", r.Forms, r.Sequences, leastForms, leastSequences)
	case whole:
		return planted(ctx)
	}
	return nil
}

// planted compares a form with an XForm in which one rule is another, and
// wants the difference to be found in relevance, value and validity.
func planted(ctx context.Context) error {
	for _, fault := range faults() {
		r, err := compare(ctx, []*Case{fault})
		if err != nil {
			return err
		}
		if len(r.Mismatches) == 0 {
			return errors.New("the fault planted in " + fault.Name + " was not found: the comparison is worth nothing")
		}
	}
	fmt.Printf("planted faults %d, all found\n", len(faults()))
	return nil
}
