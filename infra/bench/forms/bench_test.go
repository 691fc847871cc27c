package forms

import (
	"testing"

	"kokoma/shared/form"
)

// For profiles: go test -run - -bench Submit/T2 -cpuprofile cpu.out ./infra/bench/forms

func BenchmarkSubmit(b *testing.B) {
	each(b, func(f filled) error {
		_, err := submit(f)
		return err
	})
}

func BenchmarkRead(b *testing.B) {
	each(b, func(f filled) error {
		f.form.Read(f.post, "", nil)
		return nil
	})
}

func BenchmarkCheck(b *testing.B) {
	each(b, func(f filled) error {
		f.form.Check(f.answers, "", env)
		return nil
	})
}

func BenchmarkClean(b *testing.B) {
	each(b, func(f filled) error {
		f.form.Clean(f.answers, env)
		return nil
	})
}

func BenchmarkCompile(b *testing.B) {
	each(b, func(f filled) error {
		_, err := form.Compile("bench.yaml", f.source)
		return err
	})
}

// each runs do on both forms.
func each(b *testing.B, do func(filled) error) {
	b.Helper()
	for _, name := range []string{"T2", "intake"} {
		f, err := one(name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := do(f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
