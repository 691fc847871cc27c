// Command authoring answers the HTTP routes of shared/authoring on Lambda.
package main

import "kokoma/shared/aws/author"

func main() { author.HTTP() }
