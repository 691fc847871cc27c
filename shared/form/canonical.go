package form

import (
	"math/big"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kokoma/shared/lang"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// unknownAnswer is the canonical form of the word that x_unknown allows.
const unknownAnswer = "UNK"

// answer is what somebody typed, understood.
type answer struct {
	text   string // canonical; as typed, but trimmed, where it is not understood
	fault  string // key of the text that says what is wrong, "" for nothing
	number *big.Rat
	date   lang.Date // of a date; the first day of a month
}

// understand brings what was typed into canonical form: 0,25 becomes 0.25,
// 1.3.2026 becomes 2026-03-01.
func (n *node) understand(typed string, e Env) answer {
	line := cleanLine(typed)
	if n.Unknown.DE != "" && (strings.EqualFold(line, n.Unknown.DE) || strings.EqualFold(line, n.Unknown.EN) || line == unknownAnswer) {
		return answer{text: unknownAnswer}
	}
	if line == "" {
		return answer{}
	}
	switch n.kind {
	case kindArea:
		return answer{text: cleanArea(typed)}
	case kindEmail:
		return readEmail(line)
	case kindMunicipality:
		return readMunicipality(line, e)
	case kindInteger:
		return readInteger(line)
	case kindDecimal:
		return readDecimal(line)
	case kindDate:
		return readDate(line)
	case kindMonth:
		return readMonth(line)
	case kindYear:
		return readYear(line)
	case kindTime:
		return readTime(line)
	case kindPhone:
		if n.constraint == nil && !phone.MatchString(line) {
			return answer{text: line, fault: "form.phone"}
		}
	}
	return answer{text: line}
}

var phone = regexp.MustCompile(`^[+0-9 ()/-]{5,25}$`)

// cleanArea keeps lines, drops what can't be seen and trims.
func cleanArea(s string) string {
	return strings.TrimSpace(clean(s, func(r rune) bool { return r == '\n' || r == '\t' }))
}

// cleanLine makes one line of it.
func cleanLine(s string) string {
	if strings.ContainsAny(s, "\n\t\r\v\f\u2028\u2029") {
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("\n\t\r\v\f\u2028\u2029", r) }), " ")
	}
	return strings.TrimSpace(clean(s, func(rune) bool { return false }))
}

