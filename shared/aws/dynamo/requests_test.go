package dynamo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kokoma/shared/aws/dynamo"
	"kokoma/shared/table"
)

var update = flag.Bool("update", false, "write the golden files anew")

// now is the time of these tests, second 1772359200.
var now = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// wire is a DynamoDB that keeps what it is sent and answers what it is told.
type wire struct {
	mu      sync.Mutex
	sent    []sent
	answers []answer
}

type sent struct {
	Target string         `json:"target"`
	Body   map[string]any `json:"body"`
}

// brief writes {"S": "x"} as "S x", so that golden files can be read.
func brief(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = brief(v[i])
		}
	case map[string]any:
		for name, in := range v {
			if s, ok := in.(string); ok && len(v) == 1 && (name == "S" || name == "N") {
				return name + " " + s
			}
			v[name] = brief(in)
		}
	}
	return v
}

type answer struct {
	status int
	body   string
}

func ok(body string) answer { return answer{http.StatusOK, body} }

func fault(code, more string) answer {
	return answer{http.StatusBadRequest, `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `"` + more + `}`}
}

// ServeHTTP gives the answers in turn, and nothing but {} behind the last.
func (w *wire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	raw, _ := io.ReadAll(r.Body)
	s := sent{Target: strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "DynamoDB_20120810.")}
	if err := json.Unmarshal(raw, &s.Body); err != nil {
		s.Target += " with a body that is no JSON"
	}
	if token, _ := s.Body["ClientRequestToken"].(string); len(token) >= 26 {
		s.Body["ClientRequestToken"] = "(a token)"
	}
	brief(s.Body)
	w.sent = append(w.sent, s)
	a := ok("{}")
	if len(w.answers) > 0 {
		a, w.answers = w.answers[0], w.answers[1:]
	}
	out.Header().Set("Content-Type", "application/x-amz-json-1.0")
	out.WriteHeader(a.status)
	_, _ = io.WriteString(out, a.body)
}

// wired gives tables that talk to a wire.
func wired(t *testing.T, answers ...answer) (table.Table, *wire) {
	t.Helper()
	w := &wire{answers: answers}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(server.URL),
		Region:       "eu-central-1",
		Retryer:      aws.NopRetryer{},
		HTTPClient:   server.Client(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	return dynamo.New(client, "kokoma-main", "kokoma-answers", dynamo.Clock(func() time.Time { return now })), w
}

// golden wants the requests that were sent to be those of the file.
func (w *wire) golden(t *testing.T, name string) {
	t.Helper()
	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(w.sent); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("requests of %s (-update writes them):\n got %s\nwant %s", name, got.Bytes(), want)
	}
}

func everything(k table.Key) table.Item {
	return table.Item{
		Key: k, Version: 7, Kind: "case", Body: []byte(`{"a":"ä"}`), Counters: map[string]int64{"hits": 3, "a b": -1},
		Due: table.Place{PK: "due#0", SK: "2026-03-01T10:00:00Z", Note: "remind"}, By: table.Place{PK: "by#x", SK: "1", Note: "n"},
		Expires: now.Add(time.Hour),
	}
}

