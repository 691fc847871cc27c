package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// child is a server under load, see server.go.
type child struct {
	ready ready
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *json.Decoder
}

// startChild starts this binary in a role and waits until it is prepared.
func startChild(role string, env ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self) //nolint:gosec // ourselves
	cmd.Env = append(append(os.Environ(), serverEnv+"="+role), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, in: in, out: json.NewDecoder(out)}
	if err := c.out.Decode(&c.ready); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the server %s: %w", role, err), c.stop())
	}
	return c, nil
}

// ask gives a command and waits for what the server has used.
func (c *child) ask(command string) (usage, error) {
	var u usage
	if _, err := fmt.Fprintln(c.in, command); err != nil {
		return u, err
	}
	return u, c.out.Decode(&u)
}

func (c *child) stop() error { return errors.Join(c.in.Close(), c.cmd.Wait()) }

// load does something n times on the server, workers at once, with a
// connection for each of them.
func (c *child) load(n, workers int, do func(*client) error) (result, error) {
	clients := make([]*client, workers)
	for i := range clients {
		var err error
		if clients[i], err = dial(c.ready.Base); err != nil {
			return result{}, err
		}
		defer func() { _ = clients[i].conn.Close() }() // nothing is under way any more
	}
	before, err := c.ask(commandUsage)
	if err != nil {
		return result{}, err
	}
	r, err := times(n, workers, func(worker int) error { return do(clients[worker]) })
	if err != nil {
		return r, err
	}
	after, err := c.ask(commandUsage)
	r.cpu = after.CPU - before.CPU
	return r, err
}

// client speaks as little HTTP as the load needs, since it shares the
// processors with the server: one connection, kept open, requests in turn.
type client struct {
	base string
	conn net.Conn
	in   *bufio.Reader
	out  bytes.Buffer
	body bytes.Buffer

	seen func(exchange) // told of each request and answer; may be nil
}

func dial(base string) (*client, error) {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(base, "http://"), 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &client{base: base, conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// reply is an answer; its body is gone with the next request.
type reply struct {
	status   int
	location string
	cookie   string
	body     []byte
}

func (c *client) get(path, cookie string) (reply, error) {
	return c.request(http.MethodGet, path, cookie, nil)
}

// post sends a form that is written already, in pieces.
func (c *client) post(path string, form ...string) (reply, error) {
	return c.request(http.MethodPost, path, "", form)
}

func (c *client) request(method, path, cookie string, form []string) (reply, error) {
	c.out.Reset()
	fmt.Fprintf(&c.out, "%s %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nSec-Fetch-Site: same-origin\r\n", method, path, c.base[len("http://"):], c.base)
	if cookie != "" {
		fmt.Fprintf(&c.out, "Cookie: %s\r\n", cookie)
	}
	n := 0
	for _, piece := range form {
		n += len(piece)
	}
	if method == http.MethodPost {
		fmt.Fprintf(&c.out, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", n)
	}
	c.out.WriteString("\r\n")
	for _, piece := range form {
		c.out.WriteString(piece)
	}
	if err := c.conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return reply{}, err
	}
	if _, err := c.conn.Write(c.out.Bytes()); err != nil {
		return reply{}, err
	}
	r, err := c.read()
	if c.seen != nil {
		c.seen(exchange{method, n, len(r.body)})
	}
	return r, err
}

func (c *client) read() (reply, error) {
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return reply{}, err
	}
	c.body.Reset()
	_, err = c.body.ReadFrom(res.Body)
	cookie, _, _ := strings.Cut(res.Header.Get("Set-Cookie"), ";")
	return reply{res.StatusCode, res.Header.Get("Location"), cookie, c.body.Bytes()}, errors.Join(err, res.Body.Close())
}

// want makes an error of an answer with another status.
func (r reply) want(status int, err error) error {
	if err == nil && r.status != status {
		err = fmt.Errorf("status %d, want %d: %.600s", r.status, status, r.body)
	}
	return err
}

// hidden is the value of a hidden field of a page, for a form that is written
// already. The values of the fields that are asked for have nothing in them
// that a form would write otherwise.
func (r reply) hidden(name string) (string, error) {
	_, rest, ok := bytes.Cut(r.body, []byte(`name="`+name+`" value="`))
	value, _, closed := bytes.Cut(rest, []byte(`"`))
	if !ok || !closed {
		return "", fmt.Errorf("the page has no field %s: %.600s", name, r.body)
	}
	return html.UnescapeString(string(value)), nil
}
