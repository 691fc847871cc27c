// Command changes follows the main table's stream: mails go out and next work starts at once.
package main

import "kokoma/shared/aws/work"

func main() { work.Changes() }
