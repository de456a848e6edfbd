package bottest

import (
	"strings"
	"sync"
)

// Log is a log that can be read while it is written.
type Log struct {
	mu    sync.Mutex
	b     strings.Builder
	grown chan struct{} // closed at the next write
}

// NewLog returns an empty log.
func NewLog() *Log { return &Log{grown: make(chan struct{})} }

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.grown)
	l.grown = make(chan struct{})
	return l.b.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// says reports whether a text is in the log, and when to look again.
func (l *Log) says(text string) (said bool, grown <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.b.String(), text), l.grown
}
