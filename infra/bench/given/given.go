// Package given is what the parts of the benchmark agree on.
package given

import (
	"time"

	"kokoma/shared/lang"
)

const (
	// Office is the address of the service office.
	Office = "servicestelle@example.org"
	// Base begins the links of the parts that serve no pages.
	Base = "http://127.0.0.1"
	// LoadWrites is how many operations a write has that only loads.
	LoadWrites = 90
	// GOGC is how much garbage may pile up before it is collected, in percent of
	// what lives: as the functions run, template.yaml.
	GOGC = 400
)

var (
	// Monday is when it begins: a working day everywhere, in mailing hours.
	Monday = lang.Date{Year: 2026, Month: time.April, Day: 13}.At(9, 0)
	// LinkKeys sign the links.
	LinkKeys = map[int][]byte{1: []byte("benchmarks-only-benchmarks-only-")}
)
