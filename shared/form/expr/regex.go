package expr

import (
	"regexp"
	"strings"

	"kokoma/shared/lang"
)

// pattern makes a Go pattern, which can't run away, of one that ODK's tools
// understand. What they understand differently is refused.
func pattern(src string) (*regexp.Regexp, *lang.Text) {
	t := &translator{src: src}
	t.flags()
	for t.pos < len(t.src) && t.fault == nil {
		t.atom()
	}
	if t.fault != nil {
		return nil, t.fault
	}
	re, err := regexp.Compile(t.out.String())
	if err != nil {
		fault := say("expr.regex.invalid", err)
		return nil, &fault
	}
	return re, nil
}

type translator struct {
	src   string
	pos   int
	out   strings.Builder
	any   string // what . means
	fault *lang.Text
}

func (t *translator) refuse(key string, args ...any) {
	if t.fault == nil {
		fault := say(key, args...)
		t.fault = &fault
	}
}

// emit writes s for the next n bytes of the source.
func (t *translator) emit(s string, n int) {
	t.out.WriteString(s)
	t.pos += n
}

func (t *translator) rest() string { return t.src[t.pos:] }

var (
	leadingFlags = regexp.MustCompile(`^\(\?[is]{1,2}\)`)
	quantifier   = regexp.MustCompile(`^\{[0-9]+(,[0-9]*)?\}`)
	hexEscape    = regexp.MustCompile(`^\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))`)
)

// flags reads (?i) or (?s) in front, which Collect knows.
func (t *translator) flags() {
	t.any = `[^\n\r\x{2028}\x{2029}]`
	if f := leadingFlags.FindString(t.src); f != "" {
		if strings.Contains(f, "s") {
			t.any = "."
		}
		t.emit(f, len(f))
	}
}

func (t *translator) atom() {
	switch c := t.src[t.pos]; c {
	case '.':
		t.emit(t.any, 1)
	case '(':
		t.group()
	case '[':
		t.class()
	case '\\':
		t.escape(false)
	case '{':
		q := quantifier.FindString(t.rest())
		if q == "" {
			t.refuse("expr.regex.brace")
		}
		t.emit(q, max(len(q), 1))
	case ']', '}':
		t.emit(`\`+string(c), 1)
	default:
		t.out.WriteByte(c) // bytes of a longer character follow each other
		t.pos++
	}
}

func (t *translator) group() {
	switch rest := t.rest(); {
	case strings.HasPrefix(rest, "(?:"):
		t.emit("(?:", 3)
	case strings.HasPrefix(rest, "(?"):
		t.refuse("expr.regex.group")
	default:
		t.emit("(?:", 1)
	}
}

// class reads [a-z], with everything that may stand in it.
func (t *translator) class() {
	t.emit("[", 1)
	if strings.HasPrefix(t.rest(), "^") {
		t.emit("^", 1)
	}
	for first := true; t.fault == nil; first = false {
		rest := t.rest()
		switch {
		case rest == "":
			t.refuse("expr.regex.class")
		case rest[0] == ']' && first, rest[0] == '[', strings.HasPrefix(rest, "&&"):
			t.refuse("expr.regex.bracket", rest[:1])
		case rest[0] == ']':
			t.emit("]", 1)
			return
		case rest[0] == '\\':
			t.escape(true)
		case rest[0] == '^':
			t.emit(`\^`, 1)
		default:
			t.out.WriteByte(rest[0])
			t.pos++
		}
	}
}

// space is what \s means in JavaScript, to stand in a class.
const space = `\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`

func (t *translator) escape(inClass bool) {
	rest := t.rest()
	if m := hexEscape.FindStringSubmatch(rest); m != nil {
		t.emit(`\x{`+m[1]+m[2]+`}`, len(m[0]))
		return
	}
	if len(rest) < 2 {
		t.refuse("expr.regex.escape", rest)
		return
	}
	switch c := rest[1]; {
	case strings.IndexByte("dDwWtnrfv", c) >= 0, strings.IndexByte("bB", c) >= 0 && !inClass:
		t.emit(rest[:2], 2)
	case c == 's' && inClass:
		t.emit(space, 2)
	case c == 's':
		t.emit("["+space+"]", 2)
	case c == 'S' && !inClass:
		t.emit("[^"+space+"]", 2)
	case isDigit(c) && c != '0':
		t.refuse("expr.regex.back")
	case isLetter(c) || isDigit(c) || c >= 0x80 || c == '_':
		t.refuse("expr.regex.escape", rest[:2])
	default:
		t.emit(regexp.QuoteMeta(string(c)), 2)
		if c == '-' && inClass {
			t.fixDash()
		}
	}
}

// fixDash escapes the dash that was just written: in a class it is no range.
func (t *translator) fixDash() {
	s := t.out.String()
	t.out.Reset()
	t.out.WriteString(s[:len(s)-1] + `\-`)
}
