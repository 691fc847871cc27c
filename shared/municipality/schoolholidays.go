package municipality

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"

	"kokoma/shared/lang"
)

//go:embed schoolholidays.yaml
var schoolHolidaysYAML []byte

var schoolHolidays = sync.OnceValue(func() map[string][]Range {
	all, err := readSchoolHolidays(schoolHolidaysYAML)
	if err != nil {
		panic("municipality: " + err.Error()) // a test reads the file that is shipped
	}
	return all
})

// SchoolHoliday reports whether the schools of the Land are closed for
// holidays on d, as far as the dates are known.
func (c Calendar) SchoolHoliday(d lang.Date) bool {
	return slices.ContainsFunc(schoolHolidays()[c.Land], func(r Range) bool { return r.Has(d) })
}

// readSchoolHolidays reads schoolholidays.yaml strictly: Länder that exist,
// each once, with spans in order that do not touch. All faults are told at
// once, each with its line.
func readSchoolHolidays(src []byte) (map[string][]Range, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return nil, fmt.Errorf("schoolholidays.yaml: %v", err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("schoolholidays.yaml: wanted are lines such as BY: [2026-08-03/2026-09-14]")
	}
	out := map[string][]Range{}
	var faults []error
	pairs := doc.Content[0].Content
	for i := 0; i+1 < len(pairs); i += 2 {
		land := pairs[i].Value
		if out[land] != nil || !slices.ContainsFunc(lands, func(l Land) bool { return l.Code == land }) {
			faults = append(faults, fmt.Errorf("schoolholidays.yaml:%d: %q is no Land, or it is there twice", pairs[i].Line, land))
			continue
		}
		list, errs := readRanges(pairs[i+1])
		out[land], faults = list, append(faults, errs...)
	}
	return out, errors.Join(faults...)
}

func readRanges(n *yaml.Node) ([]Range, []error) {
	out, faults := []Range{}, []error(nil)
	if n.Kind != yaml.SequenceNode {
		return nil, []error{fmt.Errorf("schoolholidays.yaml:%d: wanted is a list such as [2026-08-03/2026-09-14]", n.Line)}
	}
	for _, item := range n.Content {
		var r Range
		if err := r.UnmarshalText([]byte(item.Value)); err != nil {
			faults = append(faults, fmt.Errorf("schoolholidays.yaml:%d: %v", item.Line, err))
			continue
		}
		if len(out) > 0 && !out[len(out)-1].To.Before(r.From) {
			faults = append(faults, fmt.Errorf("schoolholidays.yaml:%d: %s begins before the span in front of it has ended", item.Line, item.Value))
		}
		out = append(out, r)
	}
	return out, faults
}
