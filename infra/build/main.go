// Command build makes a reproducible zip of every function:
//
//	go run ./infra/build            # .build/<function>.zip, arm64
//
// The same commit gives the same bytes, so that a deployment without a change
// deploys nothing. `sam build` is not used: it caches by CodeUri alone and
// misses changes in shared/.
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

func main() {
	out := flag.String("out", ".build", "folder for the zips")
	arch := flag.String("arch", "arm64", "processor that the functions run on")
	flag.Parse()
	if err := run(*out, *arch); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run(out, arch string) error {
	mains, err := filepath.Glob("functions/*/main.go")
	if err != nil {
		return err
	}
	if len(mains) == 0 {
		return fmt.Errorf("no functions/*/main.go here: start it in the project's folder")
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, m := range mains {
		name := filepath.Base(filepath.Dir(m))
		zipped, size, err := build(name, arch)
		if err != nil {
			return fmt.Errorf("building %s: %w", name, err)
		}
		file := filepath.Join(out, name+".zip")
		if err := os.WriteFile(file, zipped, 0o644); err != nil {
			return err
		}
		fmt.Printf("%-28s %5.1f MB  (%.1f MB unpacked)  sha256 %x\n", file, mb(len(zipped)), mb(size), sha256.Sum256(zipped))
	}
	return nil
}

// build compiles one function and gives its zip and the binary's size in bytes.
func build(name, arch string) (zipped []byte, size int, err error) {
	tmp, err := os.MkdirTemp("", "kokoma-build")
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = os.RemoveAll(tmp) }() // a left-over temporary folder harms nobody
	binary := filepath.Join(tmp, "bootstrap")
	cmd := exec.Command("go", "build", //nolint:gosec // names of our own folders
		"-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags", "-s -w -buildid=", "-o", binary, "./functions/"+name)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, 0, err
	}
	content, err := os.ReadFile(binary) //nolint:gosec // written a line above
	if err != nil {
		return nil, 0, err
	}
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	h := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	h.SetMode(0o755)
	f, err := w.CreateHeader(h)
	if err != nil {
		return nil, 0, err
	}
	if _, err := f.Write(content); err != nil {
		return nil, 0, err
	}
	if err := w.Close(); err != nil {
		return nil, 0, err
	}
	return buf.Bytes(), len(content), nil
}

func mb(n int) float64 { return float64(n) / 1e6 }
