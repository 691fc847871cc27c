package ses_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"kokoma/shared/aws/ses"
	"kokoma/shared/mail"
)

var message = mail.Message{
	To: "Amt@Musterstadt.example.org", ToName: "Ämter", Lang: "de", Subject: "KoKoMa: Prüfen", Text: "Guten Tag\n",
	HTML: "<p>Guten Tag</p>", Tag: "zklycewkdo64v6wcggzzui64ju", At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
}

// sender talks to handler instead of SES.
func sender(t *testing.T, handler http.Handler) *ses.Sender {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return at(server.URL)
}

func at(url string) *ses.Sender {
	client := sesv2.New(sesv2.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(url),
		Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
	})
	return ses.New(client, mail.Identity{From: "kokoma@example.org", ReplyTo: "service@example.org"}, "kokoma-mails")
}

// request is what SendEmail puts on the wire.
type request struct {
	ConfigurationSetName string
	Content              struct{ Raw struct{ Data []byte } }
	Destination          struct{ ToAddresses []string }
	EmailTags            []struct{ Name, Value string }
	FromEmailAddress     string
}

func TestSendPutsTheRawMessageWithItsTagOnTheWire(t *testing.T) {
	t.Parallel()
	var got request
	var path, auth string
	s := sender(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, auth = r.Method+" "+r.URL.Path, r.Header.Get("Authorization")
		d := json.NewDecoder(r.Body)
		d.DisallowUnknownFields()
		if err := d.Decode(&got); err != nil {
			t.Errorf("request: %v", err)
		}
		_, _ = io.WriteString(w, `{"MessageId":"0100-abc"}`)
	}))
	id, err := s.Send(t.Context(), message)
	if err != nil || id != "0100-abc" {
		t.Fatalf("Send = %q, %v", id, err)
	}
	if path != "POST /v2/email/outbound-emails" || !strings.Contains(auth, "eu-central-1/ses/aws4_request") {
		t.Errorf("request was %s, signed %s", path, auth)
	}
	if got.ConfigurationSetName != "kokoma-mails" || got.FromEmailAddress != "" || len(got.EmailTags) != 1 ||
		got.EmailTags[0].Name != "outbox" || got.EmailTags[0].Value != message.Tag ||
		len(got.Destination.ToAddresses) != 1 || got.Destination.ToAddresses[0] != "amt@musterstadt.example.org" {
		t.Errorf("request: %+v", got)
	}
	m, err := netmail.ReadMessage(bytes.NewReader(got.Content.Raw.Data))
	if err != nil || m.Header.Get("From") != `"Servicestelle KoKoMa" <kokoma@example.org>` || m.Header.Get("Reply-To") != "<service@example.org>" {
		t.Errorf("raw message: %v, %v", m, err)
	}
}

func TestSendSaysWhatBecameOfTheMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code   string
		status int
		want   error // nil: in doubt
	}{
		{"TooManyRequestsException", 429, mail.ErrNotNow},
		{"LimitExceededException", 400, mail.ErrNotNow},
		{"SendingPausedException", 400, mail.ErrNotNow},
		{"AccountSuspendedException", 400, mail.ErrNotNow},
		{"MailFromDomainNotVerifiedException", 400, mail.ErrNotNow},
		{"NotFoundException", 404, mail.ErrNotNow},
		{"AccessDeniedException", 403, mail.ErrNotNow},
		{"MessageRejected", 400, mail.ErrRefused},
		{"BadRequestException", 400, mail.ErrRefused},
		{"InternalServiceErrorException", 500, nil},
		{"", 503, nil},
	} {
		t.Run(c.code, func(t *testing.T) {
			t.Parallel()
			requests := 0
			s := sender(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests++
				w.Header().Set("X-Amzn-Errortype", c.code)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, `{"message":"about amt@musterstadt.example.org"}`)
			}))
			_, err := s.Send(t.Context(), message)
			check(t, err, c.want)
			if requests != 1 {
				t.Errorf("%d requests: the SDK must not repeat", requests)
			}
		})
	}
}

func check(t *testing.T, err, want error) {
	t.Helper()
	doubt := !errors.Is(err, mail.ErrNotNow) && !errors.Is(err, mail.ErrRefused)
	if err == nil || doubt != (want == nil) || want != nil && !errors.Is(err, want) {
		t.Errorf("Send = %v, want %v", err, want)
	}
	if err != nil && strings.Contains(err.Error(), "musterstadt") {
		t.Errorf("the error names the address: %v", err)
	}
}

