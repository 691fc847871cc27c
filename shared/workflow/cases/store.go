package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kokoma/shared/lang"
	"kokoma/shared/table"
	"kokoma/shared/workflow/process"
)

// Prefix begins the partition keys of cases.
const Prefix = "case#"

const (
	casesPK  = "cases"    // index by: every case, by its number
	deskPK   = "desk#SVC" // index by: what the service office has to see, by date
	numberPK = Prefix + "number"
	defPK    = Prefix + "definition"
)

// Key is the key of an item of a case.
func Key(id, sk string) table.Key { return table.Key{PK: Prefix + id, SK: sk} }

// RefSK begins the sort keys of what belongs to a step in an iteration.
func RefSK(sort string, ref process.Ref) string {
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

// Record is a case as far as it was read.
type Record struct {
	process.State
	ID  string
	Def *process.Definition

	// Rehearsal is set when the case is only played through.
	Rehearsal *Rehearsal

	open   Dues        // the open steps as the list of cases had them
	apart  int64       // version of the item of people; 0 while they stand in the head
	people bool        // whether the item of people has to be written
	turn   table.Place // when the clock has to look at the people again
	ahead  int64       // of a rehearsal's clock when it was read
	today  lang.Date   // on which mails are made
}

// headBody is the head as it is stored. The first people of a case stand in it;
// whom later steps name get an item of their own, so that the head stays small.
type headBody struct {
	process.Head
	People    process.People `json:"w,omitempty"`
	Rehearsal *Rehearsal     `json:"rh,omitempty"`
}

// DeskNote travels with what stands on the service office's desk.
type DeskNote struct {
	No   string    `json:"n"`
	Name string    `json:"m"`
	Due  lang.Date `json:"d"`
	Step string    `json:"s,omitempty"`
	Why  string    `json:"w"`

	Gap process.Gap `json:"g,omitempty"` // with WhyNobody: why so
}

// Why something stands on the service office's desk.
const (
	WhyOwn     = "own"    // a step of its own
	WhyNobody  = "nobody" // nobody holds the role
	WhyLate    = "late"   // sixteen working days after the due date
	WhyReview  = "review" // waits for its review
	WhyLetter  = "letter" // a letter is to be posted; also a task
	TaskSafety = "safety"
	TaskBounce = "bounce"
	TaskFollow = "follow"          // a completed case is asked once more
	TaskQuery  = "query"           // the municipality has not answered what it was asked
	TaskReview = process.Agreement // an agreement is looked at again
)

// WhoHash stands for an address in the list of cases: enough to find one's own,
// and checked against the people before anything is shown. It decides nothing:
// others can have the same.
func WhoHash(email string) string { return process.WhoHash(email) }

// Head and people stand next to each other, so that one query reads both and
// nothing else.
const (
	headSK   = "head"
	peopleSK = headSK + "#people"
)

// errGone is for a case that is not there, or not any more: items of it can
// outlive its head.
var errGone = fmt.Errorf("the case is gone: %w", table.ErrNotFound)

// Load reads head and people in one query.
func (x *Service) Load(ctx context.Context, id string) (*Record, error) {
	if !caseID.MatchString(id) {
		return nil, table.ErrNotFound
	}
	c := &Record{ID: id}
	for it, err := range table.All(ctx, x.Table, table.Query{PK: Prefix + id, From: headSK, To: peopleSK}) {
		if err != nil {
			return nil, fmt.Errorf("reading a case: %w", err)
		}
		if err := c.read(it); err != nil {
			return nil, err
		}
	}
	if c.Head.Seq == 0 {
		return nil, errGone
	}
	c.Steps = map[process.Ref]process.Step{}
	c.Office = []process.Person{{Email: x.Office, Lang: lang.DE}}
	def, err := x.Definition(ctx, c.Head.Definition)
	c.Def = def
	return c, err
}

func (c *Record) read(it table.Item) error {
	var err error
	switch it.SK {
	case headSK:
		body := headBody{}
		err = json.Unmarshal(it.Body, &body)
		c.Head, c.Head.Seq, c.Rehearsal = body.Head, it.Version, body.Rehearsal
		c.open, c.ahead = openOf(it.By.Note), it.Counters[aheadCounter]
		if c.People == nil {
			c.People = body.People
		}
	case peopleSK:
		c.apart, c.turn = it.Version, it.Due
		c.People = nil
		err = json.Unmarshal(it.Body, &c.People)
	}
	if err != nil {
		return fmt.Errorf("reading a case's %s: %v", it.SK, err)
	}
	return nil
}

// openOf reads the open steps out of a case's place in the list. What cannot be
// read is not known, as in notes that were written before there were any.
func openOf(note string) Dues {
	n := Note{}
	if json.Unmarshal([]byte(note), &n) != nil {
		return nil
	}
	return n.Open
}

// Step reads one step in one iteration.
func (x *Service) Step(ctx context.Context, id string, ref process.Ref) (process.Step, error) {
	it, err := x.Table.Get(ctx, Key(id, RefSK("step", ref)))
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

// Want adds steps to what was read of a case. One that is not there stays out.
func (x *Service) Want(ctx context.Context, c *Record, refs ...process.Ref) error {
	for _, ref := range refs {
		if _, ok := c.Steps[ref]; ok {
			continue
		}
		st, err := x.Step(ctx, c.ID, ref)
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

// WantAll reads all steps of a case in one query; the refs say which count.
func (x *Service) WantAll(ctx context.Context, c *Record, refs []process.Ref) error {
	all, err := x.AllSteps(ctx, c.ID)
	for ref, st := range all {
		if slices.Contains(refs, ref) {
			c.Steps[ref] = st
		}
	}
	return err
}

// AllSteps reads every step of a case in every iteration.
func (x *Service) AllSteps(ctx context.Context, id string) (map[process.Ref]process.Step, error) {
	out := map[process.Ref]process.Step{}
	for it, err := range table.All(ctx, x.Table, table.Query{PK: Prefix + id, Prefix: "step#", Eventual: true}) {
		if err != nil {
			return nil, fmt.Errorf("reading a case's steps: %w", err)
		}
		st, err := stepOf(it)
		if err != nil {
			return nil, err
		}
		out[st.Ref] = st
	}
	return out, nil
}

// headOp writes the head as the row has left it.
func (c *Record) headOp() (table.Op, error) {
	body := headBody{Head: c.Head, Rehearsal: c.Rehearsal}
	if c.apart == 0 && !c.people {
		body.People = c.People
	}
	b, err := json.Marshal(body)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing a case: %w", err)
	}
	it := table.Item{
		Key: Key(c.ID, headSK), Kind: "case", Version: c.Head.Seq, Body: b,
		By: table.Place{PK: casesPK, SK: c.Head.No, Note: c.note()},
	}
	if c.Head.Seq == 1 {
		return table.Put(it, table.Absent()), nil
	}
	return table.Put(it, table.AtVersion(c.Head.Seq-1)), nil
}

func Compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and dates always can be written
	}
	return string(b)
}

func (c *Record) peopleOp() (table.Op, error) {
	b, err := json.Marshal(c.People)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing the people of a case: %w", err)
	}
	it := table.Item{Key: Key(c.ID, peopleSK), Kind: "people", Version: c.apart + 1, Body: b, Due: c.nextTurn()}
	return table.Put(it, table.AtVersion(c.apart)), nil
}

