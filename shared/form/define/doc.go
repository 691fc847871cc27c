// Package define reads definitions of forms: YAML (or the canonical JSON, which
// is YAML) into plain data, strictly, with the line of everything that is
// wrong. What the entries mean together is package model's concern. The choice
// lists that all forms share are here, too.
package define
