package forms

func (b *bench) engines() error { return nil }
