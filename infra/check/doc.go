// Package check holds no code: its tests compare template.yaml and its parts
// with the code (routes, functions, what each function does to the tables), as
// far as that needs no AWS. cfn-lint, where it is to be had, checks the rest.
package check