// clean drops control characters and those that turn the direction of the
// text around, and composes what is left.
func clean(s string, keep func(rune) bool) string {
	if plain(s) {
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

// visible says that something is left of the character when it is cleaned.
func visible(r rune) bool { return !unicode.IsSpace(r) && !unicode.IsControl(r) && !turns(r) }

// plain says that s is printable ASCII, which needs no cleaning.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

var (
	localPart  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	domainPart = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$`)
)

// readEmail takes addresses as mail systems do: no quoted local parts, no
// names in front. Domains with umlauts become their ASCII form.
func readEmail(s string) answer {
	local, domain, ok := cutLast(s, "@")
	ascii, err := idna.Lookup.ToASCII(domain)
	canonical := local + "@" + ascii
	if !ok || err != nil || len(canonical) > 254 || len(local) > 64 || !localPart.MatchString(local) || !domainPart.MatchString(ascii) {
		return answer{text: s, fault: "form.email"}
	}
	if _, err := mail.ParseAddress(canonical); err != nil {
		return answer{text: s, fault: "form.email"}
	}
	return answer{text: canonical}
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func readMunicipality(s string, e Env) answer {
	if e.Lookup != nil {
		if _, ok := e.Lookup(s); ok {
			return answer{text: s}
		}
	}
	if e.Search == nil {
		return answer{text: s, fault: "form.municipality.none"}
	}
	switch found := e.Search(s); len(found) {
	case 0:
		return answer{text: s, fault: "form.municipality.none"}
	case 1:
		return answer{text: found[0].Key}
	}
	return answer{text: s, fault: "form.municipality.several"}
}

// thousands are whole numbers with separators: 12.500, 12 500, 12,500, 12'500.
var thousands = regexp.MustCompile(`^[+-]?[0-9]{1,3}([., '\x{00a0}\x{202f}’][0-9]{3})+$`)

func readInteger(s string) answer {
	digits := minus(s)
	if thousands.MatchString(digits) {
		digits = keepDigits(digits)
	}
	r, ok := plainDecimal(digits)
	if !ok || !r.IsInt() {
		return answer{text: s, fault: "form.integer"}
	}
	return answer{text: r.Num().String(), number: r}
}

// minus writes the typographic minus signs as the plain one.
func minus(s string) string { return strings.NewReplacer("−", "-", "–", "-").Replace(s) }

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
func readDecimal(s string) answer {
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
		return answer{text: s, fault: "form.decimal"}
	}
	return answer{text: decimalText(r), number: r}
}

var decimal = regexp.MustCompile(`^[+-]?[0-9]{1,15}(\.[0-9]{1,9})?$`)

// plainDecimal reads -1234.5 exactly: up to 15 digits before and 9 after the
// point.
func plainDecimal(s string) (*big.Rat, bool) {
	if !decimal.MatchString(s) {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func decimalText(r *big.Rat) string {
	s := r.FloatString(9)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

var (
	germanDate = regexp.MustCompile(`^([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})$`)
	isoDate    = regexp.MustCompile(`^([0-9]{4})-([0-9]{2})-([0-9]{2})$`)
	shortDate  = regexp.MustCompile(`^[0-9]{1,2}\. ?[0-9]{1,2}\.( ?[0-9]{2})?$`)
	monthYear  = regexp.MustCompile(`^([0-9]{1,2}) ?[./] ?([0-9]{4})$`)
	isoMonth   = regexp.MustCompile(`^([0-9]{4})-([0-9]{2})(?:-01)?$`)
	fourDigits = regexp.MustCompile(`^(1[89]|2[01])[0-9]{2}$`)
	clock      = regexp.MustCompile(`^([01]?[0-9]|2[0-3])[:.]([0-5][0-9])(?: ?Uhr)?$`)
)

func readDate(s string) answer {
	year, month, day := "", "", ""
	if m := germanDate.FindStringSubmatch(s); m != nil {
		year, month, day = m[3], m[2], m[1]
	} else if m := isoDate.FindStringSubmatch(s); m != nil {
		year, month, day = m[1], m[2], m[3]
	}
	switch {
	case shortDate.MatchString(s):
		return answer{text: s, fault: "form.date.century"}
	case year == "":
		return answer{text: s, fault: "form.date"}
	}
	d, err := lang.ParseDate(year + "-" + two(month) + "-" + two(day))
	if err != nil || !fourDigits.MatchString(year) {
		return answer{text: s, fault: "form.date.calendar"}
	}
	return answer{text: d.String(), date: d}
}

func two(digits string) string {
	if len(digits) == 1 {
		return "0" + digits
	}
	return digits
}

func readMonth(s string) answer {
	year, month := "", ""
	if m := monthYear.FindStringSubmatch(s); m != nil {
		year, month = m[2], two(m[1])
	} else if m := isoMonth.FindStringSubmatch(s); m != nil {
		year, month = m[1], m[2]
	}
	d, err := lang.ParseDate(year + "-" + month + "-01")
	if err != nil || !fourDigits.MatchString(year) {
		return answer{text: s, fault: "form.month"}
	}
	return answer{text: year + "-" + month, date: d}
}

func readYear(s string) answer {
	if !fourDigits.MatchString(s) {
		return answer{text: s, fault: "form.year"}
	}
	y, _ := strconv.Atoi(s)
	return answer{text: s, number: big.NewRat(int64(y), 1), date: lang.Date{Year: y, Month: 1, Day: 1}}
}

func readTime(s string) answer {
	m := clock.FindStringSubmatch(s)
	if m == nil {
		return answer{text: s, fault: "form.time"}
	}
	return answer{text: two(m[1]) + ":" + m[2]}
}

// judge says what is wrong with an answer that was understood, beyond its
// form: length and bounds.
func (n *node) judge(a answer, today lang.Date) (string, []speaker) {
	if a.text == unknownAnswer && n.Unknown.DE != "" {
		return "", nil
	}
	switch n.kind {
	case kindText, kindArea, kindEmail, kindPhone, kindMunicipality:
		return n.lengthFault(utf8.RuneCountInString(a.text))
	case kindInteger, kindDecimal:
		return n.bounds.numberFault(a.number)
	case kindDate, kindMonth, kindYear:
		return n.bounds.dateFault(a.date, today, n.kind)
	}
	return "", nil
}

func (n *node) lengthFault(length int) (string, []speaker) {
	switch {
	case length < n.minLength:
		return "form.short", []speaker{count(length), count(n.minLength)}
	case length > n.maxLength:
		return "form.long", []speaker{count(length), count(n.maxLength)}
	}
	return "", nil
}
