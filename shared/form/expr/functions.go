package expr

import (
	"maps"
	"slices"
	"strings"

	"kokoma/shared/lang"
)

// op is what a node of the parsed expression does.
type op uint8

const (
	opLit op = iota
	opRef
	opSelf
	opChoice
	opOr
	opAnd
	opEq
	opNe
	opLt
	opLe
	opGt
	opGe
	opAdd
	opSub
	opMul
	opDiv
	opMod
	opNeg

	// Conditions.
	opTrue
	opFalse
	opNot
	opBoolean
	opBooleanFromString
	opSelected
	opContains
	opStartsWith
	opEndsWith
	opRegex
	opChecklist
	opWeighted

	// Numbers.
	opNumber
	opInt
	opRound
	opAbs
	opPow
	opLength
	opCountSelected
	opDecimalDateTime
	opDecimalTime
	opMin
	opMax
	opSum
	opCount
	opCountNonEmpty
	opPosition

	// Texts.
	opString
	opConcat
	opJoin
	opSubstr
	opBefore
	opAfter
	opTranslate
	opNormalize
	opSelectedAt
	opFormat
	opCoalesce
	opOnce
	opChoiceName

	// Whatever their arguments are, and points in time.
	opIf
	opIndexed
	opToday
	opNow
	opDate
)

// function is one that expressions may call.
type function struct {
	name     string
	op       op
	min, max int
	args     []Kind // wanted kinds, the last one for all that follow
	result   Kind
}

const many = 50

func (f *function) counts() lang.Text {
	switch {
	case f.min == f.max && f.min == 1:
		return say("expr.args.one")
	case f.min == f.max && f.min == 0:
		return say("expr.args.none")
	case f.min == f.max:
		return say("expr.args.exact", f.min)
	case f.max == many:
		return say("expr.args.least", f.min)
	}
	return say("expr.args.range", f.min, f.max)
}

func (f *function) wants(i int) Kind {
	if len(f.args) == 0 {
		return Any
	}
	return f.args[min(i, len(f.args)-1)]
}

var functions = index(
	function{"true", opTrue, 0, 0, nil, Bool},
	function{"false", opFalse, 0, 0, nil, Bool},
	function{"not", opNot, 1, 1, []Kind{Bool}, Bool},
	function{"boolean", opBoolean, 1, 1, nil, Bool},
	function{"boolean-from-string", opBooleanFromString, 1, 1, nil, Bool},
	function{"selected", opSelected, 2, 2, nil, Bool},
	function{"contains", opContains, 2, 2, nil, Bool},
	function{"starts-with", opStartsWith, 2, 2, nil, Bool},
	function{"ends-with", opEndsWith, 2, 2, nil, Bool},
	function{"regex", opRegex, 2, 2, nil, Bool},
	function{"checklist", opChecklist, 3, many, nil, Bool},
	function{"weighted-checklist", opWeighted, 4, many, nil, Bool},

	function{"number", opNumber, 1, 1, nil, Number},
	function{"int", opInt, 1, 1, []Kind{Number}, Number},
	function{"round", opRound, 1, 2, []Kind{Number}, Number},
	function{"abs", opAbs, 1, 1, []Kind{Number}, Number},
	function{"pow", opPow, 2, 2, []Kind{Number}, Number},
	function{"string-length", opLength, 1, 1, nil, Number},
	function{"count-selected", opCountSelected, 1, 1, nil, Number},
	function{"decimal-date-time", opDecimalDateTime, 1, 1, []Kind{Date}, Number},
	function{"decimal-time", opDecimalTime, 1, 1, []Kind{Time}, Number},
	function{"min", opMin, 1, many, nil, Number},
	function{"max", opMax, 1, many, nil, Number},
	function{"sum", opSum, 1, 1, []Kind{Nodes}, Number},
	function{"count", opCount, 1, 1, []Kind{Nodes}, Number},
	function{"count-non-empty", opCountNonEmpty, 1, 1, []Kind{Nodes}, Number},
	function{"position", opPosition, 0, 1, nil, Number},

	function{"string", opString, 1, 1, nil, Text},
	function{"concat", opConcat, 1, many, nil, Text},
	function{"join", opJoin, 2, many, nil, Text},
	function{"substr", opSubstr, 2, 3, []Kind{Any, Number}, Text},
	function{"substring-before", opBefore, 2, 2, nil, Text},
	function{"substring-after", opAfter, 2, 2, nil, Text},
	function{"translate", opTranslate, 3, 3, nil, Text},
	function{"normalize-space", opNormalize, 1, 1, nil, Text},
	function{"selected-at", opSelectedAt, 2, 2, []Kind{Any, Number}, Text},
	function{"format-date", opFormat, 2, 2, nil, Text},
	function{"format-date-time", opFormat, 2, 2, nil, Text},
	function{"coalesce", opCoalesce, 2, 2, nil, Any},
	function{"once", opOnce, 1, 1, nil, Any},
	function{"jr:choice-name", opChoiceName, 2, 2, nil, Text},

	function{"if", opIf, 3, 3, []Kind{Bool, Any}, Any},
	function{"indexed-repeat", opIndexed, 3, 11, nil, Any},
	function{"today", opToday, 0, 0, nil, Date},
	function{"now", opNow, 0, 0, nil, DateTime},
	function{"date", opDate, 1, 1, nil, Date},
	function{"date-time", opDate, 1, 1, nil, DateTime},
)

func index(fns ...function) map[string]*function {
	m := make(map[string]*function, len(fns))
	for _, f := range fns {
		m[f.name] = &f
	}
	return m
}

// refused are functions of ODK that we do not take, with the key of the reason.
var refused = map[string]string{
	"pulldata": "outside", "instance": "outside",
	"area": "geo", "distance": "geo", "geofence": "geo", "intersects": "geo", "geohash": "geo",
	"digest": "secret", "base64-encode": "secret", "base64-decode": "secret", "extract-signed": "secret", "hash": "secret",
	"random": "chance", "randomize": "chance", "uuid": "chance",
	"lang": "language", "version": "device", "property": "device", "sms": "device", "device-id": "device",
	"sin": "angles", "cos": "angles", "tan": "angles", "asin": "angles", "acos": "angles", "atan": "angles", "atan2": "angles",
	"exp": "angles", "exp10": "angles", "log": "angles", "log10": "angles", "sqrt": "angles", "pi": "angles",
	"floor": "whole", "ceiling": "whole", "ceil": "whole",
	"substring": "substring", "is-selected": "selected", "name": "tree", "local-name": "tree", "namespace-uri": "tree",
	"last": "tree", "id": "tree", "depend": "tree", "itext": "tree", "jr:itext": "tree",
}

// lookup finds a function, or says what is wrong with the name.
func lookup(name string) (*function, lang.Text) {
	if f, ok := functions[name]; ok {
		return f, lang.Text{}
	}
	if reason, ok := refused[name]; ok {
		return nil, say("expr.refused", name, say("expr.refused."+reason))
	}
	known := slices.Sorted(maps.Keys(functions))
	if near := Suggest(name, known); near.EN != "" {
		return nil, say("expr.function.near", name, near)
	}
	return nil, say("expr.function", name, strings.Join(known, ", "))
}
