package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// bbolt never writes over what the last state is made of: it puts the next one
// beside it, and leaves the one before where it was until its pages are used
// again. So a file shows what the last commits changed. In table answers that
// is one answer, and beside it in table main the one invitation that became
// used. Therefore what is older is wiped out after each commit that touched
// answers, before the commit is answered: every page that the new state does
// not use, and the meta page of the state before.
//
// A process that dies meanwhile loses nothing: the new state is on disk by
// then, and nothing of it is written to. bbolt takes a file with one meta page
// as it takes one whose last commit was torn, and fills the other one with the
// next commit. Open wipes too, after a death between commit and wipe.

// Where bbolt keeps things in a page: a header of id, flags, count, overflow;
// then the fields of a meta page, or the numbers of the free pages.
const (
	flagsAt    = 8
	countAt    = 10
	bodyAt     = 16
	magicAt    = 16
	freelistAt = 48
	txidAt     = 64

	magic        = 0xED0CDAED
	freelistFlag = 0x10
	manyFree     = 0xFFFF // the count stands in the first number
)

// settle follows every commit: it wipes if answers were touched, and else only
// notes which free pages are still as they were wiped. A commit writes to what
// was free before it and makes others free, so what was wiped and is free after
// each commit has not been written to. Only the writing goroutine calls it.
func (f *file) settle(state int) error {
	f.state = state
	free, err := f.freePages()
	if err != nil {
		f.wiped = nil
		return fmt.Errorf("wiping what is older: %w", err)
	}
	dirty := minus(free, f.wiped)
	if !f.stale {
		f.wiped = minus(free, dirty)
		return nil
	}
	if err := f.wipe(dirty); err != nil {
		f.wiped = nil
		return fmt.Errorf("wiping what is older: %w", err)
	}
	f.wiped, f.stale = free, false
	return nil
}

// minus gives what is in a and not in b; both are sorted.
func minus(a, b []uint64) []uint64 {
	out := make([]uint64, 0, len(a))
	for _, x := range a {
		for len(b) > 0 && b[0] < x {
			b = b[1:]
		}
		if len(b) == 0 || b[0] != x {
			out = append(out, x)
		}
	}
	return out
}

// wipe leaves nothing in the file but its present state.
func (f *file) wipe(pages []uint64) error {
	// Who still reads an older state comes to an end; who comes now reads the
	// present one, in which none of this is.
	f.reading.Lock()
	//lint:ignore SA2001 waiting is all that is wanted
	f.reading.Unlock()
	size := f.pageSize()
	was, zeros := make([]byte, size), make([]byte, size)
	for _, p := range append(pages, uint64(1-f.state%2)) {
		if err := f.wipePage(int64(p)*int64(size), was, zeros); err != nil {
			return err
		}
	}
	return f.db.Sync()
}

func (f *file) pageSize() int { return f.db.Info().PageSize }

// freePages reads the list of the last commit; it has those that the commit
// itself made free.
func (f *file) freePages() ([]uint64, error) {
	size := f.pageSize()
	meta, err := f.readPage(int64(f.state%2)*int64(size), size)
	if err != nil {
		return nil, err
	}
	if binary.NativeEndian.Uint32(meta[magicAt:]) != magic || binary.NativeEndian.Uint64(meta[txidAt:]) != uint64(f.state) {
		return nil, fmt.Errorf("%w: state %d is not where it should be", ErrUnreadable, f.state)
	}
	at := int64(binary.NativeEndian.Uint64(meta[freelistAt:])) * int64(size)
	head, err := f.readPage(at, bodyAt+8)
	if err != nil {
		return nil, err
	}
	if binary.NativeEndian.Uint16(head[flagsAt:]) != freelistFlag {
		return nil, fmt.Errorf("%w: there is no list of free pages", ErrUnreadable)
	}
	at += bodyAt
	count := uint64(binary.NativeEndian.Uint16(head[countAt:]))
	if count == manyFree {
		count, at = binary.NativeEndian.Uint64(head[bodyAt:]), at+8
	}
	list, err := f.readPage(at, int(count)*8)
	if err != nil {
		return nil, err
	}
	free := make([]uint64, 0, count+1)
	for id := range slices.Chunk(list, 8) {
		free = append(free, binary.NativeEndian.Uint64(id))
	}
	return free, nil
}

func (f *file) readPage(at int64, size int) ([]byte, error) {
	b := make([]byte, size)
	_, err := f.disk.ReadAt(b, at)
	return b, err
}

// wipePage writes zeros, where there is anything else.
func (f *file) wipePage(at int64, was, zeros []byte) error {
	_, err := f.disk.ReadAt(was, at)
	if err != nil || bytes.Equal(was, zeros) {
		return err
	}
	_, err = f.disk.WriteAt(zeros, at)
	return err
}
