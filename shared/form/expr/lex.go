package expr

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"kokoma/shared/lang"
)

type tokenKind uint8

const (
	tokEnd   tokenKind = iota
	tokRef             // ${name}
	tokText            // 'text' or "text"
	tokNum             // 12.5
	tokName            // a function, an operator in letters or a column
	tokOp              // = != < <= > >= + - * ( ) , / [
	tokSelf            // .
	tokParen           // ..
)

type token struct {
	kind tokenKind
	text string
	pos  int // byte offset in the source
}

// lexer cuts the source into tokens. After a syntax error it only says tokEnd.
type lexer struct {
	src string
	pos int
	err *Error
}

func (l *lexer) fail(pos int, text lang.Text) token {
	if l.err == nil {
		l.err = &Error{Pos: pos, Text: text}
	}
	l.pos = len(l.src)
	return token{kind: tokEnd, pos: pos}
}

func (l *lexer) next() token {
	l.pos += len(l.src[l.pos:]) - len(strings.TrimLeft(l.src[l.pos:], " \t\r\n\u00a0"))
	start := l.pos
	if start == len(l.src) {
		return token{kind: tokEnd, pos: start}
	}
	c := l.src[start]
	switch {
	case c == '$':
		return l.ref()
	case c == '\'' || c == '"':
		return l.quoted(c)
	case isDigit(c), c == '.' && start+1 < len(l.src) && isDigit(l.src[start+1]):
		return l.number()
	case c == '.':
		return l.dots()
	case isLetter(c):
		return l.name()
	}
	return l.operator()
}

func (l *lexer) take(kind tokenKind, n int) token {
	t := token{kind: kind, text: l.src[l.pos : l.pos+n], pos: l.pos}
	l.pos += n
	return t
}

func (l *lexer) ref() token {
	end := strings.IndexByte(l.src[l.pos:], '}')
	if !strings.HasPrefix(l.src[l.pos:], "${") || end < 0 {
		return l.fail(l.pos, say("expr.ref"))
	}
	t := l.take(tokRef, end+1)
	t.text = strings.TrimSpace(t.text[2:end])
	if !IsName(t.text) {
		return l.fail(t.pos, say("expr.name", t.text))
	}
	return t
}

func (l *lexer) quoted(quote byte) token {
	end := strings.IndexByte(l.src[l.pos+1:], quote)
	if end < 0 {
		return l.fail(l.pos, say("expr.unclosed", string(quote)))
	}
	t := l.take(tokText, end+2)
	t.text = t.text[1 : end+1]
	return t
}

func (l *lexer) number() token {
	n := 0
	dots := 0
	for rest := l.src[l.pos:]; n < len(rest) && (isDigit(rest[n]) || rest[n] == '.'); n++ {
		if rest[n] == '.' {
			dots++
		}
	}
	if dots > 1 {
		return l.fail(l.pos, say("expr.number", l.src[l.pos:l.pos+n]))
	}
	return l.take(tokNum, n)
}

func (l *lexer) dots() token {
	if strings.HasPrefix(l.src[l.pos:], "..") {
		return l.take(tokParen, 2)
	}
	return l.take(tokSelf, 1)
}

func (l *lexer) name() token {
	n := 1
	for rest := l.src[l.pos:]; n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n]) || rest[n] == '-' || rest[n] == ':'); n++ {
	}
	return l.take(tokName, n)
}

func (l *lexer) operator() token {
	rest := l.src[l.pos:]
	for _, op := range []string{"!=", "<=", ">="} {
		if strings.HasPrefix(rest, op) {
			return l.take(tokOp, 2)
		}
	}
	if strings.IndexByte("=<>+-*(),/[", rest[0]) >= 0 {
		return l.take(tokOp, 1)
	}
	return l.fail(l.pos, strange(rest))
}

// strange explains a character that no expression has, with what people
// mostly mean by it.
func strange(rest string) lang.Text {
	r, _ := utf8.DecodeRuneInString(rest)
	switch r {
	case '„', '“', '”', '‚', '‘', '’', '»', '«', '`':
		return say("expr.quotes")
	case ']', '@', '|':
		return say("expr.path")
	case '&':
		return say("expr.ampersand")
	case '!':
		return say("expr.exclamation")
	case '≤', '≥', '≠':
		return say("expr.compare")
	case '−', '–':
		return say("expr.minus")
	}
	if !unicode.IsPrint(r) {
		return say("expr.unseen")
	}
	return say("expr.strange", string(r))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// IsName says whether s can name a question or a choice list: letters, digits
// and _, beginning with a letter.
func IsName(s string) bool {
	if s == "" || !isLetter(s[0]) || s[0] == '_' {
		return false
	}
	for i := range len(s) {
		if !isLetter(s[i]) && !isDigit(s[i]) {
			return false
		}
	}
	return true
}
