package municipality

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"kokoma/shared/table"
)

// pageSize bounds what one search reads: at some 200 bytes an item about 20 KB.
const pageSize = 100

const kind = "municipality"

func keyPlace(key string) table.Key {
	return table.Key{Table: table.Main, PK: "municipality#key#" + key[:2], SK: key}
}

func postcodePlace(postcode, key string) table.Key {
	return table.Key{Table: table.Main, PK: "municipality#postcode#" + postcode[:1], SK: postcode + "#" + key}
}

func namePlace(word, key string) table.Key {
	_, first := utf8.DecodeRuneInString(word)
	return table.Key{Table: table.Main, PK: "municipality#name#" + word[:first], SK: word + "#" + key}
}

// places are all keys under which m is stored.
func places(m Municipality) []table.Key {
	keys := []table.Key{keyPlace(m.Key)}
	if m.Postcode != "" {
		keys = append(keys, postcodePlace(m.Postcode, m.Key))
	}
	words := strings.Fields(fold(m.Name))
	slices.Sort(words)
	for _, word := range slices.Compact(words) {
		keys = append(keys, namePlace(word, m.Key))
	}
	return keys
}

func decode(it table.Item) (Municipality, error) {
	var m Municipality
	if err := json.Unmarshal(it.Body, &m); err != nil {
		return m, fmt.Errorf("reading municipality %s: %v", it.SK, err)
	}
	return m, nil
}

// stored adds what the imported register answers to the hits. The index of
// words can be a moment old, which does not matter for a yearly list.
func (r *Register) stored(ctx context.Context, ask question, hits map[string]Municipality) error {
	if r.table == nil {
		return nil
	}
	for _, q := range queries(ask) {
		page, err := r.table.Query(ctx, q)
		if err != nil {
			return err
		}
		for _, it := range page.Items {
			m, err := decode(it)
			if err != nil {
				return err
			}
			if ask.matches(m) {
				hits[m.Key] = m
			}
		}
	}
	return nil
}

// queries are the one or two partitions that can answer.
func queries(ask question) []table.Query {
	if ask.digits == "" {
		return []table.Query{partition(namePlace(ask.longest(), ""))}
	}
	var out []table.Query
	if len(ask.digits) <= 5 {
		out = append(out, partition(postcodePlace(ask.digits, "")))
	}
	if len(ask.digits) <= 8 {
		out = append(out, partition(keyPlace(ask.digits)))
	}
	return out
}

func partition(k table.Key) table.Query {
	return table.Query{Table: k.Table, PK: k.PK, Prefix: strings.TrimSuffix(k.SK, "#"), Limit: pageSize, Eventual: true}
}
