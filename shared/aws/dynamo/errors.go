package dynamo

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"kokoma/shared/table"
)

// refusal is a write that conditions stopped.
type refusal struct{ failed []failure }

// failure is an operation whose condition did not hold for the item before,
// nil when there was none.
type failure struct {
	op     int
	before *table.Item
}

// Error counts; outside it becomes a table.ConflictError.
func (r *refusal) Error() string { return fmt.Sprintf("%d conditions do not hold", len(r.failed)) }

// culprit gives the first operation that really must not happen, false when
// nothing but expired items is in the way.
func (r *refusal) culprit(ops []table.Op, now time.Time) (op int, found bool) {
	for _, f := range r.failed {
		expired := f.before != nil && f.before.ExpiredAt(now)
		if !expired || !ops[f.op].Holds(nil) {
			return f.op, true
		}
	}
	return 0, false
}

// cost is what the write consumed all the same: DynamoDB bills it and does not
// report it.
func (r *refusal) cost(ops []table.Op) table.Units {
	before := make([]*table.Item, len(ops))
	for _, f := range r.failed {
		before[f.op] = f.before
	}
	var sum table.Units
	for i, op := range ops {
		sum = sum.Plus(table.RefusedUnits(before[i], op.Apply(before[i]), len(ops) > 1 || op.Verb == table.Checking))
	}
	return sum
}

// refused gives the refusal that an error is, nil when it is another.
func refused(err error) *refusal {
	if e, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return &refusal{[]failure{{0, beforeOf(e.Item)}}}
	}
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok {
		return nil
	}
	var failed []failure
	for i, reason := range canceled.CancellationReasons {
		if aws.ToString(reason.Code) == "ConditionalCheckFailed" {
			failed = append(failed, failure{i, beforeOf(reason.Item)})
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return &refusal{failed}
}

func beforeOf(all attributes) *table.Item {
	if len(all) == 0 {
		return nil
	}
	it, err := itemOf(table.Main, all)
	if err != nil {
		return nil // then nothing is known of it
	}
	return &it
}

// translate gives DynamoDB's errors the door's names.
func translate(err error) error {
	if canceled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		for i, reason := range canceled.CancellationReasons {
			if named := name(aws.ToString(reason.Code), aws.ToString(reason.Message), i); named != nil {
				return fmt.Errorf("%w (%v)", named, err)
			}
		}
		return err
	}
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		if named := name(e.ErrorCode(), e.ErrorMessage(), 0); named != nil {
			return fmt.Errorf("%w (%v)", named, err)
		}
	}
	return err
}

// name gives the door's error for a code of an answer or of a reason why a
// transaction was cancelled; nil when it has none.
func name(code, message string, op int) error {
	switch strings.TrimSuffix(strings.TrimSuffix(code, "Exception"), "Error") {
	case "TransactionConflict", "TransactionInProgress":
		return &table.ConflictError{Op: op, Collided: true}
	case "ProvisionedThroughputExceeded", "Throttling", "RequestLimitExceeded":
		return table.ErrThrottled
	case "Validation":
		if strings.Contains(strings.ToLower(message), "size") {
			return table.ErrTooLarge
		}
	}
	return nil
}
