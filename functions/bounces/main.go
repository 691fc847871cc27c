// Command bounces hears from SES what became of the mails.
package main

import "kokoma/shared/aws/work"

func main() { work.Bounces() }
