package entry

import (
	"math/big"
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode"

	"kokoma/shared/form/define"
	"kokoma/shared/lang"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Unknown is the canonical form of the word that x_unknown allows.
const Unknown = "UNK"

// Answer is what somebody typed, understood.
type Answer struct {
	Text   string // canonical; as typed, but trimmed, where it is not understood
	Fault  string // key of the text that says what is wrong, "" for nothing
	Number *big.Rat
	Date   lang.Date // of a date; the first day of a month
}

// Asked is what a question tells about its answers.
type Asked struct {
	Kind     define.Kind
	Unknown  lang.Text // word that may stand instead of a date
	AnyPhone bool      // a phone number has its own rule
}

// Register knows the municipalities; both may be nil.
type Register struct {
	Lookup func(key string) (label string, ok bool)
	Search func(typed string) []Found
}

// Found is a municipality that a search came up with.
type Found struct {
	Key, Label string
}

// Understand brings what was typed into canonical form: 0,25 becomes 0.25,
// 1.3.2026 becomes 2026-03-01.
func (q Asked) Understand(typed string, r Register) Answer {
	line := CleanLine(typed)
	if q.Unknown.DE != "" && (strings.EqualFold(line, q.Unknown.DE) || strings.EqualFold(line, q.Unknown.EN) || line == Unknown) {
		return Answer{Text: Unknown}
	}
	if line == "" {
		return Answer{}
	}
	switch q.Kind {
	case define.Area:
		return Answer{Text: cleanArea(typed)}
	case define.Email:
		return readEmail(line)
	case define.Municipality:
		return readMunicipality(line, r)
	case define.Integer:
		return readInteger(line)
	case define.Decimal, define.Range:
		return readDecimal(line)
	case define.Date:
		return readDate(line)
	case define.Month:
		return readMonth(line)
	case define.Year:
		return readYear(line)
	case define.Datetime:
		return readDatetime(line)
	case define.Time:
		return readTime(line)
	case define.Phone:
		if !q.AnyPhone && !phone().MatchString(line) {
			return Answer{Text: line, Fault: "form.phone"}
		}
	}
	return Answer{Text: line}
}

var phone = later(`^[+0-9 ()/-]{5,25}$`)

// cleanArea keeps lines, drops what can't be seen and trims.
func cleanArea(s string) string {
	return strings.TrimSpace(clean(s, func(r rune) bool { return r == '\n' || r == '\t' }))
}

// CleanLine makes one line of it.
func CleanLine(s string) string {
	if Plain(s) {
		return strings.TrimSpace(s)
	}
	if strings.ContainsAny(s, "\n\t\r\v\f\u2028\u2029") {
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("\n\t\r\v\f\u2028\u2029", r) }), " ")
	}
	return strings.TrimSpace(clean(s, func(rune) bool { return false }))
}

// clean drops control characters and those that turn the direction of the
// text around, and composes what is left.
func clean(s string, keep func(rune) bool) string {
	if Plain(s) {
		return s
	}
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if (unicode.IsControl(r) || turns(r)) && !keep(r) {
			return -1
		}
		return r
	}, s))
}

// turns says that a character turns the direction of the text, or marks its
// beginning.
func turns(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff'
}

// Visible says that something is left of the character when it is cleaned.
func Visible(r rune) bool { return !unicode.IsSpace(r) && !unicode.IsControl(r) && !turns(r) }

// Plain says that s is printable ASCII, which needs no cleaning.
func Plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

var (
	localPart  = later("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	domainPart = later(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$`)
)

// readEmail takes addresses as mail systems do: no quoted local parts, no
// names in front. Domains with umlauts become their ASCII form.
func readEmail(s string) Answer {
	local, domain, ok := cutLast(s, "@")
	ascii, err := idna.Lookup.ToASCII(domain)
	canonical := local + "@" + ascii
	if !ok || err != nil || len(canonical) > 254 || len(local) > 64 || !localPart().MatchString(local) || !domainPart().MatchString(ascii) {
		return Answer{Text: s, Fault: "form.email"}
	}
	if _, err := mail.ParseAddress(canonical); err != nil {
		return Answer{Text: s, Fault: "form.email"}
	}
	return Answer{Text: canonical}
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func readMunicipality(s string, r Register) Answer {
	if r.Lookup != nil {
		if _, ok := r.Lookup(s); ok {
			return Answer{Text: s}
		}
	}
	if r.Search == nil {
		return Answer{Text: s, Fault: "form.municipality.none"}
	}
	switch found := r.Search(s); len(found) {
	case 0:
		return Answer{Text: s, Fault: "form.municipality.none"}
	case 1:
		return Answer{Text: found[0].Key}
	}
	return Answer{Text: s, Fault: "form.municipality.several"}
}

// thousands are whole numbers with separators: 12.500, 12 500, 12,500, 12'500.
var thousands = later(`^[+-]?[0-9]{1,3}([., '\x{00a0}\x{202f}’][0-9]{3})+$`)

func readInteger(s string) Answer {
	digits := minus(s)
	if thousands().MatchString(digits) {
		digits = keepDigits(digits)
	}
	r, ok := plainDecimal(digits)
	if !ok || !r.IsInt() {
		return Answer{Text: s, Fault: "form.integer"}
	}
	return Answer{Text: r.Num().String(), Number: r}
}

// minus writes the typographic minus signs as the plain one.
func minus(s string) string { return minuses.Replace(s) }

var minuses = strings.NewReplacer("−", "-", "–", "-")

func keepDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, s)
}

