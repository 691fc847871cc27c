package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"kokoma/infra/bench/given"
	"kokoma/infra/walk"
	"kokoma/shared/form"
	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/survey"
	"kokoma/shared/table"
	"kokoma/shared/web"
	"kokoma/shared/workflow"
)

// openStep has answers of 1.8 KB, one next step, one mail: the one of design.md 10.
const openStep = "O05"

// stock is how much there is to do.
type stock struct {
	cases   int // with an open step
	surveys int
	invited int // to each survey
}

// shop is as much of the platform as preparing takes.
type shop struct {
	table    table.Table
	links    *mail.Links
	workflow *workflow.Service
	survey   *survey.Service
	now      func() time.Time
	mails    []table.Item // what was put into the outbox
}

// prepare fills the table: cases whose next step is open, and running surveys.
// One case is done by its people up to that step and the others are its copies
// with names and addresses of their own; surveys are planned as a step plans
// them. The mails of all this are taken out again: only their links are needed.
func prepare(ctx context.Context, much stock, stored table.Table, base string, now func() time.Time, log *slog.Logger) (ready, error) {
	s, err := newShop(stored, base, now, log)
	if err != nil {
		return ready{}, err
	}
	r := ready{Base: base, Now: now()}
	if r.Steps, err = s.openCases(ctx, much.cases); err != nil {
		return r, err
	}
	if r.Surveys, err = s.runSurveys(ctx, much.surveys, much.invited); err != nil {
		return r, err
	}
	return r, s.forgetMails(ctx)
}

func newShop(stored table.Table, base string, now func() time.Time, log *slog.Logger) (*shop, error) {
	s := &shop{links: mail.NewLinks(base, given.LinkKeys, 1), now: now}
	s.table = table.Observe(stored, func(_ context.Context, images []table.Item) {
		for _, it := range images {
			if it.Kind == "mail" {
				s.mails = append(s.mails, it)
			}
		}
	})
	texts, err := lang.LoadCatalog(web.Texts, workflow.Texts, survey.Texts)
	if err != nil {
		return nil, err
	}
	templates, err := mail.LoadTemplates(workflow.Mails, survey.Mails)
	if err != nil {
		return nil, err
	}
	site := web.New(web.Deps{Base: base, Catalog: texts, Log: log, Local: true})
	outbox := mail.New(mail.Deps{Table: s.table, Links: s.links, Templates: templates, Log: log})
	s.survey, err = survey.New(survey.Deps{
		Table: s.table, Site: site, Outbox: outbox, Links: s.links, Library: form.NewLibrary(s.table, now), Log: log, Now: now,
	})
	if err != nil {
		return nil, err
	}
	s.workflow, err = workflow.New(workflow.Deps{
		Table: s.table, Site: site, Outbox: outbox, Links: s.links, Log: log, Now: now,
		Register: municipality.New(s.table), Office: given.Office,
		// No step that is done here asks back or plans a survey.
		Query:         func(context.Context, string, string, string, time.Time) ([]table.Op, error) { return nil, nil },
		PlanSurvey:    func(context.Context, workflow.SurveyPlan, time.Time) ([]table.Op, error) { return nil, nil },
		ReadAddresses: survey.ParseAddresses,
		IntakeSummary: func(context.Context, string, lang.Lang) ([]form.SummaryGroup, error) { return nil, nil },
	})
	return s, err
}

// model is the case of which the others are copies.
type model struct {
	id, no, slug string
	items        []table.Item
	link         mail.Link // to its open step
}

func (s *shop) openCases(ctx context.Context, cases int) ([]string, error) {
	m, err := s.firstCase(ctx)
	if err != nil {
		return nil, fmt.Errorf("the first case: %w", err)
	}
	var paths []string
	var ops []table.Op
	for i := range cases {
		id, no := rand.Text(), fmt.Sprintf("KK-2026-%05d", i+2)
		names := strings.NewReplacer(m.id, id, m.no, no, "@"+m.slug, fmt.Sprintf("@%s-%05d", m.slug, i))
		for _, it := range m.items {
			ops = append(ops, table.Put(renamed(it, names)))
		}
		link := m.link
		link.ID, link.Recipient = names.Replace(link.ID), names.Replace(link.Recipient)
		paths = append(paths, "/s/"+s.links.Token(link))
		if len(ops)+len(m.items) > given.LoadWrites || i == cases-1 {
			if err := s.table.Write(ctx, ops...); err != nil {
				return nil, fmt.Errorf("copying a case: %w", err)
			}
			ops = nil
		}
	}
	return paths, nil
}

func renamed(it table.Item, names *strings.Replacer) table.Item {
	it.PK, it.SK = names.Replace(it.PK), names.Replace(it.SK)
	it.Body = []byte(names.Replace(string(it.Body)))
	for _, p := range []*table.Place{&it.Due, &it.By} {
		p.SK, p.Note = names.Replace(p.SK), names.Replace(p.Note)
	}
	return it
}

