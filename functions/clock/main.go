// Command clock runs every five minutes and does what is due, also what the stream lost.
package main

import "kokoma/shared/aws/work"

func main() { work.Clock() }