func TestRequestsAreThese(t *testing.T) {
	t.Parallel()
	k, other := table.Key{PK: "case#1", SK: "head"}, table.Key{Table: table.Answers, PK: "survey#1", SK: "x"}
	change := table.Change{
		Add: map[string]int64{"hits": 1, "a b": -1}, Body: []byte(`{}`), Version: 8, Kind: "done",
		Due: &table.Place{PK: "due#1", SK: "2027", Note: "n"}, By: new(table.Place), Expires: new(now.Add(time.Hour)),
	}
	conds := []table.Cond{
		table.Exists(), table.AtVersion(7), table.CounterIs("hits", 3), table.CounterIs("none", 0),
		table.CounterBelow("a b", 5), table.DueIs(table.Place{PK: "due#0", SK: "1"}),
	}
	for name, ops := range map[string][]table.Op{
		"put":              {table.Put(everything(k))},
		"put-absent":       {table.Put(table.Item{Key: other}, table.Absent())},
		"update":           {table.Update(k, change)},
		"update-remove":    {table.Update(k, table.Change{Body: []byte{}, Expires: new(time.Time), Due: new(table.Place)})},
		"update-condition": {table.Update(k, table.Change{Version: 1}, table.AtVersion(0), table.DueIs(table.Place{}))},
		"delete":           {table.Delete(k)},
		"delete-condition": {table.Delete(k, conds...)},
		"check":            {table.Check(k, table.Exists())},
		"transaction": {
			table.Put(everything(k), table.AtVersion(6)),
			table.Update(table.Key{PK: "case#1", SK: "step"}, change, conds...),
			table.Delete(table.Key{PK: "case#1", SK: "old"}),
			table.Check(table.Key{PK: "case#1", SK: "guard"}, table.Absent()),
			table.Put(table.Item{Key: other}, table.Absent()),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb, w := wired(t)
			if err := tb.Write(t.Context(), ops...); err != nil {
				t.Fatal(err)
			}
			w.golden(t, name)
		})
	}
}

func TestQuestionsAreThese(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]table.Query{
		"query":         {PK: "p"},
		"query-answers": {Table: table.Answers, PK: "p", Eventual: true, Desc: true, Limit: 10},
		"query-prefix":  {PK: "p", Prefix: "a#"},
		"query-from":    {PK: "p", From: "a"},
		"query-to":      {PK: "p", To: "b"},
		"query-between": {PK: "p", Prefix: "a#", From: "a#2"},
		"query-due":     {Index: table.Due, PK: "due#0", To: "2026", Limit: 1, Cursor: table.Mark{Place: "2025", PK: "a", SK: "b"}.Cursor()},
		"query-by":      {Index: table.By, PK: "x", Prefix: "y"},
		"query-on":      {PK: "p", Cursor: table.Mark{SK: "b"}.Cursor()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb, w := wired(t)
			if _, err := tb.Query(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			w.golden(t, name)
		})
	}
	t.Run("get", func(t *testing.T) {
		t.Parallel()
		tb, w := wired(t)
		if _, err := tb.Get(t.Context(), table.Key{PK: "case#1", SK: "head"}); !errors.Is(err, table.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		w.golden(t, "get")
	})
}

func TestEmptyRangesAreNotSent(t *testing.T) {
	t.Parallel()
	tb, w := wired(t)
	for _, q := range []table.Query{{PK: "p", From: "b", To: "a"}, {PK: "p", Prefix: "a", From: "b"}, {PK: "p", Prefix: "b", To: "a"}} {
		if page, err := tb.Query(t.Context(), q); err != nil || len(page.Items) > 0 || page.Cursor != "" {
			t.Errorf("%+v gave %+v, %v", q, page, err)
		}
	}
	if len(w.sent) > 0 {
		t.Errorf("sent %v", w.sent)
	}
}

