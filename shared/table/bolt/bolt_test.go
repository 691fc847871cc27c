package bolt_test

import (
	"testing"

	"kokoma/shared/table"
	"kokoma/shared/table/tabletest"
)

func TestBoltConforms(t *testing.T) {
	t.Parallel()
	tabletest.Conformance(t, func(t testing.TB) table.Table { return tabletest.New(t) })
}
