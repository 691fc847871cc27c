package intake

import "testing"

func TestDefinitionsCompile(t *testing.T) {
	t.Parallel()
	if err := Check(); err != nil {
		t.Error(err)
	}
}
