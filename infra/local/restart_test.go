package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kokoma/infra/walk"
)

// childEnv makes the test binary be the platform itself, on the data folder
// that it names: a process that can be killed.
const childEnv = "KOKOMA_LOCAL_CHILD"

func TestMain(m *testing.M) {
	if data := os.Getenv(childEnv); data != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		if err := run(ctx, options{addr: "127.0.0.1:0", data: data, office: office}); err != nil {
			fmt.Fprintln(os.Stderr, "kokoma:", err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	os.Exit(m.Run())
}

// child starts a platform in a process of its own and waits until it serves.
func child(t *testing.T, data string) (*exec.Cmd, *walk.World) {
	t.Helper()
	cmd := exec.Command(os.Args[0]) //nolint:gosec // this test binary
	cmd.Env = append(os.Environ(), childEnv+"="+data)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the platform printed nothing: %v", err)
	}
	_, base, ok := strings.Cut(strings.TrimSpace(line), "runs on ")
	if !ok {
		t.Fatalf("the platform printed %q", line)
	}
	return cmd, &walk.World{Base: base, Now: time.Now}
}

// killAfter is how many acknowledged posts the platform lives.
const killAfter = 60

// TestKillLosesNothingThatWasAcknowledged kills the platform again and again
// while many people type, and looks for every answer that was acknowledged.
func TestKillLosesNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	place := cohort(t, "Musterstadt").Places[0]
	acknowledged := map[string]string{} // section page without host -> what was typed last
	for round := range 3 {
		cmd, w := child(t, data)
		for path, typed := range acknowledged {
			checkKept(t, w, path, typed)
		}
		var mu sync.Mutex
		var typing sync.WaitGroup
		enough := make(chan struct{}) // closed in the thick of it, however slow the machine
		count := 0
		for person := range 6 {
			typing.Go(func() {
				typeUntilKilled(t, w, place, fmt.Sprintf("%d-%d", round, person), func(path, typed string) {
					mu.Lock()
					defer mu.Unlock()
					acknowledged[path] = typed
					if count++; count == killAfter {
						close(enough)
					}
				})
			})
		}
		select {
		case <-enough:
		case <-time.After(time.Minute): // a real process knows no virtual clock
			t.Error("too little was acknowledged within a minute")
		}
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		typing.Wait()
		_ = cmd.Wait() // it was killed
	}
	if len(acknowledged) < 6 {
		t.Fatalf("only %d drafts were acknowledged: the test shows nothing", len(acknowledged))
	}
	cmd, w := child(t, data)
	for path, typed := range acknowledged {
		checkKept(t, w, path, typed)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it does not stop cleanly: %v", err)
	}
}

// jars keeps each person's browser beyond the kill.
var jars sync.Map

func typeUntilKilled(t *testing.T, w *walk.World, place walk.Place, who string, done func(path, typed string)) {
	t.Helper()
	b := w.Browser()
	page, err := b.Open("/interessenbekundung?q=" + place.Name)
	if err != nil {
		return
	}
	if page, err = b.Complete(page, "muni_key", "", walk.Entries{"muni_key": place.Key}, place, w); err != nil {
		return
	}
	path := strings.TrimSuffix(page.URL.Path, "/s1") + "/s2"
	jars.Store(path, b)
	for n := 0; ; n++ {
		typed := fmt.Sprintf("Amt %s Nummer %d", who, n)
		page, err := b.Post(w.Base+path, url.Values{"office_name": {typed}, "_next": {""}})
		if err != nil {
			return
		}
		if page.Status >= 500 {
			t.Errorf("saving answered %d", page.Status)
			return
		}
		done(path, typed)
	}
}

// checkKept opens a section in its person's browser, on the restarted platform.
// What was typed later and never acknowledged may be there instead.
func checkKept(t *testing.T, w *walk.World, path, typed string) {
	t.Helper()
	jar, ok := jars.Load(path)
	if !ok {
		t.Fatal("a draft without its browser")
	}
	b := jar.(*walk.Browser).At(w.Base)
	page, err := b.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := page.Form("office_name")
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	prefix, number, _ := strings.Cut(typed, " Nummer ")
	gotPrefix, gotNumber, _ := strings.Cut(f.Values.Get("office_name"), " Nummer ")
	if gotPrefix != prefix || len(gotNumber) < len(number) || len(gotNumber) == len(number) && gotNumber < number {
		t.Errorf("%s holds %q, acknowledged was %q", path, f.Values.Get("office_name"), typed)
	}
}

func TestStartSaysWhatIsWrongAndTouchesNothing(t *testing.T) {
	t.Parallel()
	locked := t.TempDir()
	p, _ := start(t)
	for name, c := range map[string]struct {
		o    options
		file string // put there as table.db before
		want string
	}{
		"in use":        {o: options{addr: "127.0.0.1:0", data: p.o.data}, want: "is in use"},
		"damaged":       {o: options{addr: "127.0.0.1:0", data: locked}, file: strings.Repeat("no database ", 1000), want: "cannot be opened"},
		"not a folder":  {o: options{addr: "127.0.0.1:0", data: "/dev/null"}, want: "cannot be made"},
		"public":        {o: options{addr: "0.0.0.0:0", data: t.TempDir()}, want: "could be reached from outside"},
		"no address":    {o: options{addr: "8080", data: t.TempDir()}, want: "no listen address"},
		"port is taken": {o: options{addr: strings.TrimPrefix(p.base, "http://"), data: t.TempDir()}, want: "cannot be listened on"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(c.o.data, "table.db")
			if c.file != "" {
				if err := os.WriteFile(file, []byte(c.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			before := fileHash(t, file)
			c.o.office = office
			err := run(t.Context(), c.o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("started with %v, want an error with %q", err, c.want)
			}
			if fileHash(t, file) != before {
				t.Error("the data file was changed")
			}
		})
	}
}

func fileHash(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name) //nolint:gosec // inside a test's folder
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(len(raw), string(raw[:min(len(raw), 4096)]))
}

func TestForeignNamesOfThisMachineAreRefused(t *testing.T) {
	t.Parallel()
	p, _ := start(t)
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "localhost:8080": 200, "[::1]:8080": 200, "localhost": 200,
		"evil.example": 421, "evil.example:8080": 421, "192.0.2.1:8080": 421, "": 421,
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/local/mail.json", nil)
		r.Host = host
		w := httptest.NewRecorder()
		p.handler().ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("host %q: %d, want %d", host, w.Code, want)
		}
	}
}
