package plusofon

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind says what an error means for the caller.
type Kind int

const (
	// NotSent: the request certainly had no effect, because it was never sent
	// whole: no connection, no DNS, no TLS, a canceled wait, a body cut short.
	NotSent Kind = iota + 1
	// NotFound: no such ticket (or post, or file) for this account.
	NotFound
	// Access: the token is not accepted, and logging in again, if there are
	// credentials, did not help.
	Access
	// Refused: the API said no, with a message that can be shown. No effect.
	Refused
	// RateLimited: too many requests; RetryAfter says how long to wait. No
	// effect.
	RateLimited
	// Temporary: a read failed in a way that may pass. Writes end in an
	// UnknownOutcomeError instead.
	Temporary
)

func (k Kind) String() string {
	switch k {
	case NotSent:
		return "not sent"
	case NotFound:
		return "not found"
	case Access:
		return "no access"
	case Refused:
		return "refused"
	case RateLimited:
		return "rate limited"
	case Temporary:
		return "temporary failure"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// Error is a failure with a known effect: for a write, none.
type Error struct {
	Op         string        // what was attempted: "open ticket"
	Status     int           // the HTTP status, or the one wrapped in the answer; 0 without an answer
	Kind       Kind          // what it means for the caller
	Message    string        // the server's message, cleaned and cut; may be empty
	RetryAfter time.Duration // how long the server asks to wait; 0 if it doesn't say
	Login      bool          // it is the login that failed, which says nothing of the call
	Err        error         // the cause on our side, if any
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	b.WriteString(": ")
	b.WriteString(e.Kind.String())
	if e.Status != 0 {
		fmt.Fprintf(&b, " (status %d)", e.Status)
	}
	if e.Message != "" {
		b.WriteString(": ")
		b.WriteString(e.Message)
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// UnknownOutcomeError is returned by a write (Open, Answer, Attach) that was
// sent whole and got no readable answer. It may have taken effect, so it must
// not be repeated before reading back.
//
// It never wraps an *Error, so that a caller looking for one can't mistake an
// unknown outcome for a known one.
type UnknownOutcomeError struct {
	Op     string
	Status int // the HTTP status; 0 without an answer
	Err    error
}

func (e *UnknownOutcomeError) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("%s: unknown outcome (status %d): %v", e.Op, e.Status, e.Err)
	}
	return fmt.Sprintf("%s: unknown outcome: %v", e.Op, e.Err)
}

func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// LeftOutError is an element of a list that could not be parsed. The other
// elements are not affected.
type LeftOutError struct {
	Op  string
	Err error
}

func (e *LeftOutError) Error() string {
	return fmt.Sprintf("%s: an element is left out: %v", e.Op, e.Err)
}

func (e *LeftOutError) Unwrap() error { return e.Err }

// SourceError is returned by Attach if the file could not be read as announced.
// The upload was aborted, so the ticket certainly doesn't have the file.
type SourceError struct {
	Op  string
	Err error // from File.Open or Read, or ErrSizeChanged
}

func (e *SourceError) Error() string { return fmt.Sprintf("%s: read the file: %v", e.Op, e.Err) }

func (e *SourceError) Unwrap() error { return e.Err }

// ErrSizeChanged is the cause of a SourceError if the file is shorter or longer
// than File.Size.
var ErrSizeChanged = errors.New("the file's size differs from the one announced")

// ErrTooLarge is the cause of a download error above Config.MaxDownload.
var ErrTooLarge = errors.New("the file is larger than allowed")

// ErrBlockedAddress is the cause of a download error if the link leads to a
// private network, to a scheme other than https, or through too many redirects.
var ErrBlockedAddress = errors.New("the link leads to an address that is not allowed")

// ErrNoContent is the cause of a download error if the attachment has only a
// name.
var ErrNoContent = errors.New("the attachment has neither a link nor content")

// ErrEmptyFile is the cause of a download error if the file has no bytes.
var ErrEmptyFile = errors.New("the file is empty")

// ErrNotFile is the cause of a download error if the link yields an HTML page or
// an answer of the API instead of a file.
var ErrNotFile = errors.New("what the link leads to is no file")

// maxMessage is how much of a server's message an error keeps, in bytes.
const maxMessage = 500

// cleanMessage makes a server's text a single bounded line, so that it can
// neither forge log lines nor flood the log.
func cleanMessage(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= maxMessage {
		return s
	}
	cut := maxMessage
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// cause is an error with a clean text without secrets that still supports
// errors.Is (context.Canceled, for instance).
type cause struct {
	text string
	err  error
}

func (c *cause) Error() string { return c.text }
func (c *cause) Unwrap() error { return c.err }
