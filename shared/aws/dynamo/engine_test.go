package dynamo_test

import (
	"testing"

	"kokoma/shared/aws/dynamo/dynamotest"
	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
)

// All figures of the suite agree with what the engine reports. Units of
// refused writes are the exception: neither DynamoDB nor the engine reports
// them, so they are computed.
func TestDynamoConforms(t *testing.T) {
	t.Parallel()
	client := dynamotest.Client(t)
	tabletest.Conformance(t, func(t testing.TB) table.Table { return dynamotest.New(t, client) })
}
