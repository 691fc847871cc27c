package workbook

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"kokoma/shared/form/define"

	"github.com/xuri/excelize/v2"
)

// Bounds of a file. The largest workbook that a form needs unpacks to 3 MB; an
// author may have pasted a picture.
const (
	maxFile     = 10 << 20
	maxParts    = 500
	maxUnpacked = 24 << 20 // all parts
	maxPart     = 8 << 20  // a part that is read; pictures are not
	maxElements = 400_000  // of the sheets that are read, which are streamed
	maxHeld     = 150_000  // of other parts, which are held in memory
	maxDepth    = 64
	maxMarkup   = 64 << 10 // bytes from < to >: an element with all its attributes
)

// book is an open workbook.
type book struct {
	file   *excelize.File
	parts  map[string]*zip.File // by lower-case path
	sheets []sheetPart
	epoch  bool // dates count from 1904
}

// sheetPart is where a sheet stands in the file.
type sheetPart struct {
	name string
	part string
}

// open opens a workbook after a look at what unpacking it would cost. The
// library holds most parts in memory and takes every part as it comes, so the
// bounds are checked before it sees the file.
func open(src []byte) (b *book, err error) {
	if err := looksLike(src); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		return nil, define.Fault("define.book.broken")
	}
	b = &book{parts: map[string]*zip.File{}}
	if err := b.directory(z); err != nil {
		return nil, err
	}
	if err := b.measureHeld(); err != nil {
		return nil, err
	}
	if err := b.outline(); err != nil {
		return nil, err
	}
	if err := b.measureSheets(); err != nil {
		return nil, err
	}
	return b, b.library(src)
}

// library opens the file with excelize. It can panic on files that were made
// to break it, and a broken upload must not end the function that reads it.
func (b *book) library(src []byte) (err error) {
	defer func() {
		if recover() != nil {
			err = define.Fault("define.book.broken")
		}
	}()
	b.file, err = excelize.OpenReader(bytes.NewReader(src), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: 2 * maxUnpacked, UnzipXMLSizeLimit: 2 * maxUnpacked,
	})
	if err != nil {
		return define.Fault("define.book.broken")
	}
	if props, err := b.file.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		b.epoch = *props.Date1904
	}
	return nil
}

func (b *book) close() {
	if b.file != nil {
		_ = b.file.Close() // nothing was written
	}
}

// looksLike tells what was uploaded instead of a workbook, by its first bytes.
func looksLike(src []byte) error {
	start := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(src[:min(len(src), 1024)], []byte("\xef\xbb\xbf"))))
	switch {
	case len(src) == 0:
		return define.Fault("define.book.nothing")
	case len(src) > maxFile:
		return define.Fault("define.book.file", maxFile>>20)
	case bytes.HasPrefix(src, []byte("PK")):
		return nil
	case bytes.HasPrefix(src, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		if bytes.Contains(src, wide("EncryptedPackage")) {
			return define.Fault("define.book.password")
		}
		return define.Fault("define.book.old")
	case bytes.HasPrefix(start, []byte("<")):
		return define.Fault("define.book.html")
	case !bytes.ContainsRune(start, 0) && bytes.ContainsAny(start, ",;\t"):
		return define.Fault("define.book.csv")
	}
	return define.Fault("define.book.other")
}

// wide is a text as old Office files write it, two bytes a letter.
func wide(s string) []byte {
	var out []byte
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return out
}

// directory reads what the zip says of itself. What it says of sizes is held
// to when a part is read: archive/zip gives no more bytes than announced.
func (b *book) directory(z *zip.Reader) error {
	if len(z.File) > maxParts {
		return define.Fault("define.book.unpacked", maxUnpacked>>20)
	}
	var total uint64
	for _, f := range z.File {
		if total += f.UncompressedSize64; f.UncompressedSize64 > maxUnpacked || total > maxUnpacked {
			return define.Fault("define.book.unpacked", maxUnpacked>>20)
		}
		name := strings.ToLower(strings.ReplaceAll(f.Name, "\\", "/"))
		if b.parts[name] != nil || f.Flags&1 != 0 {
			return define.Fault("define.book.broken")
		}
		b.parts[name] = f
	}
	switch {
	case b.parts["xl/workbook.bin"] != nil, b.parts["mimetype"] != nil, b.parts["index/document.iwa"] != nil:
		return define.Fault("define.book.old")
	case b.parts["[content_types].xml"] == nil || b.parts["word/document.xml"] != nil:
		return define.Fault("define.book.zip")
	}
	return nil
}

// relationships are what a part refers to.
type relationships struct {
	Relationship []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	}
}

// main is the path of the workbook itself, xl/workbook.xml for most programs.
func (b *book) main() string {
	var rels relationships
	if err := b.unmarshal("_rels/.rels", &rels); err != nil {
		return ""
	}
	for _, r := range rels.Relationship {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			return partName("", r.Target)
		}
	}
	return ""
}

