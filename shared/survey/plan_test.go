package survey_test

import (
	"strings"
	"testing"

	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/survey"
	"kokoma/shared/table"
	"kokoma/shared/web/webtest"
)

func TestPlanRefusesWhatCannotRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := survey.Planned{
		Case: "C1", Form: "S_T0", Mode: survey.Closed, From: day("2026-08-10"), To: day("2026-08-20"), Addresses: people(5),
	}
	cases := map[string]func(*survey.Planned){
		"no such survey":      func(p *survey.Planned) { p.Form = "S_X" },
		"no window":           func(p *survey.Planned) { p.From = p.To.AddDays(1) },
		"window over":         func(p *survey.Planned) { p.From, p.To = day("2026-07-01"), day("2026-08-02") },
		"window endless":      func(p *survey.Planned) { p.To = day("2027-08-20") },
		"no mode":             func(p *survey.Planned) { p.Mode = "" },
		"too few addresses":   func(p *survey.Planned) { p.Addresses = people(4) },
		"too many addresses":  func(p *survey.Planned) { p.Addresses = people(501) },
		"address as it comes": func(p *survey.Planned) { p.Addresses[0] = "Eva <eva@example.org>" },
	}
	for name, change := range cases {
		p := good
		p.Addresses = people(5)
		change(&p)
		if ops, _, err := w.service.Plan(t.Context(), p, w.now()); err == nil || ops != nil {
			t.Errorf("%s is planned", name)
		} else if strings.Contains(err.Error(), "@") {
			t.Errorf("%s: the error names an address: %v", name, err)
		}
	}
	ops, id, err := w.service.Plan(t.Context(), good, w.now())
	if err != nil || len(ops) != 1 || len(id) != 16 {
		t.Errorf("a good plan gives %d operations, id %q, error %v; want one", len(ops), id, err)
	}
}

// TestReminderDays are worked out by hand: half-way forwards and the last but one backwards to a day on
// which mail goes out (Monday to Thursday, no holiday, not 24 December to 2 January).
func TestReminderDays(t *testing.T) {
	t.Parallel()
	cases := []struct{ from, to, half, last, land string }{
		{"2026-08-03", "2026-08-28", "2026-08-17", "2026-08-27", "BY"}, // half-way is Saturday 15 August
		{"2026-08-03", "2026-08-23", "2026-08-13", "2026-08-20", "TH"}, // last but one is Saturday 22 August
		{"2026-09-21", "2026-10-05", "2026-09-28", "2026-10-01", "TH"}, // last but one is Sunday 4 October
		{"2026-12-14", "2026-12-29", "2026-12-21", "2026-12-23", "TH"}, // 24 to 28 December are quiet
		{"2026-12-21", "2027-01-08", "2027-01-04", "2027-01-07", "TH"}, // half-way is 30 December
		{"2026-08-03", "2026-08-05", "", "2026-08-04", "BY"},           // too short for two
		{"2026-08-03", "2026-08-04", "", "", "BY"},                     // too short for any
		{"2026-08-03", "2026-08-03", "", "", "BY"},
	}
	for _, c := range cases {
		w := newWorld(t)
		w.plan(func(p *survey.Planned) {
			p.From, p.To, p.Municipality.Land = day(c.from), day(c.to), c.land
		})
		got := map[string][]string{}
		for d := day(c.from); !d.After(day(c.to).AddDays(1)); d = d.AddDays(1) {
			w.turn(d.At(8, 0))
			for _, m := range w.sent() {
				if m.Subject == "Erinnerung an die Befragung" {
					got[m.To] = append(got[m.To], d.String())
				}
			}
		}
		want := strings.TrimSpace(c.half + " " + c.last)
		if dates := strings.Join(got["person00@example.org"], " "); dates != want {
			t.Errorf("%s to %s in %s: reminders on %q, want %q", c.from, c.to, c.land, dates, want)
		}
	}
}

func TestTextsAndMailsAreWhole(t *testing.T) {
	t.Parallel()
	webtest.Site(t, survey.Texts)
	if _, err := mail.LoadTemplates(survey.Mails); err != nil {
		t.Error(err)
	}
	if err := survey.Instruments().Check(); err != nil {
		t.Error(err)
	}
}

// TestNothingIsDueForWhatIsOver: a key that comes late or twice changes nothing.
func TestNothingIsDueForWhatIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.plan()
	w.turn(day("2026-08-03").At(8, 0))
	w.turn(day("2026-08-29").At(0, 0))
	before := w.dump(id)
	for _, k := range []table.Key{
		{PK: "survey#" + id, SK: "head"}, {PK: "survey#gone", SK: "head"}, {PK: "survey#" + id, SK: "invitation#x"},
	} {
		if err := w.service.Due(t.Context(), k, day("2027-01-01").At(0, 0)); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
	if after := w.dump(id); before != after {
		t.Error("something changed")
	}
}

func TestRemindersWaitWhileTheOfficesAreClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan(func(p *survey.Planned) {
		p.From, p.To, p.Municipality.Land = day("2026-08-03"), day("2026-08-28"), "BY"
		p.Municipality.Settings.Closed = []municipality.Range{{From: day("2026-08-17"), To: day("2026-08-19")}}
	})
	var got []string
	for d := day("2026-08-03"); !d.After(day("2026-08-29")); d = d.AddDays(1) {
		w.turn(d.At(8, 0))
		for _, m := range w.sent() {
			if m.Subject == "Erinnerung an die Befragung" && m.To == "person00@example.org" {
				got = append(got, d.String())
			}
		}
	}
	if dates := strings.Join(got, " "); dates != "2026-08-20 2026-08-27" {
		t.Errorf("reminders on %q, want 2026-08-20 2026-08-27: closed from 17 to 19 August", dates)
	}
}