// firstCase opens a case and does its steps at the desk, up to the one that
// goes to the municipality by link.
func (s *shop) firstCase(ctx context.Context) (*model, error) {
	cohort, err := walk.Fictional()
	if err != nil {
		return nil, err
	}
	place := cohort.Places[0]
	ops, no, err := s.workflow.Start(ctx, workflow.Opening{
		Intake: rand.Text(), Lang: lang.DE, Command: "bench",
		Municipality: municipality.Municipality{Key: "09999123", Name: place.Name, Kind: "STADT", Land: "BY"},
	}, s.now())
	if err != nil {
		return nil, err
	}
	if err := s.table.Write(ctx, ops...); err != nil {
		return nil, err
	}
	m := &model{id: strings.TrimPrefix(ops[0].Item.PK, "case#"), no: no, slug: place.Slug}
	if err := s.doAtDesk(m.id, cohort, place); err != nil {
		return nil, err
	}
	for it, err := range table.All(ctx, s.table, table.Query{PK: "case#" + m.id}) {
		if err != nil {
			return nil, err
		}
		m.items = append(m.items, it)
	}
	m.link, err = s.mailed(m.id + openStep)
	return m, err
}

// doAtDesk does the steps of the service office.
func (s *shop) doAtDesk(id string, cohort walk.Cohort, place walk.Place) error {
	world := &walk.World{Base: "http://127.0.0.1", Transport: walk.Direct(s.desk()), Now: s.now}
	for _, step := range []string{"O02", "O03", "O04"} {
		b := world.Browser()
		p, err := b.Open("/vorgaenge/" + id + "/schritte/" + step)
		if err != nil {
			return err
		}
		if _, err := b.Complete(p, "_command", "_send=1", cohort.Steps[step], place, world); err != nil {
			return fmt.Errorf("doing %s: %w", step, err)
		}
	}
	return nil
}

// desk is the workflow with the service office signed in.
func (s *shop) desk() http.Handler {
	mux := http.NewServeMux()
	s.workflow.Routes(mux)
	user := &web.User{Email: given.Office, Roles: []web.Role{{Code: "SVC"}}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(web.WithUser(r.Context(), user)))
	})
}

// linkOf is the link that a mail carries.
func linkOf(it table.Item) (mail.Link, error) {
	var e mail.Entry
	if err := json.Unmarshal(it.Body, &e); err != nil {
		return mail.Link{}, err
	}
	if e.Link == nil {
		return mail.Link{}, nil
	}
	k := *e.Link
	if k.Recipient == "" {
		k.Recipient = e.To // package mail says it once
	}
	return k, nil
}

// mailed finds the link with that beginning of an id among the mails.
func (s *shop) mailed(id string) (mail.Link, error) {
	for _, it := range slices.Backward(s.mails) {
		k, err := linkOf(it)
		if err != nil {
			return k, err
		}
		if strings.HasPrefix(k.ID, id) {
			return k, nil
		}
	}
	return mail.Link{}, errors.New("step " + openStep + " was not mailed")
}

func (s *shop) runSurveys(ctx context.Context, surveys, invited int) ([]string, error) {
	from := len(s.mails)
	for i := range surveys {
		if err := s.runSurvey(ctx, i, invited); err != nil {
			return nil, fmt.Errorf("starting a survey: %w", err)
		}
	}
	var paths []string
	for _, it := range s.mails[from:] {
		k, err := linkOf(it)
		if err != nil {
			return nil, err
		}
		paths = append(paths, "/b/"+s.links.Token(k))
	}
	if len(paths) != surveys*invited {
		return nil, fmt.Errorf("%d invitations were mailed, want %d", len(paths), surveys*invited)
	}
	return paths, nil
}

func (s *shop) runSurvey(ctx context.Context, i, invited int) error {
	today := lang.DateOf(s.now())
	p := survey.Planned{
		Case: rand.Text(), Step: "A06", Iteration: 1, Form: "S_T0", Mode: survey.Closed, Lang: lang.DE,
		Municipality: survey.Whose{Key: "09999123", Name: "Musterstadt", Land: "BY"},
		From:         today, To: today.AddDays(21),
	}
	for n := range invited {
		p.Addresses = append(p.Addresses, fmt.Sprintf("person-%d-%d@musterstadt.example", i, n))
	}
	ops, id, err := s.survey.Plan(ctx, p, s.now())
	if err != nil {
		return err
	}
	if err := s.table.Write(ctx, ops...); err != nil {
		return err
	}
	return s.survey.Due(ctx, table.Key{PK: "survey#" + id, SK: "head"}, s.now())
}

// forgetMails leaves the outbox empty.
func (s *shop) forgetMails(ctx context.Context) error {
	for batch := range slices.Chunk(s.mails, given.LoadWrites) {
		var ops []table.Op
		for _, it := range batch {
			ops = append(ops, table.Delete(it.Key))
		}
		if err := s.table.Write(ctx, ops...); err != nil {
			return err
		}
	}
	return nil
}
