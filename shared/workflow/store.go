package workflow

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/municipality"
	"kokoma/shared/table"
	"kokoma/shared/workflow/process"
)

const (
	prefix   = "case#"
	casesPK  = "cases"    // index by: every case, by its number
	deskPK   = "desk#SVC" // index by: what the service office has to see, by date
	numberPK = prefix + "number"
	defPK    = prefix + "definition"
)

func caseKey(id, sk string) table.Key { return table.Key{PK: prefix + id, SK: sk} }

func refSK(sort string, ref process.Ref) string {
	return sort + "#" + ref.Step + "#" + strconv.Itoa(ref.Iteration)
}

func eventSK(seq int64) string { return fmt.Sprintf("event#%06d", seq) }

// refOf reads the step that a sort key is about.
func refOf(sk string) (process.Ref, bool) {
	parts := strings.Split(sk, "#")
	if len(parts) < 3 {
		return process.Ref{}, false
	}
	n, err := strconv.Atoi(parts[2])
	return process.Ref{Step: parts[1], Iteration: n}, err == nil
}

// record is a case as far as it was read.
type record struct {
	process.State
	id     string
	def    *process.Definition
	apart  int64 // version of the item of people; 0 while they stand in the head
	people bool  // whether the item of people has to be written
}

// headBody is the head as it is stored. The first people of a case stand in it;
// whom later steps name get an item of their own, so that the head stays small.
type headBody struct {
	process.Head
	People process.People `json:"w,omitempty"`
}

// caseNote travels with a case in the list of all cases.
type caseNote struct {
	Status process.Status `json:"s"`
	Phase  string         `json:"p"`
	Name   string         `json:"m"`
	Key    string         `json:"k,omitempty"`
	Kind   string         `json:"t,omitempty"`
	Land   string         `json:"l,omitempty"`
	Who    []string       `json:"h,omitempty"` // short hashes of the addresses that hold a role
}

// deskNote travels with what stands on the service office's desk.
type deskNote struct {
	No   string    `json:"n"`
	Name string    `json:"m"`
	Due  lang.Date `json:"d"`
	Step string    `json:"s,omitempty"`
	Why  string    `json:"w"`
}

// Why something stands on the service office's desk.
const (
	whyOwn     = "own"    // a step of its own
	whyNobody  = "nobody" // nobody holds the role
	whyLate    = "late"   // sixteen working days after the due date
	whyReview  = "review" // waits for its review
	taskSafety = "safety"
	taskBounce = "bounce"
)

// whoHash stands for an address in the list of cases: enough to find one's own,
// and checked against the people before anything is shown.
func whoHash(email string) string {
	sum := sha256.Sum256([]byte("who\x00" + email))
	return hex.EncodeToString(sum[:4])
}

// load reads head and people in one query.
func (x *Service) load(ctx context.Context, id string) (*record, error) {
	if !caseID.MatchString(id) {
		return nil, table.ErrNotFound
	}
	page, err := x.Table.Query(ctx, table.Query{PK: prefix + id, From: "head", To: "people"})
	if err != nil {
		return nil, fmt.Errorf("reading a case: %w", err)
	}
	c := &record{id: id}
	for _, it := range page.Items {
		if err := c.read(it); err != nil {
			return nil, err
		}
	}
	if c.Head.Seq == 0 {
		return nil, table.ErrNotFound
	}
	c.Steps = map[process.Ref]process.Step{}
	c.Office = []process.Person{{Email: x.Office, Lang: lang.DE}}
	c.def, err = x.definition(ctx, c.Head.Definition)
	return c, err
}

func (c *record) read(it table.Item) error {
	var err error
	switch it.SK {
	case "head":
		body := headBody{}
		err = json.Unmarshal(it.Body, &body)
		c.Head, c.Head.Seq = body.Head, it.Version
		if c.People == nil {
			c.People = body.People
		}
	case "people":
		c.apart = it.Version
		c.People = nil
		err = json.Unmarshal(it.Body, &c.People)
	}
	if err != nil {
		return fmt.Errorf("reading a case's %s: %v", it.SK, err)
	}
	return nil
}

// step reads one step in one iteration.
func (x *Service) step(ctx context.Context, id string, ref process.Ref) (process.Step, error) {
	it, err := x.Table.Get(ctx, caseKey(id, refSK("step", ref)))
	if err != nil {
		return process.Step{}, err
	}
	return stepOf(it)
}

func stepOf(it table.Item) (process.Step, error) {
	st := process.Step{Version: it.Version}
	if err := json.Unmarshal(it.Body, &st); err != nil {
		return st, fmt.Errorf("reading a step: %v", err)
	}
	ref, ok := refOf(it.SK)
	if !ok {
		return st, fmt.Errorf("reading a step: its key has no iteration")
	}
	st.Ref = ref
	return st, nil
}

// want adds steps to what was read of a case. One that is not there stays out.
func (x *Service) want(ctx context.Context, c *record, refs ...process.Ref) error {
	for _, ref := range refs {
		if _, ok := c.Steps[ref]; ok {
			continue
		}
		st, err := x.step(ctx, c.id, ref)
		if errors.Is(err, table.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading step %s: %w", ref.Step, err)
		}
		c.Steps[ref] = st
	}
	return nil
}