func TestAnswersBecomeTheDoorsErrors(t *testing.T) {
	t.Parallel()
	put := table.Put(table.Item{Key: table.Key{PK: "a", SK: "b"}}, table.Absent())
	second := table.Put(table.Item{Key: table.Key{PK: "a", SK: "c"}}, table.Absent())
	reasons := func(rs ...string) answer {
		return fault("TransactionCanceledException", `,"Message":"cancelled","CancellationReasons":[`+strings.Join(rs, ",")+`]`)
	}
	const none = `{"Code":"None"}`
	for name, c := range map[string]struct {
		ops     []table.Op
		answer  answer
		is      error
		op      int
		collide bool
	}{
		"condition":         {[]table.Op{put}, fault("ConditionalCheckFailedException", ""), table.ErrConflict, 0, false},
		"collision":         {[]table.Op{put}, fault("TransactionConflictException", ""), table.ErrConflict, 0, true},
		"throughput":        {[]table.Op{put}, fault("ProvisionedThroughputExceededException", ""), table.ErrThrottled, 0, false},
		"throttling":        {[]table.Op{put}, fault("ThrottlingException", ""), table.ErrThrottled, 0, false},
		"request limit":     {[]table.Op{put}, fault("RequestLimitExceeded", ""), table.ErrThrottled, 0, false},
		"size":              {[]table.Op{put}, fault("ValidationException", `,"message":"Item size to update has exceeded the maximum allowed size"`), table.ErrTooLarge, 0, false},
		"second condition":  {[]table.Op{put, second}, reasons(none, `{"Code":"ConditionalCheckFailed"}`), table.ErrConflict, 1, false},
		"both":              {[]table.Op{put, second}, reasons(`{"Code":"TransactionConflict"}`, `{"Code":"ConditionalCheckFailed"}`), table.ErrConflict, 1, false},
		"second collision":  {[]table.Op{put, second}, reasons(none, `{"Code":"TransactionConflict"}`), table.ErrConflict, 1, true},
		"second throttled":  {[]table.Op{put, second}, reasons(none, `{"Code":"ThrottlingError"}`), table.ErrThrottled, 0, false},
		"second throughput": {[]table.Op{put, second}, reasons(none, `{"Code":"ProvisionedThroughputExceeded"}`), table.ErrThrottled, 0, false},
		"second size":       {[]table.Op{put, second}, reasons(none, `{"Code":"ValidationError","Message":"Item size to update has exceeded the maximum allowed size"}`), table.ErrTooLarge, 0, false},
		"in progress":       {[]table.Op{put, second}, fault("TransactionInProgressException", ""), table.ErrConflict, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb, _ := wired(t, c.answer)
			err := tb.Write(t.Context(), c.ops...)
			if !errors.Is(err, c.is) {
				t.Fatalf("got %v, want %v", err, c.is)
			}
			conflict, isConflict := errors.AsType[*table.ConflictError](err)
			if isConflict && (conflict.Op != c.op || conflict.Collided != c.collide) {
				t.Errorf("got %+v", conflict)
			}
		})
	}
}

func TestFaultsStayFaults(t *testing.T) {
	t.Parallel()
	known := []error{table.ErrConflict, table.ErrThrottled, table.ErrTooLarge, table.ErrNotFound}
	for _, a := range []answer{
		fault("ResourceNotFoundException", `,"message":"no table"`),
		fault("AccessDeniedException", `,"message":"no"`),
		fault("ValidationException", `,"message":"wrong"`),
		{http.StatusInternalServerError, `{}`},
	} {
		tb, _ := wired(t, a, a, a)
		_, getErr := tb.Get(t.Context(), table.Key{PK: "a", SK: "b"})
		_, queryErr := tb.Query(t.Context(), table.Query{PK: "a"})
		for _, err := range []error{getErr, queryErr, tb.Write(t.Context(), table.Delete(table.Key{PK: "a", SK: "b"}))} {
			if err == nil || slices.ContainsFunc(known, func(e error) bool { return errors.Is(err, e) }) {
				t.Errorf("%s gave %v", a.body, err)
			}
		}
	}
}

const expiredItem = `{"pk":{"S":"a"},"sk":{"S":"b"},"ttl":{"N":"1772359200"}}`

