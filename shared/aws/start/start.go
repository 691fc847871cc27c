// Package start is how a function of functions/ begins: it reads the
// environment once, builds the platform over DynamoDB and SES, and hands the
// Lambda runtime its handler.
//
// The environment (template.yaml sets it; AWS_* come from Lambda):
//
//	KOKOMA_MAIN_TABLE, KOKOMA_ANSWERS_TABLE   names of the two tables
//	KOKOMA_TABLE_FILE                         instead of them: an embedded table's file (tests, build tag filetable)
//	KOKOMA_BASE_URL                           public address without a slash at the end
//	KOKOMA_OFFICE                             address of the first desk user
//	KOKOMA_MAIL_FROM, KOKOMA_MAIL_CONFIGURATION  SES sender address and configuration set
//	KOKOMA_LINK_KEYS                          number:base64[,number:base64]; the highest number signs
package start

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kokoma/shared/app"
	"kokoma/shared/aws/apigw"
	"kokoma/shared/aws/dynamo"
	"kokoma/shared/mail"
	"kokoma/shared/table"
)

// HTTP serves the routes of one noun.
func HTTP(noun string, more ...Extra) {
	Begin(nil, func(a *app.App) any { return apigw.Wrap(a.Handler(noun)) }, more...)
}

// Extra gives the platform what only one function needs, so that the others
// don't carry it.
type Extra func(*app.Deps)

// Sender makes what carries mails in this environment.
type Sender func(env func(string) string, cfg aws.Config) mail.Sender

// Begin builds the platform and hands the runtime its handler. A function that
// sends no mail gives no sender: then SES is not even part of it.
func Begin(sender Sender, handler func(*app.App) any, more ...Extra) {
	a, err := build(os.Getenv, sender, more...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "kokoma:", err)
		os.Exit(1)
	}
	lambda.Start(handler(a))
}

// build makes the platform that the environment describes.
func build(env func(string) string, sender Sender, more ...Extra) (*app.App, error) {
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
	var carrier mail.Sender
	if sender != nil {
		carrier = sender(env, cfg)
	}
	deps := app.Deps{
		Table: stored, Sender: carrier, LinkKeys: keys, LinkKey: current,
		Base: env("KOKOMA_BASE_URL"), Office: env("KOKOMA_OFFICE"), Now: time.Now, Log: log,
	}
	for _, add := range more {
		add(&deps)
	}
	return app.New(deps)
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
		return openFile(file)
	}
	mainTable, answers := env("KOKOMA_MAIN_TABLE"), env("KOKOMA_ANSWERS_TABLE")
	if mainTable == "" || answers == "" {
		return nil, errors.New("KOKOMA_MAIN_TABLE and KOKOMA_ANSWERS_TABLE are not set")
	}
	return dynamo.New(dynamodb.NewFromConfig(cfg), mainTable, answers), nil
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
