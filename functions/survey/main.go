// Command survey answers the HTTP routes of shared/survey on Lambda.
package main

import "kokoma/shared/aws/start"

func main() { start.HTTP("survey") }
