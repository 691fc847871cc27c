// Package evaluation shows what surveys found, for one municipality and over all of them. It reads
// snapshots and never an answer, so what a page costs does not grow with the answers. Read
// evaluation.go (Closed), over.go (what is published over all, and when), web.go (who may see what), overview.go and
// survey.go (the pages as data).
//
// Key in the main table:
//
//	evaluation / overview   kind "overview": Overview, versioned. Made anew from all snapshots whenever a
//	                        survey closes; each kind of survey is a wave in it. What it keeps of the one
//	                        before is the step with which each survey came into the values over all.
//
// If the process dies before that write, the survey that closed is still due and calls Closed again.
package evaluation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kokoma/shared/table"
)

var overviewKey = table.Key{PK: "evaluation", SK: "overview"}

// overview reads the one item that the page shows; empty before the first survey closed.
func (x *Service) overview(ctx context.Context) (Overview, int64, error) {
	var o Overview
	it, err := x.Table.Get(ctx, overviewKey)
	if errors.Is(err, table.ErrNotFound) {
		return o, 0, nil
	}
	if err != nil {
		return o, 0, fmt.Errorf("reading the overview: %w", err)
	}
	if err := json.Unmarshal(it.Body, &o); err != nil {
		return o, 0, fmt.Errorf("reading the overview: %v", err)
	}
	return o, it.Version, nil
}

func put(o Overview, version int64) table.Op {
	body, err := json.Marshal(o)
	if err != nil {
		panic("evaluation: " + err.Error()) // our own types always can be written
	}
	return table.Put(table.Item{Key: overviewKey, Version: version + 1, Kind: "overview", Body: body}, table.AtVersion(version))
}
