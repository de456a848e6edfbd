package chat

import "plusofon-bot/state"

// Audit stores an event for the owners and logs it.
func (t *Turn) Audit(e state.AuditEntry) error {
	e.At = t.Now
	return t.Tx.AddAudit(e)
}

// Log logs an event without storing it: strangers could fill the disk.
func (t *Turn) Log(e state.AuditEntry) {
	e.At = t.Now
	t.Tx.Announce(e)
}
