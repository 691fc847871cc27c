// Command municipalities imports the official register of municipalities
// (GV-ISys, file format GV100AD) into the data folder of a platform:
//
//	go run ./infra/ops/municipalities import -data .kokoma -file GV100AD_311226.txt
//
// Stop the platform first: one process at a time opens a data folder. Länder
// that the file lacks stay as they are.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"kokoma/shared/municipality"
	"kokoma/shared/table/bolt"
)

const usage = "usage: go run ./infra/ops/municipalities import -data FOLDER -file FILE"

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "municipalities:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "import" {
		return errors.New(usage)
	}
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	folder := flags.String("data", ".kokoma", "data folder")
	name := flags.String("file", "", "GV100AD file")
	if err := flags.Parse(args[1:]); err != nil || *name == "" || flags.NArg() > 0 {
		return errors.New(usage)
	}
	places, err := read(*name)
	if err != nil {
		return err
	}
	done, err := store(ctx, *folder, places)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d places read: %d added, %d changed, %d removed, %d unchanged\n",
		len(places), done.Added, done.Changed, done.Removed, done.Unchanged)
	return err
}

// read reads the whole file before anything is written, so that a bad file
// changes nothing.
func read(name string) ([]municipality.Municipality, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	places, err := municipality.ReadGV100(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("%s cannot be imported, nothing was changed: %w", filepath.Base(name), err)
	}
	return places, nil
}

func store(ctx context.Context, folder string, places []municipality.Municipality) (municipality.Imported, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return municipality.Imported{}, fmt.Errorf("the data folder %s cannot be made: %w", folder, err)
	}
	t, err := bolt.Open(filepath.Join(folder, "table.db"))
	if errors.Is(err, bolt.ErrLocked) {
		return municipality.Imported{}, fmt.Errorf("a platform runs on %s: stop it first", folder)
	}
	if err != nil {
		return municipality.Imported{}, err
	}
	done, err := municipality.New(t).Import(ctx, places)
	return done, errors.Join(err, t.Close())
}
