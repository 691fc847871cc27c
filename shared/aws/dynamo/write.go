package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kokoma/shared/table"
)

// Write sends the operations. When nothing but expired items stands in the
// way it removes those and sends them once more.
func (t *tables) Write(ctx context.Context, ops ...table.Op) error {
	err := t.send(ctx, ops)
	r, ok := errors.AsType[*refusal](err)
	if !ok {
		return err
	}
	if op, found := r.culprit(ops, t.now()); found {
		return &table.ConflictError{Op: op}
	}
	if err := t.removeExpired(ctx, ops, r); err != nil {
		return err
	}
	err = t.send(ctx, ops)
	if r, ok := errors.AsType[*refusal](err); ok {
		return &table.ConflictError{Op: r.failed[0].op}
	}
	return err
}

func (t *tables) send(ctx context.Context, ops []table.Op) error {
	items, now := make([]types.TransactWriteItem, len(ops)), t.now()
	for i, op := range ops {
		items[i] = t.request(op, now)
	}
	var err error
	if len(ops) == 1 && ops[0].Verb != table.Checking {
		err = t.plain(ctx, items[0])
	} else {
		err = t.transact(ctx, items)
	}
	if err == nil {
		return nil
	}
	if r := refused(err); r != nil {
		table.Spend(ctx, r.cost(ops))
		return r
	}
	return fmt.Errorf("writing %s: %w", ops[0].Item.Key, translate(err))
}

// request writes an operation as a part of a transaction.
func (t *tables) request(op table.Op, now time.Time) types.TransactWriteItem {
	var e expression
	var change *string
	if op.Verb == table.Updating {
		change = e.update(op.Change)
	}
	name, key := t.names[op.Item.Table], keyOf(op.Item.Key)
	condition, old := e.condition(op, now), types.ReturnValuesOnConditionCheckFailureAllOld
	if condition == nil {
		old = ""
	}
	switch op.Verb {
	case table.Putting:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: name, Item: attributesOf(op.Item), ConditionExpression: condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values, ReturnValuesOnConditionCheckFailure: old,
		}}
	case table.Updating:
		return types.TransactWriteItem{Update: &types.Update{
			TableName: name, Key: key, UpdateExpression: change, ConditionExpression: condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values, ReturnValuesOnConditionCheckFailure: old,
		}}
	case table.Deleting:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: name, Key: key, ConditionExpression: condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values, ReturnValuesOnConditionCheckFailure: old,
		}}
	}
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: name, Key: key, ConditionExpression: condition,
		ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values, ReturnValuesOnConditionCheckFailure: old,
	}}
}

func (t *tables) transact(ctx context.Context, items []types.TransactWriteItem) error {
	out, err := t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems:          items,
		ClientRequestToken:     aws.String(rand.Text()),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
	})
	if err != nil {
		return err
	}
	for i := range out.ConsumedCapacity {
		spendWrite(ctx, &out.ConsumedCapacity[i])
	}
	return nil
}

// plain sends the one part of a transaction as a request of its own.
func (t *tables) plain(ctx context.Context, it types.TransactWriteItem) error {
	var used *types.ConsumedCapacity
	const tell = types.ReturnConsumedCapacityIndexes
	switch {
	case it.Put != nil:
		p := it.Put
		out, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: p.TableName, Item: p.Item, ConditionExpression: p.ConditionExpression,
			ExpressionAttributeNames: p.ExpressionAttributeNames, ExpressionAttributeValues: p.ExpressionAttributeValues,
			ReturnValuesOnConditionCheckFailure: p.ReturnValuesOnConditionCheckFailure, ReturnConsumedCapacity: tell,
		})
		if err != nil {
			return err
		}
		used = out.ConsumedCapacity
	case it.Update != nil:
		u := it.Update
		out, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression, ConditionExpression: u.ConditionExpression,
			ExpressionAttributeNames: u.ExpressionAttributeNames, ExpressionAttributeValues: u.ExpressionAttributeValues,
			ReturnValuesOnConditionCheckFailure: u.ReturnValuesOnConditionCheckFailure, ReturnConsumedCapacity: tell,
		})
		if err != nil {
			return err
		}
		used = out.ConsumedCapacity
	default:
		d := it.Delete
		out, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: d.TableName, Key: d.Key, ConditionExpression: d.ConditionExpression,
			ExpressionAttributeNames: d.ExpressionAttributeNames, ExpressionAttributeValues: d.ExpressionAttributeValues,
			ReturnValuesOnConditionCheckFailure: d.ReturnValuesOnConditionCheckFailure, ReturnConsumedCapacity: tell,
		})
		if err != nil {
			return err
		}
		used = out.ConsumedCapacity
	}
	spendWrite(ctx, used)
	return nil
}

// removeExpired deletes the expired items that made conditions fail, unless
// they were renewed meanwhile.
func (t *tables) removeExpired(ctx context.Context, ops []table.Op, r *refusal) error {
	for _, f := range r.failed {
		key := ops[f.op].Item.Key
		out, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName:                 t.names[key.Table],
			Key:                       keyOf(key),
			ConditionExpression:       aws.String("#ttl <= :0"),
			ExpressionAttributeNames:  map[string]string{"#ttl": "ttl"},
			ExpressionAttributeValues: attributes{":0": number(t.now().Unix())},
			ReturnConsumedCapacity:    types.ReturnConsumedCapacityIndexes,
		})
		if err != nil && refused(err) == nil {
			return fmt.Errorf("removing expired %s: %w", key, translate(err))
		}
		if err == nil {
			spendWrite(ctx, out.ConsumedCapacity)
		}
	}
	return nil
}
