package municipality

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"kokoma/shared/lang"
)

// field is a range of columns of a GV100AD line, counted from one, with the
// name that messages call it.
type field struct {
	from, to int
	name     string
}

// The columns of the file that we read. They count characters, not bytes.
var (
	fieldSort       = field{1, 2, "Satzart"}
	fieldDate       = field{3, 10, "Gebietsstand"}
	fieldCounty     = field{11, 15, "Kreisschlüssel"}
	fieldKey        = field{11, 18, "Gemeindeschlüssel"}
	fieldName       = field{23, 72, "Name"}
	fieldSeat       = field{73, 122, "Verwaltungssitz"}
	fieldMark       = field{123, 124, "Textkennzeichen"}
	fieldPopulation = field{140, 150, "Bevölkerung"}
	fieldPostcode   = field{166, 170, "Postleitzahl"}
)

// Sorts of lines. Counties and municipalities are read, the others carry
// headings and associations.
const (
	sortCounty       = "40"
	sortMunicipality = "60"
	otherSorts       = "10 20 30 50"
)

// kinds are the Textkennzeichen and what OL-MUNI calls them. Those that are
// empty are skipped: a county-free city comes again as a municipality, and
// unincorporated areas have no administration.
var (
	countyKinds       = map[string]string{"41": "", "42": "", "43": Landkreis, "44": Landkreis, "45": Landkreis}
	municipalityKinds = map[string]string{
		"60": Gemeinde, "61": Kreisfrei, "62": Kreisfrei, "63": Stadt, "64": Gemeinde,
		"65": "", "66": "", "67": Stadt,
	}
)

// ReadGV100 reads the official register of municipalities in its file format
// GV100AD, encoded in UTF-8 or, before 2019, in ISO-8859-1. Counties, for
// which the file gives neither, get the sum of their municipalities'
// populations and the postcode of their seat. Faults name line and column.
func ReadGV100(r io.Reader) ([]Municipality, error) {
	src, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading the register: %w", err)
	}
	g := gv100{seen: map[string]int{}, seats: map[string]string{}}
	lines := bufio.NewScanner(strings.NewReader(decodeText(src)))
	for lines.Scan() {
		g.line++
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		if err := g.read(lines.Text()); err != nil {
			return nil, err
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %v; GV100AD has lines of about 220 characters", g.line+1, err)
	}
	if len(g.places) == 0 {
		return nil, errors.New("no line of sort 40 or 60 was found; is this a GV100AD file?")
	}
	g.completeCounties()
	return g.places, nil
}

// decodeText takes bytes that are no UTF-8 for ISO-8859-1, whose codes are
// those of Unicode.
func decodeText(src []byte) string {
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	if utf8.Valid(src) {
		return string(src)
	}
	out := make([]rune, len(src))
	for i, b := range src {
		out[i] = rune(b)
	}
	return string(out)
}

// gv100 is the state of reading one file.
type gv100 struct {
	line   int
	places []Municipality
	seen   map[string]int    // key -> line
	seats  map[string]string // county key -> seat as named in the file
}

func (g *gv100) read(text string) error {
	line := []rune(strings.TrimRight(text, "\r"))
	switch sort := fieldSort.of(line); {
	case sort == sortCounty:
		return g.county(line)
	case sort == sortMunicipality:
		return g.municipality(line)
	case len(sort) == 2 && strings.Contains(otherSorts, sort):
		return nil
	default:
		return g.fault(fieldSort, "%q is no sort of line; 10, 20, 30, 40, 50 or 60 is expected", sort)
	}
}

func (g *gv100) county(line []rune) error {
	kind, err := g.kind(line, countyKinds)
	if kind == "" || err != nil {
		return err
	}
	m, err := g.place(line, fieldCounty, kind)
	if err != nil {
		return err
	}
	g.seats[m.Key] = DisplayName(fieldSeat.of(line))
	g.places = append(g.places, m)
	return nil
}

func (g *gv100) municipality(line []rune) error {
	kind, err := g.kind(line, municipalityKinds)
	if kind == "" || err != nil {
		return err
	}
	m, err := g.place(line, fieldKey, kind)
	if err != nil {
		return err
	}
	population := fieldPopulation.of(line)
	if m.Population, err = strconv.Atoi(population); err != nil || m.Population < 0 {
		return g.fault(fieldPopulation, "%q is no number of inhabitants", population)
	}
	m.Postcode = fieldPostcode.of(line)
	if len(m.Postcode) != 5 || strings.Trim(m.Postcode, "0123456789") != "" {
		return g.fault(fieldPostcode, "%q is no postcode; five digits are expected", m.Postcode)
	}
	g.places = append(g.places, m)
	return nil
}

func (g *gv100) kind(line []rune, kinds map[string]string) (string, error) {
	mark := fieldMark.of(line)
	kind, ok := kinds[mark]
	if !ok {
		return "", g.fault(fieldMark, "%q is not known for lines of sort %s", mark, fieldSort.of(line))
	}
	return kind, nil
}

// place reads what counties and municipalities have in common.
func (g *gv100) place(line []rune, keyField field, kind string) (Municipality, error) {
	m := Municipality{Key: keyField.of(line), Kind: kind, Name: DisplayName(fieldName.of(line))}
	if !ValidKey(m.Key) || len(m.Key) != keyField.to-keyField.from+1 {
		return m, g.fault(keyField, "%q is no official key", m.Key)
	}
	if before, ok := g.seen[m.Key]; ok {
		return m, g.fault(keyField, "%s was already given in line %d", m.Key, before)
	}
	g.seen[m.Key] = g.line
	if m.Name == "" {
		return m, g.fault(fieldName, "the name is missing")
	}
	day, err := date(fieldDate.of(line))
	if err != nil {
		return m, g.fault(fieldDate, "%q is no date of the form 20261231", fieldDate.of(line))
	}
	m.Land, m.PopulationDate = LandOf(m.Key), day
	return m, nil
}

func date(compact string) (lang.Date, error) {
	if len(compact) != 8 {
		return lang.Date{}, fmt.Errorf("%q has not eight digits", compact)
	}
	return lang.ParseDate(compact[:4] + "-" + compact[4:6] + "-" + compact[6:])
}

// completeCounties fills in what lines of sort 40 lack. The seat can lie
// outside the county, in a county-free city of the same Land.
func (g *gv100) completeCounties() {
	population := map[string]int{}
	postcodes := map[string]string{}
	for _, m := range g.places {
		if m.Kind == Landkreis {
			continue
		}
		county := m.Key[:5]
		population[county] += m.Population
		postcodes[county+m.Name] = m.Postcode
		if m.Kind == Kreisfrei {
			postcodes[m.Land+m.Name] = m.Postcode
		}
	}
	for i, m := range g.places {
		if m.Kind != Landkreis {
			continue
		}
		seat := g.seats[m.Key]
		g.places[i].Population = population[m.Key]
		g.places[i].Postcode = postcodes[m.Key+seat]
		if g.places[i].Postcode == "" {
			g.places[i].Postcode = postcodes[m.Land+seat]
		}
	}
}

func (g *gv100) fault(f field, format string, args ...any) error {
	return fmt.Errorf("line %d, columns %d–%d (%s): %s", g.line, f.from, f.to, f.name, fmt.Sprintf(format, args...))
}

// of cuts the field out of a line, without the blanks that pad it. Of a line
// that is too short it gives what there is.
func (f field) of(line []rune) string {
	if len(line) < f.from {
		return ""
	}
	return strings.TrimSpace(string(line[f.from-1 : min(f.to, len(line))]))
}
