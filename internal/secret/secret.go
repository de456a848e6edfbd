// Package secret keeps tokens and passwords out of everything that the program
// prints: String is the type that they have in all packages, and NewWriter masks
// those that reach an output by way of somebody else's text.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Mask is what stands in the place of a secret.
const Mask = "***"

// String is a token or a password. Whatever prints it prints Mask: fmt with any
// verb, encoding/json, log/slog. Only Reveal gives the value, so that every place
// that needs it can be found by name. fmt can't call methods on unexported
// fields, so a struct that hides a String in one needs a Format method of its own.
type String string

// Reveal returns the value itself.
func (s String) Reveal() string { return string(s) }

func (s String) String() string { return Mask }

// GoString serves %#v.
func (s String) GoString() string { return Mask }

// Format serves every verb: fmt's complaint about one that does not fit a string
// quotes the bare value.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Mask) }

// MarshalText serves encoding/json and its like.
func (s String) MarshalText() ([]byte, error) { return []byte(Mask), nil }

// LogValue serves log/slog.
func (s String) LogValue() slog.Value { return slog.StringValue(Mask) }
