// Package work is how the functions begin that answer no browser: they follow
// the table's stream, the schedule, and what SES reports about mails. It is
// apart from start so that the functions which people wait for do not carry
// SES.
package work

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"kokoma/shared/app"
	"kokoma/shared/aws/ses"
	"kokoma/shared/aws/start"
	"kokoma/shared/mail"
	"kokoma/shared/table"
)

// Changes follows the main table's stream.
func Changes() {
	start.Begin(sender, func(a *app.App) any {
		return func(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
			return changed(ctx, a, e, time.Now()), nil
		}
	})
}

// Clock runs what is due.
func Clock() {
	start.Begin(sender, func(a *app.App) any {
		prepared := false
		return func(ctx context.Context) error {
			if !prepared { // once a process: what a new installation needs
				if err := a.Prepare(ctx); err != nil {
					return err
				}
				prepared = true
			}
			// Stop before Lambda does, so that what is under way is recorded.
			if end, ok := ctx.Deadline(); ok {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, end.Add(-5*time.Second))
				defer cancel()
			}
			return a.Tick(ctx, time.Now())
		}
	})
}

// Bounces hears from SES what became of the mails.
func Bounces() {
	start.Begin(nil, func(a *app.App) any {
		return func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
			return delivered(ctx, a, e, time.Now()), nil
		}
	})
}

// changed follows each record on its own; one that fails is reported, and with
// it all after it come again.
func changed(ctx context.Context, a *app.App, e events.DynamoDBEvent, now time.Time) (out events.DynamoDBEventResponse) {
	var keys []table.Key
	for _, r := range e.Records {
		if k, ok := dueNow(r, now); ok {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return out
	}
	if err := a.Follow(ctx, keys, now); err != nil {
		slog.ErrorContext(ctx, "following changes failed", "records", len(keys), "error", err)
		out.BatchItemFailures = append(out.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: e.Records[0].Change.SequenceNumber})
	}
	return out
}

// dueNow gives the key of a stream record whose item has to be looked at now.
func dueNow(r events.DynamoDBEventRecord, now time.Time) (table.Key, bool) {
	image := r.Change.NewImage
	due, ok := image["due_sk"]
	if !ok || due.DataType() != events.DataTypeString {
		return table.Key{}, false
	}
	at, err := table.Place{SK: due.String()}.Time()
	if err != nil || at.After(now) {
		return table.Key{}, false
	}
	pk, sk := r.Change.Keys["pk"], r.Change.Keys["sk"]
	if pk.DataType() != events.DataTypeString || sk.DataType() != events.DataTypeString {
		return table.Key{}, false
	}
	return table.Key{PK: pk.String(), SK: sk.String()}, true
}

func delivered(ctx context.Context, a *app.App, e events.SQSEvent, now time.Time) (out events.SQSEventResponse) {
	for _, m := range e.Records {
		event, about, err := ses.ParseEvent([]byte(m.Body))
		if err == nil && about {
			err = a.Delivered(ctx, event, now)
		}
		if err != nil {
			slog.ErrorContext(ctx, "a delivery event failed", "message", m.MessageId, "error", err)
			out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	return out
}

// mailsPerSecond is one process's share of the 14 a second that SES gives a
// production account at first: the clock and a few instances of changes send.
const mailsPerSecond = 3

func sender(env func(string) string, cfg aws.Config) mail.Sender {
	from := mail.Identity{From: env("KOKOMA_MAIL_FROM"), ReplyTo: env("KOKOMA_OFFICE")}
	return mail.NewThrottle(ses.New(sesv2.NewFromConfig(cfg), from, env("KOKOMA_MAIL_CONFIGURATION")), mailsPerSecond)
}
