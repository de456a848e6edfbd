package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
)

// board holds the latest value of everything the page shows, as JSON. A name is an event's,
// with its subject after a colon.
type board struct {
	mu      sync.Mutex
	names   []string // in the order of their first values
	values  map[string][]byte
	changed chan struct{} // closed and replaced on every change
}

func newBoard() *board {
	return &board{values: map[string][]byte{}, changed: make(chan struct{})}
}

func (b *board) set(name string, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode what the page shows: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	old, known := b.values[name]
	if known && bytes.Equal(value, old) {
		return nil
	}
	if !known {
		b.names = append(b.names, name)
	}
	b.values[name] = value
	close(b.changed)
	b.changed = make(chan struct{})
	return nil
}

// item is one value of the board.
type item struct {
	name  string
	value []byte
}

// news lists the values that differ from what was sent, and updates sent. The channel is
// closed when there is more.
func (b *board) news(sent map[string][]byte) ([]item, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []item
	for _, name := range b.names {
		if value := b.values[name]; !slices.Equal(value, sent[name]) {
			sent[name] = value
			list = append(list, item{name, value})
		}
	}
	return list, b.changed
}
