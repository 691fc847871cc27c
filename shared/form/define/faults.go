package define

import (
	"errors"
	"fmt"
	"slices"
)

// Fail notes a fault.
func (r *Reader) Fail(line int, format string, args ...any) {
	r.errs = append(r.errs, &fault{file: r.file, line: line, msg: fmt.Sprintf(format, args...)})
}

// fault is one thing wrong in a definition.
type fault struct {
	file string
	line int
	msg  string
}

func (f *fault) Error() string { return fmt.Sprintf("%s:%d: %s", f.file, f.line, f.msg) }

// Err joins the faults in the order of lines.
func (r *Reader) Err() error {
	slices.SortStableFunc(r.errs, func(a, b error) int { return lineOf(a) - lineOf(b) })
	return errors.Join(r.errs...)
}

func lineOf(err error) int {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.line
	}
	return 0
}

// MessageOf is a fault without the place.
func MessageOf(err error) string {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.msg
	}
	return err.Error()
}
