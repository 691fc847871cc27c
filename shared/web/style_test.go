package web_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	token = regexp.MustCompile(`--([a-z0-9-]+): #([0-9a-f]{3,6});`)
	used  = regexp.MustCompile(`var\(--([a-z0-9-]+)\)`)
)

// schemes are the colours of the style sheet, light and dark.
func schemes(t *testing.T) map[string]map[string]string {
	t.Helper()
	css := style(t)
	dark := strings.Index(css, "prefers-color-scheme: dark")
	end := strings.Index(css, "/* Plain elements */")
	if dark < 0 || end < dark {
		t.Fatal("the style sheet has no dark scheme where this test looks for it")
	}
	all := map[string]map[string]string{"light": {}, "dark": {}}
	for _, m := range token.FindAllStringSubmatch(css[:dark], -1) {
		all["light"][m[1]] = m[2]
	}
	for _, m := range token.FindAllStringSubmatch(css[dark:end], -1) {
		all["dark"][m[1]] = m[2]
	}
	return all
}

func style(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	if len(hex) == 3 {
		hex = fmt.Sprintf("%c%c%c%c%c%c", hex[0], hex[0], hex[1], hex[1], hex[2], hex[2])
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("#%s is no colour", hex)
	}
	part := func(shift int) float64 {
		v := float64(n>>shift&255) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func TestColoursHaveContrastInBothSchemes(t *testing.T) {
	t.Parallel()
	pairs := []struct {
		front, backs string
		least        float64
	}{
		{"text", "page surface error-surface warning-surface success-surface info-surface", 4.5},
		{"muted", "page surface", 4.5},
		{"link", "page surface error-surface warning-surface success-surface info-surface", 4.5},
		{"brand", "page surface", 4.5},
		{"brand-strong", "surface", 4.5},
		{"on-brand", "brand brand-strong", 4.5},
		{"error", "page error-surface", 4.5},
		{"warning", "page warning-surface", 4.5},
		{"success", "page success-surface", 4.5},
		{"info", "page info-surface", 4.5},
		{"control", "page surface", 3},
		{"focus", "page surface error-surface warning-surface success-surface info-surface", 3},
		{"chart-1", "page", 3},
		{"chart-2", "page", 3},
	}
	for scheme, colours := range schemes(t) {
		for _, p := range pairs {
			for back := range strings.FieldsSeq(p.backs) {
				a, b := luminance(t, colours[p.front]), luminance(t, colours[back])
				if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < p.least {
					t.Errorf("%s: %s on %s has a contrast of %.2f, want %v", scheme, p.front, back, ratio, p.least)
				}
			}
		}
	}
}

func TestEveryTokenIsDefinedAndUsed(t *testing.T) {
	t.Parallel()
	css := style(t)
	uses := map[string]bool{}
	for _, m := range used.FindAllStringSubmatch(css, -1) {
		uses[m[1]] = true
		if !strings.Contains(css, "--"+m[1]+": ") {
			t.Errorf("--%s is used and not defined", m[1])
		}
	}
	for scheme, colours := range schemes(t) {
		for name := range colours {
			if !uses[name] {
				t.Errorf("%s: --%s is defined and not used", scheme, name)
			}
		}
	}
	if strings.Contains(css, "url(") || strings.Contains(css, "@import") {
		t.Error("the style sheet loads something else")
	}
}
