// Package runtimeapi is a small Lambda Runtime API on loopback: it starts a
// function's binary as Lambda does, hands it one event after the other and
// takes its answers. Tests and the start-up benchmark use it; the emulator that
// AWS publishes cannot be had as a Go module.
//
// The protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
package runtimeapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// Function is one running function.
type Function struct {
	server  *http.Server
	cmd     *exec.Cmd
	events  chan []byte
	answers chan Answer
	exited  chan struct{}
	output  syncBuffer

	first   sync.Once
	ready   chan struct{} // closed at the first request for work
	started time.Time
	asked   time.Time
}

// Answer is what the function said to one event.
type Answer struct {
	Body   []byte
	Failed bool // it was posted to …/error
}

// Start runs a binary against a Runtime API of its own. env is added to an
// otherwise empty environment, as on Lambda.
func Start(ctx context.Context, binary string, env ...string) (*Function, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &Function{events: make(chan []byte), answers: make(chan Answer, 1), exited: make(chan struct{}), ready: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", f.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", f.answer)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", f.answer)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", f.answer)
	f.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = f.server.Serve(listener) }() // ends with Stop

	f.cmd = exec.CommandContext(ctx, binary) //nolint:gosec // the caller built it
	f.cmd.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String(), "AWS_LAMBDA_FUNCTION_NAME=test", "AWS_LAMBDA_FUNCTION_VERSION=1",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"PATH=" + os.Getenv("PATH"),
	}, env...)
	f.cmd.Stdout, f.cmd.Stderr = &f.output, &f.output
	f.started = time.Now()
	if err := f.cmd.Start(); err != nil {
		return nil, errors.Join(err, f.server.Close())
	}
	go func() {
		_ = f.cmd.Wait() // it is killed by Stop; an early end shows in Invoke
		close(f.exited)
	}()
	return f, nil
}

// Ready waits for the first request for work and says how long it took from
// exec.
func (f *Function) Ready(ctx context.Context) (time.Duration, error) {
	select {
	case <-f.ready:
		return f.asked.Sub(f.started), nil
	case <-f.exited:
		return 0, fmt.Errorf("the function ended at its start: %s", f.output.String())
	case <-ctx.Done():
		return 0, fmt.Errorf("the function never asked for work: %w\n%s", ctx.Err(), f.output.String())
	}
}

// Invoke hands over one event and waits for the answer.
func (f *Function) Invoke(ctx context.Context, event []byte) (Answer, error) {
	select {
	case f.events <- event:
	case <-f.exited:
		return Answer{}, fmt.Errorf("the function has ended: %s", f.output.String())
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
	select {
	case a := <-f.answers:
		return a, nil
	case <-f.exited:
		return Answer{}, fmt.Errorf("the function ended in the middle: %s", f.output.String())
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

// Stop ends the function and its API.
func (f *Function) Stop() error {
	err := f.cmd.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	<-f.exited
	return errors.Join(err, f.server.Close())
}

// Output is what the function has written so far.
func (f *Function) Output() string { return f.output.String() }

func (f *Function) next(w http.ResponseWriter, r *http.Request) {
	f.first.Do(func() {
		f.asked = time.Now()
		close(f.ready)
	})
	select {
	case e := <-f.events:
		h := w.Header()
		h.Set("Lambda-Runtime-Aws-Request-Id", "00000000-0000-4000-8000-000000000001")
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:test")
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(20*time.Second).UnixMilli(), 10))
		_, _ = w.Write(e) // a function that hangs up shows in Invoke
	case <-r.Context().Done():
	}
}

func (f *Function) answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	w.WriteHeader(http.StatusAccepted)
	f.answers <- Answer{Body: body, Failed: err != nil || r.PathValue("id") == "" || r.URL.Path[len(r.URL.Path)-len("error"):] == "error"}
}

// syncBuffer takes the output of a process while others read it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
