package define

// Kind is how a question behaves: its type and the appearance that matters.
type Kind uint8

// The kinds, those first that people type, then those that they choose, then
// those that they do not answer.
const (
	Text Kind = iota
	Area
	Email
	Phone
	Municipality
	Integer
	Decimal
	Date
	Month
	Year
	Time
	One
	Many
	Acknowledge
	Note
	Group
	Repeat
	Calculate
	Hidden
)

// Kinds are the types of XLSForm with the appearances that each can have.
var Kinds = map[string]map[string]Kind{
	"text": {
		"": Text, "multiline": Area, "email": Email, "tel": Phone,
		"municipality": Municipality, "month-year": Month, "year": Year,
	},
	"integer":         {"": Integer, "year": Year},
	"decimal":         {"": Decimal},
	"date":            {"": Date, "month-year": Month, "year": Year},
	"time":            {"": Time},
	"select_one":      {"": One, "minimal": One, "likert": One},
	"select_multiple": {"": Many},
	"acknowledge":     {"": Acknowledge},
	"note":            {"": Note, "notice": Note},
	"group":           {"": Group, "table-list": Group},
	"repeat":          {"": Repeat, "ordered": Repeat},
	"calculate":       {"": Calculate},
	"hidden":          {"": Hidden},
}

// In says whether k is one of ks.
func (k Kind) In(ks ...Kind) bool {
	for _, o := range ks {
		if k == o {
			return true
		}
	}
	return false
}

// Answered says whether people give an answer to such a question.
func (k Kind) Answered() bool { return k < Note }

// Written says whether the answer is a text that people type freely.
func (k Kind) Written() bool { return k <= Municipality }
