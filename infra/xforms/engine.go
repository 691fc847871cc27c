package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// request and reply are lines to and from engine.mjs.
type request struct {
	Name      string   `json:"name"`
	XML       string   `json:"xml"`
	Sequences [][]Step `json:"sequences"`
}

type reply struct {
	Name   string     `json:"name"`
	Error  string     `json:"error"`
	States [][]States `json:"states"`
}

// webForms runs forms through ODK Web Forms, in one process of Node.js with
// this time zone.
func webForms(ctx context.Context, corpus []*Case, zone string) (map[string]reply, error) {
	var in bytes.Buffer
	for _, c := range corpus {
		line, err := json.Marshal(request{Name: c.Name, XML: c.xml, Sequences: c.engineSequences()})
		if err != nil {
			return nil, err
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.CommandContext(ctx, "node", "infra/xforms/engine.mjs")
	cmd.Env = append(os.Environ(), "TZ="+zone, "WALL="+wall.Format("2006-01-02T15:04:05"))
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("running ODK Web Forms (is npm ci done in infra/e2e?): %w", err)
	}
	return replies(out)
}

func replies(out []byte) (map[string]reply, error) {
	found := map[string]reply{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var r reply
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("reading what ODK Web Forms said: %w", err)
		}
		found[r.Name] = r
	}
	return found, lines.Err()
}

// engineSequences are the sequences with times as Web Forms takes them.
func (c *Case) engineSequences() [][]Step {
	out := make([][]Step, len(c.Sequences))
	for i, sequence := range c.Sequences {
		for _, step := range sequence {
			var ops Step
			for _, op := range step {
				if op.Do == "set" {
					op.Value = c.timed(op)
				}
				ops = append(ops, op)
			}
			out[i] = append(out[i], ops)
		}
	}
	return out
}

func (c *Case) timed(op Op) string {
	for _, layout := range []string{"15:04", "2006-01-02T15:04"} {
		n := c.node(op.Field)
		if _, err := time.Parse(layout, op.Value); err == nil && n != nil && (n.Type == "time" || n.Type == "datetime") {
			return op.Value + ":00"
		}
	}
	return op.Value
}
