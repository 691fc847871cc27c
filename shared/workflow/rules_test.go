package workflow

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"kokoma/shared/form"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/workflow/cases"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// refuses gives a command and expects that it is refused.
func (w *world) refuses(c command.Command, want error) {
	w.t.Helper()
	if _, err := w.x.Do(w.ctx, w.id, c, w.now); !errors.Is(err, want) {
		w.t.Errorf("%T: got %v, want %v", c, err, want)
	}
}

// last is the last event of a kind.
func (w *world) last(k process.Kind) (process.Row, process.Event) {
	w.t.Helper()
	rows, _, err := w.x.History(w.ctx, w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := len(rows) - 1; i >= 0; i-- {
		for _, e := range rows[i].Events {
			if e.Kind == k {
				return rows[i], e
			}
		}
	}
	w.t.Fatalf("there is no event %s", k)
	return process.Row{}, process.Event{}
}

func TestMilestonesAndDecisionsAreNotSkipped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	const reason = "das ist hier nicht erforderlich"
	w.refuses(command.Skip{Meta: by("SVC"), Ref: w.current("O02").Ref, Reason: reason}, command.ErrMilestone)
	w.submit("O02", "SVC")
	w.refuses(command.Skip{Meta: by("FED"), Ref: w.current("O03").Ref, Reason: reason}, command.ErrRole)
	w.refuses(command.Skip{Meta: by("SVC"), Ref: w.current("O03").Ref, Reason: "zu kurz"}, command.ErrReason)
	w.do(command.Skip{Meta: by("SVC"), Ref: w.current("O03").Ref, Reason: reason})
	if _, e := w.last(process.WasSkipped); e.Reason != reason || w.head().Steps["O04"].State != process.Open {
		t.Errorf("after skipping O03: %+v, O04 is %q", e, w.head().Steps["O04"].State)
	}
	w.submit("O04", "SVC")
	w.refuses(command.Skip{Meta: by("SVC"), Ref: w.current("O05").Ref, Reason: reason}, command.ErrMilestone)
	if got := w.head().Steps["O06"].State; got != process.Locked {
		t.Errorf("O06 is %q while O05 is open, want locked", got)
	}
}

func TestQuestionsGoToTheMunicipalityAndComeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	w.submit("O02", "SVC", "complete", "N", process.QuestionsField, "Bitte ergänzen Sie Abschnitt drei.")
	if len(w.asked) != 1 || !strings.Contains(w.asked[0], "Abschnitt drei") {
		t.Fatalf("asked: %q", w.asked)
	}
	if m := w.head().Steps["O02"]; m.State != process.Query || w.head().Steps["O03"].State != process.Locked {
		t.Errorf("O02 is %+v, want a query and O03 locked", m)
	}
	for i := range 2 { // told twice, opened once
		ops, err := w.x.Answered(w.ctx, w.no, w.now)
		if err != nil {
			t.Fatal(err)
		}
		if (len(ops) > 0) != (i == 0) {
			t.Errorf("the %d. answer gives %d operations", i+1, len(ops))
		}
		if len(ops) == 0 {
			continue
		}
		if err := w.table.Write(w.ctx, ops...); err != nil {
			t.Fatal(err)
		}
	}
	if m := w.head().Steps["O02"]; m.State != process.Open || m.Iteration != 2 {
		t.Errorf("O02 is %+v after the answer, want open for the second time", m)
	}
	w.sameAsEvents()
}

func TestSafetyIsMailedAtOnceAndStandsOnTheDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.now = w.now.AddDate(0, 0, 5) // a Saturday: outside the window
	w.begin()
	w.submit("O02", "SVC", "safety_flag", "Y")
	w.tick()
	if got := w.subjects(office, "bitte anrufen"); len(got) != 1 {
		t.Errorf("the service office got %q at once, want one", got)
	}
	tasks, err := w.x.Tasks(w.ctx, w.id)
	if err != nil || len(tasks) != 1 || w.onDesk()["O02"] != cases.TaskSafety {
		t.Fatalf("tasks %+v, desk %v, %v", tasks, w.onDesk(), err)
	}
	w.do(command.Settle{Meta: by("SVC"), Task: tasks[0].Name, Reason: "telefoniert"})
	if _, there := w.onDesk()["O02"]; there {
		t.Error("the task is still on the desk")
	}
}

