package table

import "context"

// Observe tells a function of each write that happened: the stream's stand-in
// on one machine. It is given what the writer knows of the new images: of a
// put all of it, of an update its Key and the places that it changed. Deletes
// and checks are not told. The function runs before Write returns.
func Observe(inner Table, seen func(context.Context, []Item)) Table {
	return &observed{inner, seen}
}

type observed struct {
	Table
	seen func(context.Context, []Item)
}

// Write passes on and tells.
func (o *observed) Write(ctx context.Context, ops ...Op) error {
	if err := o.Table.Write(ctx, ops...); err != nil {
		return err
	}
	var images []Item
	for _, op := range ops {
		if op.Verb != Putting && op.Verb != Updating {
			continue
		}
		images = append(images, *op.Apply(nil))
	}
	if len(images) > 0 {
		o.seen(ctx, images)
	}
	return nil
}
