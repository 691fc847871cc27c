package dynamo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kokoma/shared/table"
)

type attributes = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func keyOf(k table.Key) attributes { return attributes{"pk": text(k.PK), "sk": text(k.SK)} }

func attributesOf(it table.Item) attributes {
	all := make(attributes)
	for a := range it.Attributes() {
		if a.Number {
			all[a.Name] = &types.AttributeValueMemberN{Value: a.Text}
		} else {
			all[a.Name] = text(a.Text)
		}
	}
	return all
}

func itemOf(name table.Name, all attributes) (table.Item, error) {
	it := table.Item{Key: table.Key{Table: name}}
	for attr, v := range all {
		var err error
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			setText(&it, attr, v.Value)
		case *types.AttributeValueMemberN:
			err = setNumber(&it, attr, v.Value)
		}
		if err != nil {
			return table.Item{}, fmt.Errorf("reading attribute %s: %w", attr, err)
		}
	}
	return it, nil
}

// setText passes over attributes that it does not know: new items meet old
// code.
func setText(it *table.Item, attr, s string) {
	switch attr {
	case "pk":
		it.PK = s
	case "sk":
		it.SK = s
	case "k":
		it.Kind = s
	case "b":
		it.Body = []byte(s)
	case "due_pk":
		it.Due.PK = s
	case "due_sk":
		it.Due.SK = s
	case "due_note":
		it.Due.Note = s
	case "by_pk":
		it.By.PK = s
	case "by_sk":
		it.By.SK = s
	case "by_note":
		it.By.Note = s
	}
}

func setNumber(it *table.Item, attr, digits string) error {
	counter, isCounter := strings.CutPrefix(attr, "n_")
	if !isCounter && attr != "v" && attr != "ttl" {
		return nil
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return err
	}
	switch {
	case attr == "v":
		it.Version = n
	case attr == "ttl":
		it.Expires = time.Unix(n, 0).UTC()
	case it.Counters == nil:
		it.Counters = map[string]int64{counter: n}
	default:
		it.Counters[counter] = n
	}
	return nil
}
