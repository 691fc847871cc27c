package work

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kokoma/shared/app"
	"kokoma/shared/aws/apigw"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
)

// postbox is a sender that keeps what it is given.
type postbox struct {
	mu   sync.Mutex
	sent []mail.Message
}

func (b *postbox) Send(_ context.Context, m mail.Message) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = append(b.sent, m)
	return "provider-id", nil
}

const office = "servicestelle@example.org"

// world is the platform over the embedded table, as a function builds it.
func world(t *testing.T) (*app.App, table.Table, *postbox) {
	t.Helper()
	box, stored := &postbox{}, tabletest.New(t)
	a, err := app.New(app.Deps{
		Table: stored, Sender: box, LinkKeys: map[int][]byte{1: make([]byte, 32)}, LinkKey: 1,
		Base: "https://kokoma.example", Office: office, Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a, stored, box
}

func sample[E any](t *testing.T, name string) E {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../../events", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var e E
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return e
}

// TestHandlersAnswerTheirSamples drives each HTTP function with its samples.
func TestHandlersAnswerTheirSamples(t *testing.T) {
	t.Parallel()
	a, _, _ := world(t)
	for name, want := range map[string]int{
		"intake-start": 200, "intake-search": 200, "workflow-unknown-link": 404, "workflow-signed-out": 303,
		"survey-unknown-link": 404, "evaluation-signed-out": 303, "account-signin": 200, "account-cross-site": 403,
	} {
		noun, _, _ := strings.Cut(name, "-")
		out, err := apigw.Wrap(a.Handler(noun))(t.Context(), sample[events.APIGatewayV2HTTPRequest](t, name))
		if err != nil || out.StatusCode != want {
			t.Errorf("%s: %d, %v; want %d\n%s", name, out.StatusCode, err, want, out.Body)
		}
		if out.Headers["Content-Security-Policy"] == "" {
			t.Errorf("%s: an answer without its security headers: %v", name, out.Headers)
		}
	}
}

// askForCode posts the sign-in form; its mail is then in the outbox.
func askForCode(t *testing.T, a *app.App) {
	t.Helper()
	e := sample[events.APIGatewayV2HTTPRequest](t, "account-signin")
	e.RequestContext.HTTP.Method = "POST"
	e.Headers["origin"], e.Headers["content-type"] = "https://kokoma.example", "application/x-www-form-urlencoded"
	e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte("email="+office)), true
	out, err := apigw.Wrap(a.Handler("account"))(t.Context(), e)
	if err != nil || out.StatusCode != 303 {
		t.Fatalf("asking for a code: %d, %v\n%s", out.StatusCode, err, out.Body)
	}
}

// queued finds the one mail that waits in the due index.
func queued(t *testing.T, stored table.Table) table.Item {
	t.Helper()
	for shard := range table.Shards() {
		for it, err := range table.All(t.Context(), stored, table.DueUntil(shard, time.Now().Add(time.Hour))) {
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(it.PK, "mail#") {
				return it
			}
		}
	}
	t.Fatal("no mail waits")
	return table.Item{}
}

// TestChangesSendsWhatTheStreamBrings gives the function the stream record of a
// mail that has just been written.
func TestChangesSendsWhatTheStreamBrings(t *testing.T) {
	t.Parallel()
	a, stored, box := world(t)
	askForCode(t, a)
	it := queued(t, stored)
	e := sample[events.DynamoDBEvent](t, "changes-mail")
	e.Records[0].Change.Keys["pk"], e.Records[0].Change.Keys["sk"] = events.NewStringAttribute(it.PK), events.NewStringAttribute(it.SK)
	e.Records[0].Change.NewImage["due_sk"] = events.NewStringAttribute(it.Due.SK)

	if changed(t.Context(), a, e, time.Now().Add(-time.Hour)); len(box.sent) != 0 {
		t.Error("a mail went out before it was due")
	}
	now := time.Now().Add(2 * time.Second)
	for range 2 { // the stream may bring a record twice
		if out := changed(t.Context(), a, e, now); len(out.BatchItemFailures) > 0 {
			t.Errorf("failures: %v", out)
		}
	}
	if len(box.sent) != 1 || box.sent[0].To != office {
		t.Fatalf("%d mails sent, want one to the office: %+v", len(box.sent), box.sent)
	}
}

// TestClockDoesWhatTheStreamLost sends the same mail without any stream record,
// and Bounces then hears that it came back.
func TestClockDoesWhatTheStreamLost(t *testing.T) {
	t.Parallel()
	a, stored, box := world(t)
	askForCode(t, a)
	it := queued(t, stored)
	if err := a.Tick(t.Context(), time.Now().Add(2*time.Second)); err != nil {
		t.Fatal(err)
	}
	if len(box.sent) != 1 {
		t.Fatalf("%d mails sent, want one", len(box.sent))
	}

	e := sample[events.SQSEvent](t, "bounces-hard")
	e.Records[0].Body = strings.ReplaceAll(e.Records[0].Body, "0000", box.sent[0].Tag)
	for range 2 {
		if out := delivered(t.Context(), a, e, time.Now()); len(out.BatchItemFailures) > 0 {
			t.Errorf("failures: %v", out)
		}
	}
	after, err := stored.Get(t.Context(), it.Key)
	if err != nil || !strings.Contains(string(after.Body), "bounced") {
		t.Errorf("the mail's record after a bounce: %s, %v", after.Body, err)
	}
	e.Records[0].Body = "no event"
	if out := delivered(t.Context(), a, e, time.Now()); len(out.BatchItemFailures) != 1 {
		t.Errorf("an unreadable event was taken as read: %v", out)
	}
}
