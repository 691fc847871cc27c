package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kokoma/shared/table"
)

// IndexName is the name of an index in DynamoDB, which wants three letters.
func IndexName(ix table.Index) string { return string(ix) + "-index" }

// Project gives the attributes that an index projects beside the keys.
func Project(ix table.Index) []string { return []string{"k", string(ix) + "_note"} }

// CreateTables makes both tables as template.yaml does, for tests: paid by
// request, the indexes and the stream on main alone.
func CreateTables(ctx context.Context, client *dynamodb.Client, mainName, answersName string) error {
	main := &dynamodb.CreateTableInput{
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewImage,
		},
	}
	for _, ix := range []table.Index{table.Due, table.By} {
		pk, sk := string(ix)+"_pk", string(ix)+"_sk"
		main.AttributeDefinitions = append(main.AttributeDefinitions, stringAttributes(pk, sk)...)
		main.GlobalSecondaryIndexes = append(main.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(IndexName(ix)),
			KeySchema: keySchema(pk, sk),
			Projection: &types.Projection{
				ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: Project(ix),
			},
		})
	}
	return errors.Join(
		create(ctx, client, mainName, main),
		create(ctx, client, answersName, &dynamodb.CreateTableInput{}),
	)
}

func create(ctx context.Context, client *dynamodb.Client, name string, in *dynamodb.CreateTableInput) error {
	in.TableName = aws.String(name)
	in.BillingMode = types.BillingModePayPerRequest
	in.KeySchema = keySchema("pk", "sk")
	in.AttributeDefinitions = append(in.AttributeDefinitions, stringAttributes("pk", "sk")...)
	if _, err := client.CreateTable(ctx, in); err != nil {
		return fmt.Errorf("creating table %s: %w", name, err)
	}
	return nil
}

func keySchema(pk, sk string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(pk), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sk), KeyType: types.KeyTypeRange},
	}
}

func stringAttributes(names ...string) []types.AttributeDefinition {
	var all []types.AttributeDefinition
	for _, name := range names {
		all = append(all, types.AttributeDefinition{
			AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS,
		})
	}
	return all
}
