// Package archtest holds no code: its test reads every Go file of the module
// and refuses imports that the design does not allow. It parses the files
// itself, since a test that runs `go list` would be answered from the cache.
package archtest