// TestSafetyMailToTheCompanionLeadsNowhereThatTheyCannotEnter: who was named for
// the role has no account by that.
func TestSafetyMailToTheCompanionLeadsNowhereThatTheyCannotEnter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	w.do(command.Assign{Meta: by("SVC"), Role: "EXT", Person: process.Person{Email: "aussen@begleitung.example"}, Reason: "im Test"})
	w.submit("O02", "SVC", "safety_flag", "Y")
	w.tick()
	for to, link := range map[string]bool{office: true, "aussen@begleitung.example": false} {
		var calls []mail.Message
		for _, m := range w.to(to) {
			if strings.Contains(m.Subject, "bitte anrufen") {
				calls = append(calls, m)
			}
		}
		if len(calls) != 1 {
			t.Fatalf("%s got %d mails, want one", to, len(calls))
		}
		if got := strings.Contains(calls[0].Text+calls[0].HTML, "/vorgaenge/"); got != link {
			t.Errorf("the mail to %s has a link to the case: %t, want %t\n%s", to, got, link, calls[0].Text)
		}
		if !link && !strings.Contains(strings.Join(strings.Fields(calls[0].Text), " "), "rufen Sie vorher die Servicestelle an: 030") {
			t.Errorf("the mail to %s does not say whom to call:\n%s", to, calls[0].Text)
		}
	}
}

func TestDecisionsParkEndAndCanBeTakenAnew(t *testing.T) {
	t.Parallel()
	for decision, want := range map[string]process.Status{
		"waiting": process.Waiting, "declined": process.Declined, "referred": process.Referred, "accepted": process.Active,
	} {
		t.Run(decision, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.begin()
			w.submit("O02", "SVC")
			w.submit("O03", "SVC")
			w.submit("O04", "SVC", "decision", decision)
			h := w.head()
			if h.Status != want || (h.Steps["O05"].State == process.Open) != (decision == "accepted") {
				t.Errorf("status %s, O05 is %q", h.Status, h.Steps["O05"].State)
			}
			w.days(3)
			if got := w.subjects("amt@musterstadt.example", w.no); len(got) != 1 {
				t.Errorf("the lead office got %q, want the decision", got)
			}
			if decision == "accepted" {
				return
			}
			w.do(command.Reopen{Meta: by("SVC"), Step: "O04", Reason: "ein Platz ist frei"})
			w.submit("O04", "SVC")
			if h := w.head(); h.Status != process.Active || h.Steps["O05"].State != process.Open {
				t.Errorf("decided anew: status %s, O05 is %q", h.Status, h.Steps["O05"].State)
			}
			w.sameAsEvents()
		})
	}
}

func TestAnalysisThatIsNotReleasedGoesBackOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	for _, s := range [][2]string{
		{"A01", "EXT"}, {"A02", "FED"}, {"A03", "FED"}, {"A04", "LOK"}, {"A05", "KUF"}, {"A06", "FED"}, {"A07", "EXT"}, {"A08", "EXT"}, {"A09", "LOK"},
	} {
		w.submit(s[0], s[1])
	}
	if err := w.x.SurveyClosed(w.ctx, w.id, "A06", 1, "S", w.now); err != nil {
		t.Fatal(err)
	}
	w.submit("A10", "EXT")
	w.submit("A11", "STG", "decision", "not_released", "changes", paragraph)
	h := w.head()
	if h.Steps["A10"] != (process.Mark{State: process.Open, Iteration: 2}) || h.Steps["A11"].State != process.Void || h.Steps["A12"].State != process.Locked {
		t.Fatalf("after the refusal: A10 %+v, A11 %+v, A12 %+v", h.Steps["A10"], h.Steps["A11"], h.Steps["A12"])
	}
	w.submit("A10", "LOK")
	if m := w.head().Steps["A11"]; m != (process.Mark{State: process.Open, Iteration: 2}) {
		t.Fatalf("A11 is %+v after A10 was done again, want open for the second time", m)
	}
	w.submit("A11", "STG", "decision", "with_changes", "changes", paragraph)
	if m := w.head().Steps["A12"]; m.State != process.Open {
		t.Errorf("A12 is %+v after the release, want open", m)
	}
	first, err := w.x.Step(w.ctx, w.id, process.Ref{Step: "A11", Iteration: 1})
	if err != nil || first.Answers.Text("decision") != "not_released" {
		t.Errorf("the first decision is lost: %+v %v", first.Answers, err)
	}
	w.sameAsEvents()
}

func TestCancelledSurveyOpensItsStepAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.analysis()
	w.submit("A01", "EXT")
	w.submit("A03", "FED")
	w.submit("A06", "FED")
	for range 2 {
		if err := w.x.SurveyCancelled(w.ctx, w.id, "A06", 1, "S", w.now); err != nil {
			t.Fatal(err)
		}
	}
	if m := w.head().Steps["A06"]; m != (process.Mark{State: process.Open, Iteration: 2}) {
		t.Errorf("A06 is %+v, want open for the second time", m)
	}
}

func TestCorrectionKeepsTheWayAndTheOldAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	a := w.answers("O04")
	a["decision"] = form.Value{Text: "declined"}
	ref := w.current("O04").Ref
	w.refuses(command.Correct{Meta: by("SVC"), Ref: ref, Answers: a, Reason: "Irrtum"}, command.ErrDecides)
	a = w.answers("O04")
	a["lei_email"] = form.Value{Text: "neue-leitung@musterstadt.example"}
	w.refuses(command.Correct{Meta: by("SVC"), Ref: ref, Answers: a}, command.ErrReason)
	w.do(command.Correct{Meta: by("SVC"), Ref: ref, Answers: a, Reason: "Tippfehler in der Adresse"})
	if row, e := w.last(process.Corrected); e.Reason == "" || row.By.Role != "SVC" {
		t.Errorf("history: %+v", e)
	}
	if it, err := w.table.Get(w.ctx, cases.Key(w.id, "old#O04#1#000005")); err != nil || !strings.Contains(string(it.Body), lead) {
		t.Errorf("the old answers: %s %v", it.Body, err)
	}
	w.days(1)
	if n := len(w.to("neue-leitung@musterstadt.example")); n != 1 {
		t.Errorf("the corrected address got %d mails, want the open step", n)
	}
	w.sameAsEvents()
}

func TestStepOfNobodyGoesToTheServiceOffice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	for _, s := range [][2]string{{"O05", "LEI"}, {"O06", "TRA"}} {
		w.submit(s[0], s[1])
	}
	a := w.answers("O07")
	a["role_list"] = form.Value{Rows: a.Rows("role_list")[1:]} // without the co-ordination office
	w.do(command.Submit{Meta: by("FED"), Ref: w.current("O07").Ref, Answers: a})
	for _, s := range [][2]string{{"O08", "EXT"}, {"A01", "EXT"}, {"A02", "FED"}} {
		w.submit(s[0], s[1])
	}
	w.days(2)
	if why := w.onDesk(); why["A05"] != cases.WhyNobody {
		t.Errorf("on the desk: %v, want A05 as nobody's", why)
	}
	if got := w.subjects(office, "Wer übernimmt"); len(got) != 1 {
		t.Errorf("the service office got %q", got)
	}
	w.do(command.Assign{Meta: by("SVC"), Role: "KUF", Person: process.Person{Name: "Fachstelle", Email: "fachstelle@musterstadt.example"}})
	w.days(4)
	if _, there := w.onDesk()["A05"]; there || len(w.to("fachstelle@musterstadt.example")) != 1 {
		t.Errorf("after naming somebody: desk %v, %d mails", w.onDesk(), len(w.to("fachstelle@musterstadt.example")))
	}
	w.sameAsEvents()
}

func TestRecordingForSomebodyNeedsAReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.accepted()
	ref, a := w.current("O05").Ref, w.answers("O05")
	m := command.Meta{By: process.Actor{Role: "SVC", For: "LEI"}}
	w.refuses(command.Submit{Meta: m, Ref: ref, Answers: a}, command.ErrReason)
	w.refuses(command.Submit{Meta: by("SVC"), Ref: ref, Answers: a}, command.ErrRole)
	w.do(command.Submit{Meta: m, Ref: ref, Answers: a, Reason: "per Brief"})
	if row, e := w.last(process.Finished); row.By.For != "LEI" || e.Reason != "per Brief" {
		t.Errorf("history: %+v %+v", row.By, e)
	}
}

// small is a process with a reviewer.
func small(extra string) fstest.MapFS {
	step := func(key, acts, rest string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("key: " + key + "\nphase: O\ntitle: {de: \"Schritt " + key + "\", en: \"Step " + key + "\"}\nacts: [" + acts +
			"]\nasks: {de: \"Bitte.\", en: \"Please.\"}\ndue_wt: 10\n" + rest)}
	}
	body := "form:\n  survey:\n    - {type: text, name: word, label: {de: \"Wort\", en: \"Word\"}, required: \"yes\", x_maxlength: 50, x_class: org}\n"
	return fstest.MapFS{
		"o/o01.yaml": step("O01", "FED", ""),
		"o/o02.yaml": step("O02", "FED", "pre: [{step: O01}]\nreviewer: SVC\n"+body),
		"o/o03.yaml": step("O03", "FED", "pre: [{step: O02}]\n"+body+extra),
	}
}