func TestAnExpiredItemInTheWayIsRemoved(t *testing.T) {
	t.Parallel()
	ops := []table.Op{
		table.Put(table.Item{Key: table.Key{PK: "a", SK: "b"}}, table.Absent()),
		table.Check(table.Key{PK: "a", SK: "guard"}, table.Exists()),
	}
	inTheWay := fault("TransactionCanceledException", `,"CancellationReasons":[{"Code":"ConditionalCheckFailed","Item":`+expiredItem+`},{"Code":"None"}]`)
	tb, w := wired(t, inTheWay)
	if err := tb.Write(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
	w.golden(t, "expired")

	renewed := fault("ConditionalCheckFailedException", "")
	tb, w = wired(t, inTheWay, renewed, inTheWay)
	if err := tb.Write(t.Context(), ops...); !errors.Is(err, table.ErrConflict) || len(w.sent) != 3 {
		t.Errorf("an item that was renewed: %v after %d requests", err, len(w.sent))
	}
}

func TestPagesAreFilledUpBehindExpiredItems(t *testing.T) {
	t.Parallel()
	item := func(sk, ttl string) string {
		return `{"pk":{"S":"a"},"sk":{"S":"` + sk + `"},"ttl":{"N":"` + ttl + `"}}`
	}
	tb, w := wired(t,
		ok(`{"Items":[`+item("1", "1772359200")+`,`+item("2", "1772359201")+`],"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"S":"2"}}}`),
		ok(`{"Items":[`+item("3", "1772359201")+`],"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"S":"3"}}}`))
	page, err := tb.Query(t.Context(), table.Query{PK: "a", Limit: 2})
	if err != nil || len(page.Items) != 2 || page.Items[0].SK != "2" || page.Items[1].SK != "3" {
		t.Fatalf("got %+v, %v", page, err)
	}
	if want := (table.Mark{SK: "3"}).Cursor(); page.Cursor != want {
		t.Errorf("cursor %q, want %q", page.Cursor, want)
	}
	if limit := w.sent[1].Body["Limit"]; limit != 1.0 {
		t.Errorf("the second request asks for %v", limit)
	}
}

func TestMeterTakesWhatIsReported(t *testing.T) {
	t.Parallel()
	tb, _ := wired(t,
		ok(`{"ConsumedCapacity":{"CapacityUnits":2.5}}`),
		ok(`{"ConsumedCapacity":{"CapacityUnits":1.5}}`),
		ok(`{"ConsumedCapacity":{"CapacityUnits":4}}`),
		ok(`{"ConsumedCapacity":[{"CapacityUnits":6},{"CapacityUnits":2}]}`),
		fault("ConditionalCheckFailedException", `,"Item":{"pk":{"S":"a"},"sk":{"S":"b"},"b":{"S":"`+strings.Repeat("x", 3000)+`"}}`))
	m := new(table.Meter)
	ctx := table.WithMeter(t.Context(), m)
	k, l := table.Key{PK: "a", SK: "b"}, table.Key{PK: "a", SK: "c"}
	_, _ = tb.Get(ctx, k)
	_, _ = tb.Query(ctx, table.Query{PK: "a"})
	_ = tb.Write(ctx, table.Delete(k))
	_ = tb.Write(ctx, table.Delete(k), table.Delete(l))
	if write, read := m.Units(); write != 12 || read != 4 {
		t.Errorf("metered %v and %v", write, read)
	}
	_ = tb.Write(ctx, table.Delete(k, table.AtVersion(1)))
	if write, _ := m.Units(); write != 15 {
		t.Errorf("a refused delete of 3 KB left %v", write)
	}
}

func TestUnknownAttributesAreReadOver(t *testing.T) {
	t.Parallel()
	tb, _ := wired(t, ok(`{"Item":{"pk":{"S":"a"},"sk":{"S":"b"},"later":{"S":"x"},"flag":{"BOOL":true},"m":{"N":"1.5"}}}`),
		ok(`{"Item":{"pk":{"S":"a"},"sk":{"S":"b"},"v":{"N":"1.5"}}}`))
	it, err := tb.Get(t.Context(), table.Key{PK: "a", SK: "b"})
	if err != nil || it.PK != "a" || it.Body != nil || it.Counters != nil {
		t.Errorf("got %+v, %v", it, err)
	}
	if _, err := tb.Get(t.Context(), table.Key{PK: "a", SK: "b"}); err == nil || errors.Is(err, table.ErrNotFound) {
		t.Errorf("a version that is no whole number: %v", err)
	}
}
