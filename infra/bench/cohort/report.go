package cohort

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"kokoma/shared/workflow/process"
)

// cost is what a run took.
type cost struct {
	days      int
	wall, cpu time.Duration
}

// report prints the figures, after a last look at the mails.
func (l *life) report(ctx context.Context, w io.Writer, c cost) error {
	mails, err := l.post.settle()
	if err != nil {
		return err
	}
	info, err := os.Stat(l.file)
	if err != nil {
		return err
	}
	did, statuses, commands, steps, err := l.counted(ctx)
	if err != nil {
		return err
	}
	n := float64(len(l.places))
	write, read := l.meter.Units()
	fmt.Fprintf(w, "%d municipalities over %d virtual days, each with all shipped steps; people at %d places at once, the clock from one due\n"+
		"moment to the next. Checked %d times: events without gaps, every accepted command once, stored cases equal to their events, no\n"+
		"open step that nobody sees; of each mail what became of it; no second mail about steps a person and day, none outside the window.\n"+
		"Surveys run and are closed without answers; nothing is clicked: commands are given, pages are not opened.\n\n",
		len(l.places), c.days, atOnce, l.checks.Load())
	fmt.Fprintf(w, "| | in all | a municipality |\n|---|---|---|\n| steps done | %d | %.0f |\n| commands of people | %d | %.0f |\n| messages handed over | %d | %.0f |\n"+
		"| units written | %.0f | %.0f |\n| units read | %.0f | %.0f |\n| wall time | %.1f s | %.2f s |\n| CPU time | %.1f s | %.2f s |\n| file | %.1f MB | %.2f MB |\n"+
		"| a virtual day, wall time | %.1f ms | |\n\n",
		steps, float64(steps)/n, commands, float64(commands)/n, l.post.given, float64(l.post.given)/n, write, write/n, read, read/n,
		c.wall.Seconds(), c.wall.Seconds()/n, c.cpu.Seconds(), c.cpu.Seconds()/n, mega(info.Size()), mega(info.Size())/n,
		float64(c.wall.Milliseconds())/float64(c.days))
	fmt.Fprintf(w, "Cases: %s. How steps were done, and the commands: %s.\n\n| mails | wanted | sent, alone or in a digest | dropped: out of date, or a newer one went | waiting |\n|---|---|---|---|---|\n",
		listed(statuses), listed(did))
	for _, name := range slices.Sorted(maps.Keys(mails)) {
		f := mails[name]
		fmt.Fprintf(w, "| %s | %d | %d | %d | %d |\n", name, f.wanted, f.sent, f.dropped, f.waiting)
	}
	return nil
}

func mega(n int64) float64 { return float64(n) / (1 << 20) }

// counted adds up what happened at all places.
func (l *life) counted(ctx context.Context) (did, statuses map[string]int, commands, steps int, err error) {
	did, statuses = map[string]int{}, map[string]int{}
	for _, p := range l.places {
		for k, n := range p.did {
			did[strings.TrimPrefix(k, "command.")] += n
		}
		commands += len(p.given)
		c, err := l.cases.Load(ctx, p.id)
		if err != nil {
			return nil, nil, 0, 0, err
		}
		statuses[string(c.Head.Status)]++
		all, err := l.cases.AllSteps(ctx, p.id)
		if err != nil {
			return nil, nil, 0, 0, err
		}
		for _, st := range all {
			if st.State == process.Done {
				steps++
			}
		}
	}
	return did, statuses, commands, steps, nil
}

func listed(m map[string]int) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fmt.Sprintf("%d %s", m[k], k))
	}
	return strings.Join(out, ", ")
}
