package cases

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"kokoma/shared/table"
	"kokoma/shared/workflow/process"
)

// packed is a definition as the table keeps it, for the cases that stay on it.
type packed struct {
	Files []byte `json:"gzip"`
}

// Publish keeps the shipped definition, so that cases that begin on it can be
// finished on it after the next release. Doing it again changes nothing.
func (x *Service) Publish(ctx context.Context) error {
	d, err := x.Current()
	if err != nil {
		return err
	}
	x.mu.Lock()
	done := x.published
	x.mu.Unlock()
	if done {
		return nil
	}
	if err := x.Keep(ctx, d); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.published = true
	return nil
}

// there ends the key of the small item that says that the large one is there: a
// function asks for it each time it starts.
const there = "#there"

// Keep keeps a version of the process, so that cases can stand on it. Doing it
// again changes nothing.
func (x *Service) Keep(ctx context.Context, d *process.Definition) error {
	key := table.Key{PK: defPK, SK: d.Hash + there}
	_, err := x.Table.Get(ctx, key)
	if errors.Is(err, table.ErrNotFound) {
		err = x.keepDefinition(ctx, d, key)
	}
	if err != nil {
		return fmt.Errorf("publishing the process: %w", err)
	}
	return nil
}

// Kept are the hashes of the versions that are kept.
func (x *Service) Kept(ctx context.Context) ([]string, error) {
	var out []string
	for it, err := range table.All(ctx, x.Table, table.Query{PK: defPK}) {
		if err != nil {
			return nil, fmt.Errorf("listing the versions of the process: %w", err)
		}
		if hash, ok := strings.CutSuffix(it.SK, there); ok {
			out = append(out, hash)
		}
	}
	return out, nil
}

func (x *Service) keepDefinition(ctx context.Context, d *process.Definition, there table.Key) error {
	b, err := pack(d.Source)
	if err != nil {
		return err
	}
	err = x.Table.Write(ctx,
		table.Put(table.Item{Key: table.Key{PK: defPK, SK: d.Hash}, Kind: "definition", Body: b}, table.Absent()),
		table.Put(table.Item{Key: there, Kind: "definition"}, table.Absent()))
	if errors.Is(err, table.ErrConflict) {
		return nil // another process did it
	}
	return err
}

func pack(source map[string]string) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if err := json.NewEncoder(w).Encode(source); err != nil {
		return nil, fmt.Errorf("packing the process: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("packing the process: %w", err)
	}
	return json.Marshal(packed{b.Bytes()})
}

func unpack(body []byte) (map[string]string, error) {
	var p packed
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(p.Files))
	if err != nil {
		return nil, err
	}
	source := map[string]string{}
	return source, json.NewDecoder(io.LimitReader(r, 16<<20)).Decode(&source)
}

// Definition is the version of the process with that hash: the shipped one, or
// one that an earlier release kept.
func (x *Service) Definition(ctx context.Context, hash string) (*process.Definition, error) {
	d, err := x.Current()
	if err != nil {
		return nil, err
	}
	if d.Hash == hash {
		return d, nil
	}
	x.mu.Lock()
	d = x.defs[hash]
	x.mu.Unlock()
	if d != nil {
		return d, nil
	}
	it, err := x.Table.Get(ctx, table.Key{PK: defPK, SK: hash})
	if err != nil {
		return nil, fmt.Errorf("reading version %s of the process: %w", hash, err)
	}
	source, err := unpack(it.Body)
	if err != nil {
		return nil, fmt.Errorf("reading version %s of the process: %v", hash, err)
	}
	if d, err = process.Stored(source); err != nil {
		return nil, fmt.Errorf("reading version %s of the process: %w", hash, err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.defs[hash] = d
	return d, nil
}