// headOp writes the head as the row has left it.
func (c *record) headOp() (table.Op, error) {
	body := headBody{Head: c.Head}
	if c.apart == 0 && !c.people {
		body.People = c.People
	}
	b, err := json.Marshal(body)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing a case: %w", err)
	}
	it := table.Item{
		Key: caseKey(c.id, "head"), Kind: "case", Version: c.Head.Seq, Body: b,
		By: table.Place{PK: casesPK, SK: c.Head.No, Note: c.note()},
	}
	if c.Head.Seq == 1 {
		return table.Put(it, table.Absent()), nil
	}
	return table.Put(it, table.AtVersion(c.Head.Seq-1)), nil
}

func (c *record) note() string {
	m := c.Head.Municipality
	n := caseNote{Status: c.Head.Status, Phase: c.Head.Phase(), Name: m.Name, Key: m.Key, Kind: m.Kind, Land: m.Land}
	for _, list := range c.People {
		for _, p := range list {
			n.Who = append(n.Who, whoHash(p.Email))
		}
	}
	slices.Sort(n.Who)
	n.Who = slices.Compact(n.Who)
	return compact(n)
}

func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and dates always can be written
	}
	return string(b)
}

func (c *record) peopleOp() (table.Op, error) {
	b, err := json.Marshal(c.People)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing the people of a case: %w", err)
	}
	it := table.Item{Key: caseKey(c.id, "people"), Kind: "people", Version: c.apart + 1, Body: b}
	return table.Put(it, table.AtVersion(c.apart)), nil
}

// stepOp writes a step with its next moment and its place on the desk.
func (c *record) stepOp(st process.Step) (table.Op, error) {
	b, err := json.Marshal(st)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing step %s: %w", st.Ref.Step, err)
	}
	it := table.Item{
		Key: caseKey(c.id, refSK("step", st.Ref)), Kind: "step", Version: st.Version + 1, Body: b,
		Due: nextDue(c.id, st), By: c.desk(st),
	}
	return table.Put(it, table.AtVersion(st.Version)), nil
}

// nextDue is when a timer has to look at the step.
func nextDue(id string, st process.Step) table.Place {
	next, ok := st.Next(municipality.CalendarOf(st.Land))
	if !ok {
		return table.Place{}
	}
	return table.DueAt(id, next.At, "")
}

// desk is the step's place on the service office's desk, if it has one.
func (c *record) desk(st process.Step) table.Place {
	why := ""
	t := c.def.Template(st.Ref.Step)
	switch {
	case t == nil || !c.Head.Status.Running():
	case st.State == process.Submitted && t.Reviewer == "SVC":
		why = whyReview
	case st.State != process.Open:
	case slices.Contains(t.Acts, "SVC"):
		why = whyOwn
	case st.Nobody():
		why = whyNobody
	case st.Stage == process.TellOffice:
		why = whyLate
	}
	if why == "" {
		return table.Place{}
	}
	return c.deskPlace(st.Due, st.Ref.Step, why)
}

func (c *record) deskPlace(due lang.Date, step, why string) table.Place {
	return table.Place{
		PK: deskPK, SK: due.String() + "#" + c.Head.No + "#" + step,
		Note: compact(deskNote{No: c.Head.No, Name: c.Head.Municipality.Name, Due: due, Step: step, Why: why}),
	}
}

// rowOp writes the row of a command, markOp that of a timer: its key is what
// the timer did, so it cannot happen twice.
func rowOp(id string, r process.Row) (table.Op, error) {
	return rowAt(caseKey(id, eventSK(r.Seq)), r)
}

func markOp(id string, r process.Row) (table.Op, error) {
	e := r.Events[0]
	sk := fmt.Sprintf("%s#%d.%d", refSK("mark", e.Ref()), e.Moves, e.Stage)
	return rowAt(caseKey(id, sk), r)
}

func rowAt(k table.Key, r process.Row) (table.Op, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing an event: %w", err)
	}
	return table.Put(table.Item{Key: k, Kind: "event", Body: b}, table.Absent()), nil
}

// history reads all rows and marks of a case.
func (x *Service) history(ctx context.Context, id string) (rows, marks []process.Row, err error) {
	for sort, into := range map[string]*[]process.Row{"event#": &rows, "mark#": &marks} {
		for it, err := range table.All(ctx, x.Table, table.Query{PK: prefix + id, Prefix: sort}) {
			if err != nil {
				return nil, nil, fmt.Errorf("reading a case's history: %w", err)
			}
			r := process.Row{}
			if err := json.Unmarshal(it.Body, &r); err != nil {
				return nil, nil, fmt.Errorf("reading a case's history: %v", err)
			}
			if sort == "event#" {
				if r.Seq, err = strconv.ParseInt(strings.TrimPrefix(it.SK, sort), 10, 64); err != nil {
					return nil, nil, fmt.Errorf("reading a case's history: %v", err)
				}
			}
			*into = append(*into, r)
		}
	}
	return rows, marks, nil
}

