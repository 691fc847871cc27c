// Package start is how a function of functions/ begins: it reads the
// environment once, builds the platform over DynamoDB and SES, and hands the
// Lambda runtime its handler.
//
// The environment (template.yaml sets it; AWS_* come from Lambda):
//
//	KOKOMA_MAIN_TABLE, KOKOMA_ANSWERS_TABLE   names of the two tables
//	KOKOMA_TABLE_FILE                         instead of them: an embedded table's file (tests)
//	KOKOMA_BASE_URL                           public address without a slash at the end
//	KOKOMA_OFFICE                             address of the first desk user
//	KOKOMA_MAIL_FROM, KOKOMA_MAIL_CONFIGURATION  SES sender address and configuration set
//	KOKOMA_LINK_KEYS                          number:base64[,number:base64]; the highest number signs
package start

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"kokoma/shared/app"
	"kokoma/shared/aws/apigw"
	"kokoma/shared/aws/dynamo"
	"kokoma/shared/aws/ses"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/table/bolt"
)

// HTTP serves the routes of one noun.
func HTTP(noun string) {
	begin(func(a *app.App) any { return apigw.Wrap(a.Handler(noun)) })
}

// Changes follows the main table's stream.
func Changes() {
	begin(func(a *app.App) any {
		return func(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
			return changed(ctx, a, e, time.Now()), nil
		}
	})
}

// Clock runs what is due.
func Clock() {
	begin(func(a *app.App) any {
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
	begin(func(a *app.App) any {
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

func begin(handler func(*app.App) any) {
	a, err := build(os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, "kokoma:", err)
		os.Exit(1)
	}
	lambda.Start(handler(a))
}

// build makes the platform that the environment describes.
func build(env func(string) string) (*app.App, error) {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	slog.SetDefault(log)
	keys, current, err := linkKeys(env("KOKOMA_LINK_KEYS"))
	if err != nil {
		return nil, err
	}
	cfg := awsConfig(env)
	stored, err := openTable(env, cfg)
	if err != nil {
		return nil, err
	}
	return app.New(app.Deps{
		Table: stored, Sender: sender(env, cfg), LinkKeys: keys, LinkKey: current,
		Base: env("KOKOMA_BASE_URL"), Office: env("KOKOMA_OFFICE"), Now: time.Now, Log: log,
	})
}

// awsConfig takes what Lambda gives: its region and its role's credentials.
// aws-sdk-go-v2/config would also look through files, profiles and metadata
// services, which costs a cold start and is never there.
func awsConfig(env func(string) string) aws.Config {
	return aws.Config{
		Region:      env("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY"), env("AWS_SESSION_TOKEN")),
	}
}

func openTable(env func(string) string, cfg aws.Config) (table.Table, error) {
	if file := env("KOKOMA_TABLE_FILE"); file != "" {
		return bolt.Open(file)
	}
	mainTable, answers := env("KOKOMA_MAIN_TABLE"), env("KOKOMA_ANSWERS_TABLE")
	if mainTable == "" || answers == "" {
		return nil, errors.New("KOKOMA_MAIN_TABLE and KOKOMA_ANSWERS_TABLE are not set")
	}
	return dynamo.New(dynamodb.NewFromConfig(cfg), mainTable, answers), nil
}

// mailsPerSecond is one process's share of the 14 a second that SES gives a
// production account at first: the clock and a few instances of changes send.
const mailsPerSecond = 3

func sender(env func(string) string, cfg aws.Config) mail.Sender {
	from := mail.Identity{From: env("KOKOMA_MAIL_FROM"), ReplyTo: env("KOKOMA_OFFICE")}
	return mail.NewThrottle(ses.New(sesv2.NewFromConfig(cfg), from, env("KOKOMA_MAIL_CONFIGURATION")), mailsPerSecond)
}

// linkKeys reads number:base64[,number:base64]; the highest number signs.
func linkKeys(text string) (keys map[int][]byte, current int, err error) {
	keys = map[int][]byte{}
	for entry := range strings.SplitSeq(text, ",") {
		number, encoded, _ := strings.Cut(strings.TrimSpace(entry), ":")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			return nil, 0, errors.New("KOKOMA_LINK_KEYS must be number:base64[,number:base64]")
		}
		key, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || len(key) < 32 {
			return nil, 0, fmt.Errorf("link key %d must be at least 32 bytes in base64", n)
		}
		keys[n] = key
		current = max(current, n)
	}
	return keys, current, nil
}
