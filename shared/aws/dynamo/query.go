package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kokoma/shared/table"
)

// Query reads one page. Where expired items were passed over it asks again, so
// that a page is short only at its end or at 1 MB.
func (t *tables) Query(ctx context.Context, q table.Query) (table.Page, error) {
	var page table.Page
	if low, high := span(q); high != "" && low > high {
		return page, nil
	}
	limit := q.Limit
	for {
		more, passed, err := t.page(ctx, q)
		if err != nil {
			return table.Page{}, fmt.Errorf("reading partition %q: %w", q.PK, err)
		}
		page.Items = append(page.Items, more.Items...)
		page.Cursor = more.Cursor
		if !passed || more.Cursor == "" || limit == 0 || len(page.Items) >= limit {
			return page, nil
		}
		q.Cursor, q.Limit = more.Cursor, limit-len(page.Items)
	}
}

// page sends one request and says whether it passed over expired items.
func (t *tables) page(ctx context.Context, q table.Query) (page table.Page, passed bool, err error) {
	in, err := t.question(q)
	if err != nil {
		return page, false, err
	}
	out, err := t.client.Query(ctx, in)
	if err != nil {
		return page, false, translate(err)
	}
	spendRead(ctx, out.ConsumedCapacity)
	now := t.now()
	for _, all := range out.Items {
		it, err := itemOf(q.Table, all)
		if err != nil {
			return page, false, err
		}
		if it.ExpiredAt(now) {
			passed = true
			continue
		}
		page.Items = append(page.Items, it)
	}
	if len(out.LastEvaluatedKey) > 0 {
		last, err := itemOf(q.Table, out.LastEvaluatedKey)
		if err != nil {
			return page, false, err
		}
		page.Cursor = table.MarkOf(q, last).Cursor()
	}
	return page, passed, nil
}

func (t *tables) question(q table.Query) (*dynamodb.QueryInput, error) {
	pk, sk := "pk", "sk"
	in := &dynamodb.QueryInput{
		TableName:              t.names[q.Table],
		ScanIndexForward:       aws.Bool(!q.Desc),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
	}
	if q.Index == table.Primary {
		in.ConsistentRead = aws.Bool(!q.Eventual)
	} else {
		in.IndexName = aws.String(IndexName(q.Index))
		pk, sk = string(q.Index)+"_pk", string(q.Index)+"_sk"
	}
	if q.Limit > 0 {
		in.Limit = aws.Int32(int32(min(q.Limit, 1<<20)))
	}
	var e expression
	condition := e.same(pk, q.PK)
	if r := e.span(sk, q); r != "" {
		condition += " AND " + r
	}
	in.KeyConditionExpression = aws.String(condition)
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = e.names, e.values
	mark, ok, err := q.Mark()
	if ok {
		in.ExclusiveStartKey = startKey(q, mark)
	}
	return in, err
}

// lastRune, behind a prefix, ends the range of the sort keys that have it. It
// is no character.
const lastRune = "\U0010FFFF"

// span gives the range of sort keys, both ends inclusive, the empty string for
// an open one: DynamoDB takes only one condition on the sort key.
func span(q table.Query) (low, high string) {
	low, high = max(q.From, q.Prefix), q.To
	if end := q.Prefix + lastRune; q.Prefix != "" && (high == "" || high > end) {
		high = end
	}
	return low, high
}

func (e *expression) span(sk string, q table.Query) string {
	low, high := span(q)
	switch {
	case low == "" && high == "":
		return ""
	case low != "" && low == q.Prefix && high == q.Prefix+lastRune:
		return "begins_with(" + e.name(sk) + ", " + e.value(text(q.Prefix)) + ")"
	case high == "":
		return e.name(sk) + " >= " + e.value(text(low))
	case low == "":
		return e.name(sk) + " <= " + e.value(text(high))
	}
	return e.name(sk) + " BETWEEN " + e.value(text(low)) + " AND " + e.value(text(high))
}

func startKey(q table.Query, m table.Mark) attributes {
	if q.Index == table.Primary {
		return attributes{"pk": text(q.PK), "sk": text(m.SK)}
	}
	return attributes{
		"pk": text(m.PK), "sk": text(m.SK),
		string(q.Index) + "_pk": text(q.PK), string(q.Index) + "_sk": text(m.Place),
	}
}
