package intake

import (
	"testing"

	"kokoma/shared/form"
)

func TestDefinitionsCompile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"forms/intake.yaml", "forms/barrier.yaml"} {
		if _, err := form.Load(Forms, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