// task is work for the service office that is no step.
type task struct {
	Name   string    `json:"-"` // "safety#O02#1"
	Kind   string    `json:"k"`
	Step   string    `json:"s,omitempty"`
	On     lang.Date `json:"d"`
	Role   string    `json:"r,omitempty"` // whose mail came back
	Closed bool      `json:"c,omitempty"`
}

func (c *record) taskOp(t task, conds ...table.Cond) table.Op {
	it := table.Item{Key: caseKey(c.id, "task#"+t.Name), Kind: "task", Body: []byte(compact(t))}
	if !t.Closed {
		it.By = c.deskPlace(t.On, t.Step, t.Kind)
		it.By.SK += "#" + t.Kind
	}
	return table.Put(it, conds...)
}

// tasks reads what is to be done beside the steps.
func (x *Service) tasks(ctx context.Context, id string) ([]task, error) {
	var out []task
	for it, err := range table.All(ctx, x.Table, table.Query{PK: prefix + id, Prefix: "task#"}) {
		if err != nil {
			return nil, fmt.Errorf("reading a case's tasks: %w", err)
		}
		t := task{}
		if err := json.Unmarshal(it.Body, &t); err != nil {
			return nil, fmt.Errorf("reading a task: %v", err)
		}
		t.Name = strings.TrimPrefix(it.SK, "task#")
		out = append(out, t)
	}
	return out, nil
}

// Ids: a case is random, and a step's link is the case with the step in one of
// its iterations, so that following a link is one read. It proves nothing; the
// token's MAC does.
var (
	caseID = regexp.MustCompile(`^[A-Z2-7]{26}$`)
	linkID = regexp.MustCompile(`^([A-Z2-7]{26})([OABCR][0-9]{2})([1-9][0-9]{0,3})$`)
)

func idOf(caseID string, ref process.Ref) string {
	return caseID + ref.Step + strconv.Itoa(ref.Iteration)
}

func parseID(id string) (string, process.Ref, bool) {
	m := linkID.FindStringSubmatch(id)
	if m == nil {
		return "", process.Ref{}, false
	}
	n, err := strconv.Atoi(m[3])
	return m[1], process.Ref{Step: m[2], Iteration: n}, err == nil
}

// Purposes of links.
const (
	purposeStep     = "step"
	purposeDecision = "decision"
)

func stepLink(id string, ref process.Ref, email string, rev int) mail.Link {
	return mail.Link{
		Purpose: purposeStep, ID: idOf(id, ref), Iteration: ref.Iteration, Recipient: email, Revocation: rev,
	}
}

// recipients are all who may open a step by link: those asked and those who
// stand in for them.
func recipients(st process.Step) []process.Asked {
	out := slices.Clone(st.Asked)
	for _, a := range st.Asked {
		if a.Deputy != "" && !slices.ContainsFunc(out, func(o process.Asked) bool { return o.Email == a.Deputy }) {
			out = append(out, process.Asked{Role: a.Role, Email: a.Deputy, Lang: a.Lang, Rev: a.Rev})
		}
	}
	return out
}

// nextNumber reads the year's counter and gives the operation that takes the
// next number: in the transaction of the case, so that numbers have no gaps.
func (x *Service) nextNumber(ctx context.Context, year int) (string, table.Op, error) {
	key := table.Key{PK: numberPK, SK: strconv.Itoa(year)}
	it, err := x.Table.Get(ctx, key)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return "", table.Op{}, fmt.Errorf("reading the last case number: %w", err)
	}
	last := it.Counters["n"]
	no := fmt.Sprintf("KK-%d-%04d", year, last+1)
	op := table.Update(key, table.Change{Add: map[string]int64{"n": 1}}, table.CounterIs("n", last))
	return no, op, nil
}

// byNumber finds a case by its number.
func (x *Service) byNumber(ctx context.Context, no string) (string, error) {
	page, err := x.Table.Query(ctx, table.Query{Index: table.By, PK: casesPK, From: no, To: no, Limit: 1})
	if err != nil {
		return "", fmt.Errorf("looking for a case by its number: %w", err)
	}
	if len(page.Items) == 0 {
		return "", table.ErrNotFound
	}
	return strings.TrimPrefix(page.Items[0].PK, prefix), nil
}

// listed is a case in the list of all cases.
type listed struct {
	ID, No string
	caseNote
}

// list reads all cases, newest first.
func (x *Service) list(ctx context.Context) ([]listed, error) {
	var out []listed
	for it, err := range table.All(ctx, x.Table, table.Query{Index: table.By, PK: casesPK, Desc: true}) {
		if err != nil {
			return nil, fmt.Errorf("listing cases: %w", err)
		}
		l := listed{ID: strings.TrimPrefix(it.PK, prefix), No: it.By.SK}
		if err := json.Unmarshal([]byte(it.By.Note), &l.caseNote); err != nil {
			return nil, fmt.Errorf("listing cases: %v", err)
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b listed) int { return cmp.Compare(b.No, a.No) })
	return out, nil
}
