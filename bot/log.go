package bot

import (
	"context"
	"log/slog"
	"sync"

	"plusofon-bot/state"
)

// logAudit logs an audit event with its ids.
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

// complaints remembers which rows' failures were logged: retries of one row are one event.
type complaints struct {
	mu    sync.Mutex
	about map[state.RowID]bool
}

// complaintsKept is how many are remembered; beyond it all are forgotten and may be logged again.
const complaintsKept = 1000

// level returns the log level of a row's failure: a warning the first time, then debug.
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
