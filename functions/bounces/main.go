// Command bounces hears from SES what became of the mails.
package main

import "kokoma/shared/aws/start"

func main() { start.Bounces() }
