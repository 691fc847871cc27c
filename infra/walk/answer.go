package walk

import (
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// AnswerSurvey answers an anonymous survey through its link: the voice decides
// what is chosen, so that the same voice always says the same.
func (w *World) AnswerSurvey(link, voice string) (*Page, error) {
	b := w.Browser()
	p, err := b.Open(link)
	if err != nil {
		return nil, err
	}
	for range presses {
		f, err := p.Form("_go")
		if err != nil {
			return p, err
		}
		for name := range maps.Keys(f.Options) {
			if !strings.HasPrefix(name, "_") {
				f.Values[name] = []string{choose(f.Options[name], voice, name)}
			}
		}
		press := "_go=next"
		for _, last := range []string{"_go=start", "_go=send"} {
			if slices.Contains(f.Buttons, last) {
				press = last
			}
		}
		if p, err = b.Submit(f, press); err != nil {
			return nil, err
		}
		if p.Status != http.StatusOK {
			return p, fmt.Errorf("the survey answered %d: %s", p.Status, p.problems())
		}
		if press == "_go=send" {
			return p, nil
		}
	}
	return p, fmt.Errorf("the survey does not end: %s", p.problems())
}

// choose picks one of the choices, the middle and upper ones more often, as
// people do; each place has its own leaning.
func choose(options []string, voice, question string) string {
	_, place, _ := strings.Cut(voice, "@")
	n := draw(voice+question, 100) + draw(place, 31) - 15
	for i, upTo := range []int{8, 26, 58, 86, 98} {
		if n < upTo && i < len(options) {
			return options[i]
		}
	}
	return options[len(options)-1]
}

// draw gives a number below limit that is always the same for the same seed.
func draw(seed string, limit uint32) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(seed)) // never fails
	return int((h.Sum32() >> 7) % limit)
}
