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
	// NotSent: the request certainly had no effect, because it never left
	// whole: no connection, no name, no TLS, a canceled wait, a body cut short.
	NotSent Kind = iota + 1
	// NotFound: there is no such ticket (or post, or file) for this account.
	NotFound
	// Access: the token is not accepted here, and a new login, where there are
	// credentials, did not help.
	Access
	// Refused: the API said no, in words that can be shown. It had no effect.
	Refused
	// RateLimited: too many requests; RetryAfter says how long to wait. It had
	// no effect.
	RateLimited
	// Temporary: a read failed in a way that may pass. Writes never end so:
	// theirs is an UnknownOutcomeError.
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

// Error is a failure whose effect is known: for a write, there was none.
type Error struct {
	Op         string        // what was tried: "open ticket"
	Status     int           // the HTTP status, or the one the answer wraps; 0 without an answer
	Kind       Kind          // what it means for the caller
	Message    string        // the server's words, cleaned and cut; may be empty
	RetryAfter time.Duration // how long the server asks to wait; 0 where it does not say
	Err        error         // the cause on this side, if there is one
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

// UnknownOutcomeError is what a write (Open, Answer, Attach) ends with when
// its request was sent whole and no readable answer came back. It may have
// taken effect, so it must not be repeated before reading back.
//
// It never wraps an *Error: a caller that looks for one can't take an unknown
// outcome for a known one.
type UnknownOutcomeError struct {
	Op     string
	Status int // the HTTP status, 0 without an answer
	Err    error
}

func (e *UnknownOutcomeError) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("%s: unknown outcome (status %d): %v", e.Op, e.Status, e.Err)
	}
	return fmt.Sprintf("%s: unknown outcome: %v", e.Op, e.Err)
}

func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// LeftOutError is one element of a list that could not be read. The others are not
// touched by it.
type LeftOutError struct {
	Op  string
	Err error
}

func (e *LeftOutError) Error() string {
	return fmt.Sprintf("%s: an element is left out: %v", e.Op, e.Err)
}

func (e *LeftOutError) Unwrap() error { return e.Err }

// SourceError is what Attach ends with when the file could not be read as
// promised. The upload was cut short, so the ticket certainly does not have it.
type SourceError struct {
	Op  string
	Err error // what File.Open or Read said, or ErrSizeChanged
}

func (e *SourceError) Error() string { return fmt.Sprintf("%s: read the file: %v", e.Op, e.Err) }

func (e *SourceError) Unwrap() error { return e.Err }

// ErrSizeChanged is the cause of a SourceError whose file is shorter or longer
// than File.Size.
var ErrSizeChanged = errors.New("the file's size differs from the one announced")

// ErrTooLarge is the cause of the error of a download above Config.MaxDownload.
var ErrTooLarge = errors.New("the file is larger than allowed")

// ErrBlockedAddress is the cause of the error of a download whose link leads
// into a private network, to a scheme other than https, or in circles.
var ErrBlockedAddress = errors.New("the link leads to an address that is not allowed")

// ErrNoContent is the cause of the error of a download of an attachment that
// has a name only.
var ErrNoContent = errors.New("the attachment has neither a link nor content")

// ErrEmptyFile is the cause of the error of a download that has no byte.
var ErrEmptyFile = errors.New("the file is empty")

// ErrNotFile is the cause of the error of a download that gives a page or an answer
// of the API's instead of a file.
var ErrNotFile = errors.New("what the link leads to is no file")

// maxMessage is how much of a server's words an error keeps, in bytes.
const maxMessage = 500

// cleanMessage makes one line of what a server wrote, so that it can neither
// forge a log line nor flood it.
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

// cause is an error whose text is clean and without secrets, and which can
// still be asked what it is (errors.Is with context.Canceled).
type cause struct {
	text string
	err  error
}

func (c *cause) Error() string { return c.text }
func (c *cause) Unwrap() error { return c.err }
