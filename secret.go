package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
)

const masked = "***"

// secret is a string that prints as *** whatever it is printed by: fmt with any
// verb, encoding/json, log/slog. Converting it to a string is the one way out.
type secret string

func (s secret) String() string { return masked }

// Format answers for every verb; String alone would leave %d and its like to
// fmt, whose complaint about a wrong verb quotes the value.
func (s secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

func (s secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// shortestMasked keeps the mask from eating ordinary words and numbers: a
// secret that short guards nothing, and its stars would only tell where it is.
const shortestMasked = 6

// maskingWriter replaces secrets in what passes, as they are and as the usual
// encoders write them. It is the second line behind the secret type, for values
// that reach an output by way of somebody else's error. Each Write must hold
// whole lines, which is how slog and fmt write.
type maskingWriter struct {
	to   io.Writer
	mask *strings.Replacer
}

func newMaskingWriter(to io.Writer, secrets ...secret) io.Writer {
	var pairs []string
	hide := func(text string) {
		if len(text) >= shortestMasked {
			pairs = append(pairs, text, masked)
		}
	}
	for _, s := range secrets {
		value := string(s)
		hide(value)
		hide(quoted(value))
		hide(jsonEscaped(value))
		hide(url.QueryEscape(value))
		hide(url.PathEscape(value))
		if _, key, found := strings.Cut(value, ":"); found {
			hide(key) // a bot's token is its public id, a colon and the key
		}
	}
	return maskingWriter{to: to, mask: strings.NewReplacer(pairs...)}
}

func (w maskingWriter) Write(p []byte) (int, error) {
	if _, err := w.mask.WriteString(w.to, string(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func quoted(text string) string {
	q := strconv.Quote(text)
	return q[1 : len(q)-1]
}

func jsonEscaped(text string) string {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil {
		return text
	}
	return strings.Trim(strings.TrimSpace(buf.String()), `"`)
}
