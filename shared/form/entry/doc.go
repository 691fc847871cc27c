// Package entry understands what people type: numbers with comma or point,
// dates, months, times, addresses, plain text. It brings them into one
// canonical form, and says by the key of a text what is wrong with them.
package entry
