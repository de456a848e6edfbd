package chat

import "plusofon-bot/state"

// Audit notes an event for the owners; it stands in the log as well.
func (t *Turn) Audit(e state.AuditEntry) error {
	e.At = t.Now
	return t.Tx.AddAudit(e)
}

// Log has an event logged that is not kept: strangers could fill the disk with them.
func (t *Turn) Log(e state.AuditEntry) {
	e.At = t.Now
	t.Tx.Announce(e)
}