func TestSilenceIsDoubtOnlyOnceTheRequestWasWritten(t *testing.T) {
	t.Parallel()
	s := sender(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.Close()
	}))
	_, err := s.Send(t.Context(), message)
	check(t, err, nil)

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	_, err = at("http://"+l.Addr().String()).Send(t.Context(), message)
	check(t, err, mail.ErrNotNow)

	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err = s.Send(gone, message)
	check(t, err, mail.ErrNotNow)

	bad := message
	bad.To = "nobody"
	_, err = s.Send(t.Context(), bad)
	check(t, err, mail.ErrRefused)
}

func TestParseEventReadsWhatSNSPutsIntoTheQueue(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 3, 2, 9, 0, 5, 669e6, time.UTC)
	const tags = `"mail":{"messageId":"0100","destination":["amt@example.org"],"tags":{"ses:from-domain":["example.org"],"outbox":["abc"]}}`
	for _, c := range []struct {
		name, event string
		want        mail.DeliveryEvent
		ok          bool
	}{
		{"delivery", `{"eventType":"Delivery","delivery":{"timestamp":"2026-03-02T09:00:05.669Z","recipients":["amt@example.org"]},` + tags + `}`, mail.DeliveryEvent{Tag: "abc", Kind: mail.DeliveryDone, At: when}, true},
		{"hard bounce", `{"eventType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","timestamp":"2026-03-02T09:00:05.669Z"},` + tags + `}`, mail.DeliveryEvent{Tag: "abc", Kind: mail.DeliveryBounce, Hard: true, At: when}, true},
		{"soft bounce", `{"eventType":"Bounce","bounce":{"bounceType":"Transient","timestamp":"2026-03-02T09:00:05.669Z"},` + tags + `}`, mail.DeliveryEvent{Tag: "abc", Kind: mail.DeliveryBounce, At: when}, true},
		{"complaint", `{"eventType":"Complaint","complaint":{"timestamp":"2026-03-02T09:00:05.669Z"},` + tags + `}`, mail.DeliveryEvent{Tag: "abc", Kind: mail.DeliveryComplaint, At: when}, true},
		{"reject", `{"eventType":"Reject","reject":{"reason":"Bad content"},` + tags + `}`, mail.DeliveryEvent{Tag: "abc", Kind: mail.DeliveryBounce, Hard: true}, true},
		{"send says nothing", `{"eventType":"Send","send":{},` + tags + `}`, mail.DeliveryEvent{Tag: "abc"}, false},
		{"delay says nothing yet", `{"eventType":"DeliveryDelay",` + tags + `}`, mail.DeliveryEvent{Tag: "abc"}, false},
		{"without tag", `{"eventType":"Complaint","complaint":{"timestamp":"2026-03-02T09:00:05.669Z"},"mail":{}}`, mail.DeliveryEvent{Kind: mail.DeliveryComplaint, At: when}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wrapped, err := json.Marshal(map[string]string{"Type": "Notification", "TopicArn": "arn", "Message": c.event})
			if err != nil {
				t.Fatal(err)
			}
			for name, body := range map[string][]byte{"wrapped": wrapped, "raw": []byte(c.event)} {
				got, ok, err := ses.ParseEvent(body)
				if err != nil || ok != c.ok || got != c.want {
					t.Errorf("%s: ParseEvent = %+v, %v, %v, want %+v, %v", name, got, ok, err, c.want, c.ok)
				}
			}
		})
	}
	for _, body := range []string{"", "{", `{"Type":"Notification","Message":"no"}`, `[]`} {
		if _, ok, err := ses.ParseEvent([]byte(body)); err == nil || ok {
			t.Errorf("ParseEvent(%q) = %v, %v", body, ok, err)
		}
	}
	if _, ok, err := ses.ParseEvent([]byte(`{"Type":"SubscriptionConfirmation","Message":"x"}`)); ok || err != nil {
		t.Errorf("a subscription's message: %v, %v", ok, err)
	}
}

func TestParseEventReadsTheSampleEvent(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../../events/bounces-hard.json")
	if err != nil {
		t.Fatal(err)
	}
	var queue struct{ Records []struct{ Body string } }
	if err := json.Unmarshal(src, &queue); err != nil || len(queue.Records) == 0 {
		t.Fatalf("sample: %v, %d records", err, len(queue.Records))
	}
	got, ok, err := ses.ParseEvent([]byte(queue.Records[0].Body))
	if err != nil || !ok || got.Kind != mail.DeliveryBounce || !got.Hard || got.Tag == "" {
		t.Errorf("ParseEvent = %+v, %v, %v", got, ok, err)
	}
}