// nextTurn is when the clock has to look at the people next.
func (c *Record) nextTurn() table.Place {
	day, ok := c.People.Turn(c.today)
	if !ok || c.Head.Status.Ended() {
		return table.Place{}
	}
	return table.DueAt(c.ID, day.At(0, 0), "")
}

// overslept says that the item of people lacks its next day: the day before it
// came while the case had ended, and the case goes on again.
func (c *Record) overslept() bool {
	return c.apart > 0 && c.turn.PK == "" && c.nextTurn().PK != ""
}

// stepOp writes a step with its next moment and its place on the desk.
func (c *Record) stepOp(st process.Step) (table.Op, error) {
	b, err := json.Marshal(st)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing step %s: %w", st.Ref.Step, err)
	}
	it := table.Item{
		Key: Key(c.ID, RefSK("step", st.Ref)), Kind: "step", Version: st.Version + 1, Body: b,
		Due: nextDue(c.ID, st), By: c.desk(st),
	}
	return table.Put(it, table.AtVersion(st.Version)), nil
}

// nextDue is when a timer has to look at the step.
func nextDue(id string, st process.Step) table.Place {
	if at, ok := ripe(st); ok {
		return table.DueAt(id, at, "")
	}
	next, ok := st.Next(st.Calendar())
	if !ok {
		return table.Place{}
	}
	return table.DueAt(id, next.At, "")
}

