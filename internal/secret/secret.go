// Package secret keeps tokens and passwords out of all output: String is their type in all
// packages, and NewWriter masks those that reach an output through foreign text.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Mask replaces a secret.
const Mask = "***"

// String is a token or a password. fmt with any verb, encoding/json and log/slog print Mask
// instead. Only Reveal returns the value, so that its uses are easy to find. fmt can't call
// methods on unexported fields, so a struct with a String in one needs its own Format
// method.
type String string

// Reveal returns the value.
func (s String) Reveal() string { return string(s) }

func (s String) String() string { return Mask }

// GoString implements fmt.GoStringer.
func (s String) GoString() string { return Mask }

// Format covers every verb: fmt's error for an unsuitable verb would quote the value.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Mask) }

// MarshalText covers encoding/json and others.
func (s String) MarshalText() ([]byte, error) { return []byte(Mask), nil }

// LogValue implements slog.LogValuer.
func (s String) LogValue() slog.Value { return slog.StringValue(Mask) }
