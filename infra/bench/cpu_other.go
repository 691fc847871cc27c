//go:build !unix

package main

import "time"

// cpuTime is not known here; the columns of processor time then show zero.
func cpuTime() time.Duration { return 0 }
