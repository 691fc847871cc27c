package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kokoma/shared/table"
)

// spendRead adds what DynamoDB reports to the meter of the context.
func spendRead(ctx context.Context, c *types.ConsumedCapacity) {
	if c != nil {
		table.Spend(ctx, table.Units{Read: aws.ToFloat64(c.CapacityUnits)})
	}
}

func spendWrite(ctx context.Context, c *types.ConsumedCapacity) {
	if c != nil {
		table.Spend(ctx, table.Units{Write: aws.ToFloat64(c.CapacityUnits)})
	}
}
