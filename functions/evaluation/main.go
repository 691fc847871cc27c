// Command evaluation answers the HTTP routes of shared/evaluation on Lambda.
package main

import "kokoma/shared/aws/start"

func main() { start.HTTP("evaluation") }
