// Command account answers the HTTP routes of shared/account on Lambda.
package main

import "kokoma/shared/aws/start"

func main() { start.HTTP("account") }