// outline reads which sheets there are and where they stand.
func (b *book) outline() error {
	var w struct {
		Sheets []struct {
			Name string     `xml:"name,attr"`
			Rel  []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	var rels relationships
	main := b.main()
	folder, file := path.Split(main)
	if err := errors.Join(b.unmarshal(main, &w), b.unmarshal(folder+"_rels/"+file+".rels", &rels)); err != nil {
		return define.Fault("define.book.broken")
	}
	targets := map[string]string{}
	for _, r := range rels.Relationship {
		targets[r.ID] = r.Target
	}
	for _, s := range w.Sheets {
		for _, a := range s.Rel {
			if target, ok := targets[a.Value]; ok && a.Name.Local == "id" {
				b.sheets = append(b.sheets, sheetPart{name: s.Name, part: partName(folder, target)})
			}
		}
	}
	return nil
}

// partName is the path of a target that a part in a folder refers to.
func partName(folder, target string) string {
	target = strings.ReplaceAll(target, "\\", "/")
	if !strings.HasPrefix(target, "/") {
		target = path.Join(folder, target)
	}
	return strings.ToLower(strings.TrimPrefix(path.Clean(target), "/"))
}

func (b *book) unmarshal(part string, to any) error {
	f := b.parts[part]
	if f == nil {
		return fmt.Errorf("the workbook has no part %s", part)
	}
	if _, err := elements(f); err != nil { // it may be one that was not looked through
		return err
	}
	return decoding(f, func(d *xml.Decoder) error { return d.Decode(to) })
}

// decoding reads the XML of a part.
func decoding(f *zip.File, read func(*xml.Decoder) error) error {
	return reading(f, func(r io.Reader) error { return read(xml.NewDecoder(r)) })
}

// reading unpacks a part.
func reading(f *zip.File, read func(io.Reader) error) error {
	if f.UncompressedSize64 > maxPart {
		return define.Fault("define.book.full")
	}
	r, err := f.Open()
	if err != nil {
		return define.Fault("define.book.broken")
	}
	err = read(r)
	if closing := r.Close(); err == nil && closing != nil {
		return define.Fault("define.book.broken")
	}
	return err
}

// measureHeld looks through all XML that the library holds in memory, and
// refuses what would take more than a form needs, and entities (which XML can
// blow up without end) wherever they stand.
func (b *book) measureHeld() error {
	held := 0
	for name, f := range b.parts {
		if strings.HasPrefix(name, "xl/worksheets/") || path.Ext(name) != ".xml" && path.Ext(name) != ".rels" {
			continue
		}
		n, err := elements(f)
		if err != nil {
			return err
		}
		if held += n; held > maxHeld {
			return define.Fault("define.book.full")
		}
	}
	return nil
}

// measureSheets looks through the sheets that will be read.
func (b *book) measureSheets() error {
	streamed := 0
	for _, s := range b.sheets {
		f := b.parts[s.part]
		if f == nil || purpose(s.name) == "" {
			continue
		}
		n, err := elements(f)
		if err != nil {
			return err
		}
		if streamed += n; streamed > maxElements {
			return define.Fault("define.book.full")
		}
	}
	return nil
}

// elements counts the elements of a part, and stops when there are too many or
// one is too long.
func elements(f *zip.File) (n int, err error) {
	err = reading(f, func(r io.Reader) (err error) {
		n, err = counted(r)
		return err
	})
	return n, err
}

func counted(r io.Reader) (n int, err error) {
	bounded := &markup{from: bufio.NewReader(r)}
	d := xml.NewDecoder(bounded)
	depth := 0
	for n <= maxElements && depth <= maxDepth {
		bounded.next()
		token, err := d.RawToken()
		switch t := token.(type) {
		case xml.StartElement:
			n++
			depth++
		case xml.EndElement:
			depth--
		case xml.Directive:
			if bytes.HasPrefix(bytes.ToUpper(t), []byte("DOCTYPE")) {
				return n, define.Fault("define.book.entities")
			}
		}
		if err == io.EOF && depth == 0 {
			return n, nil
		}
		if errors.Is(err, errMarkup) {
			break
		}
		if err != nil {
			return n, define.Fault("define.book.broken")
		}
	}
	return n, define.Fault("define.book.full")
}

// errMarkup says that there is too much between < and >.
var errMarkup = errors.New("an element of the workbook is too long")

// markup gives a decoder its bytes one by one and stops it within an element
// that is too long, since it collects all attributes of an element before
// anybody can count them. What is within an element is the decoder's own view:
// it takes no byte beyond the token that it reads, so that no quote or comment
// can make this reader see another file than the decoder.
type markup struct {
	from   *bufio.Reader
	last   byte // that was given
	inside bool // the token is none of text
	begun  bool // the token's first byte was given
	n      int  // bytes of the token
}

// next says that another token begins. A decoder ends a text with the < of what
// comes after it, and doesn't ask for that byte again.
func (m *markup) next() {
	m.inside, m.begun, m.n = m.last == '<', m.last == '<', 0
}

// ReadByte is what decoders use where there is one.
func (m *markup) ReadByte() (byte, error) {
	b, err := m.from.ReadByte()
	if err != nil {
		return b, err
	}
	if !m.begun {
		m.inside, m.begun = b == '<', true
	}
	if m.n++; m.inside && m.n > maxMarkup {
		return 0, errMarkup
	}
	m.last = b
	return b, nil
}

// Read makes it a reader; nobody calls it beside ReadByte.
func (m *markup) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := m.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}