// desk is the step's place on the service office's desk, if it has one.
func (c *Record) desk(st process.Step) table.Place {
	why := ""
	_, letter := st.Letter()
	t := c.Def.Template(st.Ref.Step)
	switch {
	case t == nil || !c.Head.Status.Running():
	case st.State == process.Submitted && (t.Reviewer == "SVC" || t.FourEyes):
		why = WhyReview
	case st.State != process.Open, st.AnyTime():
	case slices.Contains(t.Acts, "SVC"):
		why = WhyOwn
	case st.Nobody(), st.Gap != "":
		why = WhyNobody
	case st.Stage == process.TellOffice:
		why = WhyLate
	case letter:
		why = WhyLetter
	}
	if why == "" {
		return table.Place{}
	}
	return c.deskPlace(DeskNote{Due: st.Due, Step: st.Ref.Step, Why: why, Gap: st.Gap})
}

func (c *Record) deskPlace(n DeskNote) table.Place {
	n.No, n.Name = c.Head.No, c.Head.Municipality.Name
	return table.Place{PK: deskPK, SK: n.Due.String() + "#" + n.No + "#" + n.Step, Note: Compact(n)}
}

// rowOp writes the row of a command, markOp that of a timer: its key is what
// the timer did, so it cannot happen twice.
func rowOp(id string, r process.Row) (table.Op, error) {
	return rowAt(Key(id, eventSK(r.Seq)), r)
}

func markOp(id string, r process.Row) (table.Op, error) {
	e := r.Events[0]
	sk := fmt.Sprintf("%s#%d.%d", RefSK("mark", e.Ref()), e.Moves, e.Stage)
	return rowAt(Key(id, sk), r)
}

func rowAt(k table.Key, r process.Row) (table.Op, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return table.Op{}, fmt.Errorf("writing an event: %w", err)
	}
	return table.Put(table.Item{Key: k, Kind: "event", Body: b}, table.Absent()), nil
}

// History reads all rows and marks of a case.
func (x *Service) History(ctx context.Context, id string) (rows, marks []process.Row, err error) {
	for sort, into := range map[string]*[]process.Row{"event#": &rows, "mark#": &marks} {
		for it, err := range table.All(ctx, x.Table, table.Query{PK: Prefix + id, Prefix: sort}) {
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

// ByNumber finds a case by its number.
func (x *Service) ByNumber(ctx context.Context, no string) (string, error) {
	page, err := x.Table.Query(ctx, table.Query{Index: table.By, PK: casesPK, From: no, To: no, Limit: 1})
	if err != nil {
		return "", fmt.Errorf("looking for a case by its number: %w", err)
	}
	if len(page.Items) == 0 {
		return "", table.ErrNotFound
	}
	return strings.TrimPrefix(page.Items[0].PK, Prefix), nil
}
