package telegram

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "***"

// Secret is a value that prints as ***: by every verb of fmt, in slog and in
// JSON. fmt can't call methods on unexported fields, so a struct that hides a
// Secret in one needs a Format method of its own.
type Secret string

// Reveal returns the value itself.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string               { return redacted }
func (s Secret) GoString() string             { return redacted }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Format covers the verbs that don't fit a string: for those fmt prints the
// bare value in its complaint.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }
