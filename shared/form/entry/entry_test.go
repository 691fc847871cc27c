package entry

import (
	"testing"

	"kokoma/shared/form/define"
	"kokoma/shared/lang"
)

func TestWhatPeopleTypeIsUnderstood(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind        define.Kind
		typed, want string // want begins with ! for a fault
	}{
		{define.Text, " a\r\nb\tc ", "a b c"},
		{define.Text, "Zu\u0308rich\u0000", "Z\u00fcrich"},
		{define.Text, "\ufeffa\u202eb", "ab"},
		{define.Area, " a\n\tb\x07 ", "a\n\tb"},
		{define.Integer, "12", "12"},
		{define.Integer, "012", "12"},
		{define.Integer, "+3", "3"},
		{define.Integer, "−3", "-3"},
		{define.Integer, "1.234.567", "1234567"},
		{define.Integer, "1,234", "1234"},
		{define.Integer, "1’234", "1234"},
		{define.Integer, "1.23", "!form.integer"},
		{define.Integer, "1234567890123456", "!form.integer"},
		{define.Integer, "zwölf", "!form.integer"},
		{define.Decimal, "0,25", "0.25"},
		{define.Decimal, "0.250", "0.25"},
		{define.Decimal, "1.234,5", "1234.5"},
		{define.Decimal, "1,234.5", "1234.5"},
		{define.Decimal, "1 234,5", "1234.5"},
		{define.Decimal, "12", "12"},
		{define.Decimal, "-0", "0"},
		{define.Decimal, ",5", "!form.decimal"},
		{define.Decimal, "1,2,3", "!form.decimal"},
		{define.Decimal, "0,1234567891", "!form.decimal"},
		{define.Date, "1.3.2026", "2026-03-01"},
		{define.Date, "01. 03. 2026", "2026-03-01"},
		{define.Date, "2026-03-01", "2026-03-01"},
		{define.Date, "29.2.2028", "2028-02-29"},
		{define.Date, "29.2.2026", "!form.date.calendar"},
		{define.Date, "1.3.26", "!form.date.century"},
		{define.Date, "1.3.", "!form.date.century"},
		{define.Date, "3/1/2026", "!form.date"},
		{define.Date, "Unbekannt", "UNK"},
		{define.Date, "UNK", "UNK"},
		{define.Month, "3.2026", "2026-03"},
		{define.Month, "03/2026", "2026-03"},
		{define.Month, "2026-03", "2026-03"},
		{define.Month, "2026-03-01", "2026-03"},
		{define.Month, "0.2026", "!form.month"},
		{define.Month, "2026", "!form.month"},
		{define.Year, "2026", "2026"},
		{define.Year, "26", "!form.year"},
		{define.Year, "0026", "!form.year"},
		{define.Time, "9:05", "09:05"},
		{define.Time, "14.30 Uhr", "14:30"},
		{define.Time, "14", "!form.time"},
		{define.Email, "Amt@Musterstadt.Example", "Amt@musterstadt.example"},
		{define.Email, "amt@köln.example", "amt@xn--kln-sna.example"},
		{define.Email, "\"a b\"@c.example", "!form.email"},
		{define.Email, "a@1.2.3.4", "!form.email"},
		{define.Phone, "+49 (0)1 2/3-4", "+49 (0)1 2/3-4"},
		{define.Phone, "123", "!form.phone"},
		{define.Municipality, "09999", "!form.municipality.none"},
	} {
		q := Asked{Kind: c.kind, Unknown: lang.Text{DE: "unbekannt", EN: "unknown"}}
		a := q.Understand(c.typed, Register{})
		got := a.Text
		if a.Fault != "" {
			got = "!" + a.Fault
		}
		if got != c.want {
			t.Errorf("%q as kind %d is %q, want %q", c.typed, c.kind, got, c.want)
		}
	}
}

func TestBoundsCountFromToday(t *testing.T) {
	t.Parallel()
	today := lang.Date{Year: 2026, Month: 1, Day: 31}
	for src, want := range map[string]string{
		"max=today": "2026-01-31", "max=today-1d": "2026-01-30", "max=today+14": "2026-02-14", "max=today+1m": "2026-02-28",
		"max=today+18m": "2027-07-31", "max=today-2y": "2024-01-31", "max=2026-12-24": "2026-12-24", "max=2026-12": "2026-12-01", "max=2026": "2026-01-01",
	} {
		b, err := ReadBounds(src, define.Date)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Hi.on(today).String(); got != want {
			t.Errorf("%s is %s, want %s", src, got, want)
		}
	}
}

func TestStoredDatesAreShownAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind         define.Kind
		stored, want string
	}{
		{define.Date, "2026-03-01", "01.03.2026"},
		{define.Date, "2026-02-30", "2026-02-30"},
		{define.Date, "1.3.26", "1.3.26"},
		{define.Month, "2026-03", "03.2026"},
		{define.Month, "2026-13", "2026-13"},
		{define.Text, "2026-03-01", "2026-03-01"},
	} {
		if got := Shown(c.kind, c.stored); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.stored, got, c.want)
		}
	}
}
