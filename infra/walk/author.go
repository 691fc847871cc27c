package walk

import (
	"fmt"
	"net/http"
	"strings"
)

// DraftForm lets the service office begin a new version of the expression of
// interest: it downloads the live one, asks for one thing otherwise, and uploads
// it as a draft.
func (d *Desk) DraftForm() error {
	const path = "/formulare/intake_v1"
	live, err := d.Open(path + "/datei/gueltig.yaml")
	if err != nil {
		return err
	}
	changed := live.Body
	for _, c := range [][2]string{
		{`version: "1"`, `version: "2"`},
		{"Suchen Sie nach Name, Postleitzahl der Verwaltung oder Gemeindeschlüssel.", "Suchen Sie nach Name, Postleitzahl oder Gemeindeschlüssel. Landkreise finden Sie unter ihrem Namen."},
	} {
		if !strings.Contains(changed, c[0]) {
			return fmt.Errorf("the expression of interest has no %q any more", c[0])
		}
		changed = strings.Replace(changed, c[0], c[1], 1)
	}
	p, err := d.Upload(path, "file", "Interessenbekundung-2.yaml", []byte(changed))
	if err == nil && p.Status != http.StatusOK {
		err = fmt.Errorf("uploading the draft answered %d: %s", p.Status, p.problems())
	}
	return err
}
