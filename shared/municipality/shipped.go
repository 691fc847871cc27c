package municipality

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

// places.csv: the municipalities known to have taken part, some large cities
// as examples, and fictional places for demonstrations, whose keys and
// postcodes no real place has. Populations are rounded and undated.
//
//go:embed places.csv
var placesCSV string

var shipped = sync.OnceValue(func() []Municipality {
	var out []Municipality
	for line := range strings.Lines(placesCSV) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, ";")
		population, err := strconv.Atoi(f[4])
		if err != nil {
			panic("municipality: places.csv: " + line)
		}
		out = append(out, Municipality{Key: f[0], Name: f[1], Kind: f[2], Land: LandOf(f[0]), Postcode: f[3], Population: population})
	}
	return out
})