// readDecimal takes point and comma as the decimal sign; where both stand, the
// last one is it and the others group thousands.
func readDecimal(s string) Answer {
	digits := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\'' || r == '’' {
			return -1
		}
		return r
	}, minus(s))
	comma, point := strings.LastIndex(digits, ","), strings.LastIndex(digits, ".")
	if comma > point {
		digits = strings.ReplaceAll(digits[:comma], ".", "") + "." + digits[comma+1:]
	} else if comma >= 0 {
		digits = strings.ReplaceAll(digits[:point], ",", "") + digits[point:]
	}
	r, ok := plainDecimal(digits)
	if !ok {
		return Answer{Text: s, Fault: "form.decimal"}
	}
	return Answer{Text: decimalText(r), Number: r}
}

var decimal = later(`^[+-]?[0-9]{1,15}(\.[0-9]{1,9})?$`)

// plainDecimal reads -1234.5 exactly: up to 15 digits before and 9 after the
// point.
func plainDecimal(s string) (*big.Rat, bool) {
	if !decimal().MatchString(s) {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func decimalText(r *big.Rat) string {
	s := r.FloatString(9)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

var (
	germanDate = later(`^([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})$`)
	isoDate    = later(`^([0-9]{4})-([0-9]{2})-([0-9]{2})$`)
	shortDate  = later(`^[0-9]{1,2}\. ?[0-9]{1,2}\.( ?[0-9]{2})?$`)
	monthYear  = later(`^([0-9]{1,2}) ?[./] ?([0-9]{4})$`)
	isoMonth   = later(`^([0-9]{4})-([0-9]{2})(?:-01)?$`)
	fourDigits = later(`^(1[89]|2[01])[0-9]{2}$`)
	clock      = later(`^([01]?[0-9]|2[0-3])[:.]([0-5][0-9])(?: ?Uhr)?$`)
)

func readDate(s string) Answer {
	year, month, day := "", "", ""
	if m := germanDate().FindStringSubmatch(s); m != nil {
		year, month, day = m[3], m[2], m[1]
	} else if m := isoDate().FindStringSubmatch(s); m != nil {
		year, month, day = m[1], m[2], m[3]
	}
	switch {
	case shortDate().MatchString(s):
		return Answer{Text: s, Fault: "form.date.century"}
	case year == "":
		return Answer{Text: s, Fault: "form.date"}
	}
	d, err := lang.ParseDate(year + "-" + two(month) + "-" + two(day))
	if err != nil || !fourDigits().MatchString(year) {
		return Answer{Text: s, Fault: "form.date.calendar"}
	}
	return Answer{Text: d.String(), Date: d}
}

func two(digits string) string {
	if len(digits) == 1 {
		return "0" + digits
	}
	return digits
}

func readMonth(s string) Answer {
	year, month := "", ""
	if m := monthYear().FindStringSubmatch(s); m != nil {
		year, month = m[2], two(m[1])
	} else if m := isoMonth().FindStringSubmatch(s); m != nil {
		year, month = m[1], m[2]
	}
	d, err := lang.ParseDate(year + "-" + month + "-01")
	if err != nil || !fourDigits().MatchString(year) {
		return Answer{Text: s, Fault: "form.month"}
	}
	return Answer{Text: year + "-" + month, Date: d}
}

func readYear(s string) Answer {
	if !fourDigits().MatchString(s) {
		return Answer{Text: s, Fault: "form.year"}
	}
	y, _ := strconv.Atoi(s)
	return Answer{Text: s, Number: big.NewRat(int64(y), 1), Date: lang.Date{Year: y, Month: 1, Day: 1}}
}

func readTime(s string) Answer {
	m := clock().FindStringSubmatch(s)
	if m == nil {
		return Answer{Text: s, Fault: "form.time"}
	}
	return Answer{Text: two(m[1]) + ":" + m[2]}
}

// datetime cuts 1.3.2026 14:30, 1.3.2026, 14.30 Uhr or 2026-03-01T14:30 into
// day and time. It is a local time: a date and a clock, never an instant.
var datetime = later(`^([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}\. ?[0-9]{1,2}\. ?[0-9]{4})(?:T|,? +(?:um )?)([0-9]{1,2}[:.][0-9]{2}(?: ?Uhr)?)(?::[0-9]{2}(?:\.[0-9]+)?)?$`)

func readDatetime(s string) Answer {
	m := datetime().FindStringSubmatch(s)
	if m == nil {
		return Answer{Text: s, Fault: "form.datetime"}
	}
	day, at := readDate(m[1]), readTime(m[2])
	switch {
	case day.Fault != "":
		return Answer{Text: s, Fault: day.Fault}
	case at.Fault != "":
		return Answer{Text: s, Fault: "form.datetime"}
	}
	return Answer{Text: day.Text + "T" + at.Text, Date: day.Date}
}

// Moment is the point in time of a datetime, on the clock of Berlin.
func (a Answer) Moment() time.Time {
	hour, _ := strconv.Atoi(a.Text[len(a.Text)-5 : len(a.Text)-3])
	minute, _ := strconv.Atoi(a.Text[len(a.Text)-2:])
	return time.Date(a.Date.Year, a.Date.Month, a.Date.Day, hour, minute, 0, 0, lang.Berlin())
}

// Shown is what stands in the field for a stored answer: as typed, but a date
// that the platform wrote as people write it.
func Shown(k define.Kind, stored string) string {
	switch {
	case k == define.Date && isoDate().MatchString(stored):
		if a := readDate(stored); a.Fault == "" {
			return lang.Short(lang.DE, a.Date)
		}
	case k == define.Datetime:
		if a := readDatetime(stored); a.Fault == "" && a.Text == stored {
			return lang.Short(lang.DE, a.Date) + " " + stored[len(stored)-len("14:30"):]
		}
	case k == define.Month && isoMonth().MatchString(stored):
		if a := readMonth(stored); a.Fault == "" {
			return stored[5:7] + "." + stored[:4]
		}
	}
	return stored
}
