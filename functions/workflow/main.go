// Command workflow answers the HTTP routes of shared/workflow on Lambda.
package main

import "kokoma/shared/aws/start"

func main() { start.HTTP("workflow") }