func (w *world) word(step, text string) {
	w.t.Helper()
	w.do(command.Submit{Meta: by("FED"), Ref: w.current(step).Ref, Answers: form.Answers{"word": {Text: text}}})
}

func TestReviewerReturnsWithCommentAndAccepts(t *testing.T) {
	t.Parallel()
	w := worldOf(t, small(""), nil)
	w.begin()
	w.word("O02", "erstes")
	if why := w.onDesk(); why["O02"] != cases.WhyReview || w.head().Steps["O03"].State != process.Locked {
		t.Fatalf("desk %v, O03 is %q", why, w.head().Steps["O03"].State)
	}
	w.refuses(command.SendBack{Meta: by("FED"), Ref: w.current("O02").Ref, Comment: "nein"}, command.ErrRole)
	w.do(command.SendBack{Meta: by("SVC"), Ref: w.current("O02").Ref, Comment: "Bitte ein anderes Wort."})
	if st := w.current("O02"); st.Iteration != 2 || st.State != process.Open || st.Comment == "" {
		t.Errorf("after the return: %+v", st)
	}
	w.days(1)
	if got := w.subjects("amt@musterstadt.example", "Bitte ergänzen"); len(got) != 1 {
		t.Errorf("the mail: %q", got)
	}
	w.word("O02", "zweites")
	w.do(command.Accept{Meta: by("SVC"), Ref: w.current("O02").Ref})
	if m := w.head().Steps["O03"]; m.State != process.Open {
		t.Errorf("O03 is %+v after the acceptance", m)
	}
	w.sameAsEvents()
}

func TestCaseStaysOnItsDefinition(t *testing.T) {
	t.Parallel()
	w := worldOf(t, small(""), nil)
	w.begin()
	next := worldOf(t, small("    - {type: text, name: more, label: {de: \"Mehr\", en: \"More\"}, required: \"yes\", x_maxlength: 50, x_class: org}\n"), nil)
	next.x.Table, w.x = w.table, next.x
	w.x.Outbox.Table = w.table
	c := w.record()
	if d, err := w.x.Current(); err != nil || d.Hash == c.Def.Hash {
		t.Fatalf("the new release has the same definition: %v", err)
	}
	w.word("O02", "Wort")
	w.do(command.Accept{Meta: by("SVC"), Ref: w.current("O02").Ref})
	f, err := w.record().Def.Template("O03").Form()
	if err != nil {
		t.Fatal(err)
	}
	if _, new := f.Field("more"); new {
		t.Error("the case has moved to the new definition by itself")
	}
	w.word("O03", "Wort")
}

func TestCaseNumbersHaveNoGapsAndNoDoubles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	done := make(chan string)
	for i := range 8 {
		go func() {
			m := municipality.Municipality{Key: "0999912" + string(rune('0'+i)), Name: "Musterdorf", Land: "TH"}
			done <- w.start(m, nil)
		}()
	}
	seen := map[string]bool{}
	for range 8 {
		seen[<-done] = true
	}
	for i := range 8 {
		if no := "KK-2026-000" + string(rune('1'+i)); !seen[no] {
			t.Errorf("%s is missing in %v", no, seen)
		}
	}
}

// A mailbox may be full for a while; a second mail that comes back says that
// nobody reads it. What one digest brought back counts once.
func TestSecondBounceOfAnAddressStandsOnTheDesk(t *testing.T) {
	t.Parallel()
	w, _ := agreement(t)
	key := cases.MailKey(w.id, process.Ref{Step: "O05", Iteration: 1})
	soft := mail.Bounce{EntryKey: key + "#ready#0.0", ToHash: "hash", State: mail.Bounced, Message: "m1", At: w.now}
	digest, second, other := soft, soft, soft
	digest.EntryKey = key + "#remind1.0#0.0"
	second.EntryKey, second.Message = digest.EntryKey, "m2"
	other.ToHash, other.Message = "other", "m3"
	for i, c := range []struct {
		bounce mail.Bounce
		desk   string
	}{{soft, ""}, {digest, ""}, {other, ""}, {second, cases.TaskBounce}} {
		ops, err := w.x.Bounced(t.Context(), c.bounce)
		if err == nil {
			err = w.table.Write(t.Context(), ops...)
		}
		if err != nil {
			t.Fatal(err)
		}
		if why := w.onDesk()["O05"]; why != c.desk {
			t.Errorf("after bounce %d the step stands on the desk as %q, want %q", i, why, c.desk)
		}
	}
}

