// Package dynamotest runs tests against a DynamoDB-compatible engine that
// others wrote: npm @dynoxide/linux-x64, which infra/e2e installs.
package dynamotest

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kokoma/shared/aws/dynamo"
	"kokoma/shared/table"
)

// BinaryVariable names the environment variable that says where the engine is.
const BinaryVariable = "KOKOMA_DYNOXIDE"

const installed = "infra/e2e/node_modules/@dynoxide/linux-x64/dynoxide"

// Client starts an empty engine that ends with the test. Where there is none
// the test is skipped, but in CI (CI=true) it fails.
func Client(t testing.TB) *dynamodb.Client {
	t.Helper()
	binary, err := find()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	for range 3 { // the port that was free may be taken before the engine has it
		var url string
		if url, err = start(t, binary); err == nil {
			return connect(url)
		}
	}
	t.Fatal(err)
	return nil
}

// New gives empty tables of the engine.
func New(t testing.TB, client *dynamodb.Client, options ...dynamo.Option) table.Table {
	t.Helper()
	main, answers := "main-"+rand.Text(), "answers-"+rand.Text()
	if err := dynamo.CreateTables(t.Context(), client, main, answers); err != nil {
		t.Fatal(err)
	}
	return dynamo.New(client, main, answers, options...)
}

func find() (string, error) {
	if path := os.Getenv(BinaryVariable); path != "" {
		return path, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(installed))
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no DynamoDB engine to test against: run npm ci in infra/e2e, or name the binary in " + BinaryVariable)
}

// start runs the engine until the test ends and gives its address.
func start(t testing.TB, binary string) (string, error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	cmd := exec.CommandContext(ctx, binary, "serve", "--host", "127.0.0.1", "--port", port)
	out, err := cmd.StderrPipe()
	if err != nil {
		stop()
		return "", err
	}
	if err := cmd.Start(); err != nil {
		stop()
		return "", fmt.Errorf("starting the engine: %w", err)
	}
	end := func() {
		stop()
		_ = cmd.Wait() // it was killed, and says so
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if !strings.Contains(lines.Text(), "listening") {
			continue
		}
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			_, _ = io.Copy(io.Discard, out)
		}()
		t.Cleanup(func() { stop(); <-drained; end() })
		return "http://127.0.0.1:" + port, nil
	}
	end()
	return "", fmt.Errorf("the engine ended at once on port %s", port)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

func connect(url string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(url),
		Region:       "eu-central-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
}
