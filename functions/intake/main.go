// Command intake answers the HTTP routes of shared/intake on Lambda.
package main

import "kokoma/shared/aws/start"

func main() { start.HTTP("intake") }