func TestMailThatCameBackStandsOnTheDesk(t *testing.T) {
	t.Parallel()
	w, _ := agreement(t)
	b := mail.Bounce{EntryKey: cases.MailKey(w.id, process.Ref{Step: "O05", Iteration: 1}) + "#ready#0.0", CaseNo: w.no, At: w.now, State: mail.Bounced, Hard: true}
	for range 2 {
		ops, err := w.x.Bounced(t.Context(), b)
		if err != nil || len(ops) != 1 {
			t.Fatalf("%d operations, %v", len(ops), err)
		}
		if err := w.table.Write(t.Context(), ops...); err != nil {
			t.Fatal(err)
		}
	}
	if why := w.onDesk(); why["O05"] != cases.TaskBounce {
		t.Errorf("on the desk: %v, want O05 with a mail that came back", why)
	}
	tasks, err := w.x.Tasks(t.Context(), w.id)
	if err != nil || len(tasks) != 1 {
		t.Fatalf("tasks: %+v %v", tasks, err)
	}
	w.do(command.Settle{Meta: by("SVC"), Task: tasks[0].Name, Reason: "neue Adresse erfragt"})
	if ops, err := w.x.Bounced(t.Context(), b); err != nil || len(ops) != 0 {
		t.Errorf("the same bounce, told again after it was seen to: %d operations, %v", len(ops), err)
	}
}

// TestAnswersReachACaseThatRests: the municipality's answer is no less welcome
// while the case rests, and changes nothing in one that has ended.
func TestAnswersReachACaseThatRests(t *testing.T) {
	t.Parallel()
	answered := func(w *world) {
		t.Helper()
		ops, err := w.x.Answered(w.ctx, w.no, w.now)
		if err == nil && len(ops) > 0 {
			err = w.table.Write(w.ctx, ops...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w := newWorld(t)
	w.begin()
	w.submit("O02", "SVC", "complete", "N")
	w.do(command.Pause{Meta: by("SVC"), Reason: "Wahl"})
	answered(w)
	if st := w.current("O02"); st.State != process.Open || st.Iteration != 2 || !st.Pause {
		t.Errorf("O02 is %+v, want it open and at rest", st)
	}
	w.days(30)
	w.do(command.Resume{Meta: by("SVC")})
	if st := w.current("O02"); st.Pause || w.onDesk()["O02"] != cases.WhyOwn {
		t.Errorf("O02 is %+v, on the desk as %q", st, w.onDesk()["O02"])
	}
	w.sameAsEvents()
	w.submit("O02", "SVC", "complete", "N")
	w.do(command.Stop{Meta: by("SVC"), Reason: "die Kommune hat sich aufgelöst"})
	answered(w)
	if m := w.head().Steps["O02"]; m.Iteration != 2 {
		t.Errorf("O02 stands at %+v in a case that has ended", m)
	}
}

// TestADecisionReachesTheLeadOfficeThatIsAway and has nobody who stands in: else
// it would reach nobody at all.
func TestADecisionReachesTheLeadOfficeThatIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.begin()
	const own = "amt@musterstadt.example"
	w.do(command.Bounce{Meta: by(process.ByClock), Email: "amt-vertretung@musterstadt.example"})
	w.do(command.Absence{Meta: by("FED"), Email: own, Own: true, Away: process.Period{To: w.day(20)}})
	w.submit("O02", "SVC")
	w.submit("O03", "SVC")
	before := len(w.to(own))
	w.submit("O04", "SVC", "decision", "declined")
	w.days(4)
	if n := len(w.subjects(own, "Entscheidung zur Teilnahme")); n != 1 {
		t.Fatalf("%d mails about the decision, want one; %d in all before", n, before)
	}
	path := tokenPath.FindString(w.to(own)[len(w.to(own))-1].Text)
	if r := w.browser().Get(path); r.Status != http.StatusOK {
		t.Errorf("following its link: status %d", r.Status)
	}
}
