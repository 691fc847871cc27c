// Package dynamo keeps tables in DynamoDB.
//
// Both tables have the string keys pk and sk. The other attributes:
//
//	v     N  version, absent when 0
//	k     S  kind
//	b     S  body, JSON
//	n_…   N  a counter
//	ttl   N  second of expiry, the table's TTL attribute
//	due_pk, due_sk, due_note   S  place in index due
//	by_pk,  by_sk,  by_note    S  place in index by
//
// The indexes are named due-index and by-index. They project k and their own
// note, nothing else (IndexName and Project say so in code).
//
// One operation is a PutItem, UpdateItem or DeleteItem; several are one
// TransactWriteItems. A lone check is a transaction of one, too. When a plain
// write's answer is lost, the SDK sends it again: a condition may then refuse
// what it let pass the first time, and counters without a condition may count
// twice. Transactions carry a token and do not have that.
//
// DynamoDB deletes expired items some days late. A write that is refused
// because of one removes it and is tried once more, so that it counts as
// absent here as elsewhere.
package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kokoma/shared/table"
)

// Client is what is needed of a *dynamodb.Client.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Option changes how the tables are used.
type Option func(*tables)

// Clock gives the time by which items expire, in place of time.Now.
func Clock(now func() time.Time) Option { return func(t *tables) { t.now = now } }

type tables struct {
	client Client
	names  map[table.Name]*string
	now    func() time.Time
}

// New gives the two tables of these names, within the limits of package table.
func New(client Client, mainName, answersName string, options ...Option) table.Table {
	t := &tables{
		client: client,
		names:  map[table.Name]*string{table.Main: &mainName, table.Answers: &answersName},
		now:    time.Now,
	}
	for _, o := range options {
		o(t)
	}
	return table.Limited(t)
}

// Get reads one item.
func (t *tables) Get(ctx context.Context, k table.Key) (table.Item, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:              t.names[k.Table],
		Key:                    keyOf(k),
		ConsistentRead:         aws.Bool(true),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
	})
	if err != nil {
		return table.Item{}, fmt.Errorf("reading %s: %w", k, translate(err))
	}
	spendRead(ctx, out.ConsumedCapacity)
	if len(out.Item) == 0 {
		return table.Item{}, table.ErrNotFound
	}
	it, err := itemOf(k.Table, out.Item)
	if err != nil {
		return table.Item{}, fmt.Errorf("reading %s: %w", k, err)
	}
	if it.ExpiredAt(t.now()) {
		return table.Item{}, table.ErrNotFound
	}
	return it, nil
}
