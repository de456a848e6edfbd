package plusofon

import (
	"fmt"
	"io"
	"log/slog"
)

const mask = "***"

// Secret is a token or a password. Whatever prints it prints ***; only Reveal
// gives the value, so that every place that needs it can be found by name.
type Secret string

// Reveal returns the value itself.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string { return mask }

// GoString serves %#v.
func (s Secret) GoString() string { return mask }

// Format serves every verb, so that not even %x shows the bytes.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// MarshalText serves encoding/json and its like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }

// LogValue serves log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(mask) }
