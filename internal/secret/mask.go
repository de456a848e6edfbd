package secret

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"strconv"
	"strings"
)

// shortestMasked keeps the mask from hiding ordinary words and numbers: so short a secret
// protects nothing, and masking would only reveal where it is.
const shortestMasked = 6

// maskingWriter is the second line of defence after the type String, for values that reach
// an output through foreign errors.
type maskingWriter struct {
	to   io.Writer
	mask *strings.Replacer
}

// NewWriter returns a writer that masks the secrets in what is written, verbatim and as
// common encoders write them. Each Write must contain whole lines, as those of slog and fmt
// do.
func NewWriter(to io.Writer, secrets ...String) io.Writer {
	var pairs []string
	hide := func(text string) {
		if len(text) >= shortestMasked {
			pairs = append(pairs, text, Mask)
		}
	}
	for _, s := range secrets {
		value := s.Reveal()
		hide(value)
		hide(quoted(value))
		hide(jsonEscaped(value))
		hide(url.QueryEscape(value))
		hide(url.PathEscape(value))
		if _, key, found := strings.Cut(value, ":"); found {
			hide(key) // a bot token is its public id, a colon and the key
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
