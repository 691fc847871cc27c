package authoring

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"kokoma/shared/form/define"
	"kokoma/shared/web"
)

const (
	sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	yamlType  = "application/yaml; charset=utf-8"
)

// download hands out one version as a workbook or as YAML: the address ends in
// gueltig.xlsx, entwurf.yaml or a hash with its ending.
func (s *Service) download(w http.ResponseWriter, r *http.Request) error {
	x, err := s.subject(r)
	if err != nil {
		return err
	}
	which, ending, _ := strings.Cut(r.PathValue("file"), ".")
	f, err := s.version(r.Context(), x, which)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	kind := yamlType
	switch {
	case ending == "xlsx" && s.Workbooks.Write != nil:
		kind = sheetType
		err = s.Workbooks.Write(&b, f.Definition())
	case ending == "yaml":
		err = define.WriteYAML(&b, f.Definition())
	default:
		return web.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("writing form %s: %w", x.id, err)
	}
	return send(w, kind, fileName(f.ID, f.Version)+"."+ending, b.Bytes())
}

// fileName is what a file is called at the author's: letters, digits, . _ and -
// only.
func fileName(parts ...string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.ContainsRune("._-", c):
			return c
		}
		return '-'
	}, strings.Join(parts, "-"))
}

func send(w http.ResponseWriter, kind, name string, b []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(b)))
	_, err := w.Write(b)
	return err
}
