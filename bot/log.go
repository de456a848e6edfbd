package bot

import (
	"context"
	"log/slog"
	"sync"

	"plusofon-bot/state"
)

// logAudit writes an event of the audit, by its numbers.
func logAudit(log *slog.Logger, e state.AuditEntry) {
	attrs := []slog.Attr{slog.String("event", string(e.Event))}
	for _, a := range []struct {
		name string
		id   int64
	}{{"by", int64(e.By)}, {"person", int64(e.Person)}, {"chat", int64(e.Chat)}, {"ticket", int64(e.Ticket)}} {
		if a.id != 0 {
			attrs = append(attrs, slog.Int64(a.name, a.id))
		}
	}
	if e.Detail != "" {
		attrs = append(attrs, slog.String("setting", e.Detail))
	}
	log.LogAttrs(context.Background(), slog.LevelInfo, "audit", attrs...)
}

// complaints remembers of which rows it was said that they failed: what is repeated again
// and again is one event.
type complaints struct {
	mu    sync.Mutex
	about map[state.RowID]bool
}

// complaintsKept is how many are remembered; then they are forgotten, and may be said again.
const complaintsKept = 1000

// level is that of a row's failure: the first one is said, the others are for those who
// look for them.
func (c *complaints) level(row state.RowID) slog.Level {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.about[row] {
		return slog.LevelDebug
	}
	if c.about == nil || len(c.about) >= complaintsKept {
		c.about = map[state.RowID]bool{}
	}
	c.about[row] = true
	return slog.LevelWarn
}
