package state

import "time"

// AuditEvent is the kind of an audit entry. The names are stored and logged.
type AuditEvent string

// The events. The entry says who acted (By), on whom (Person), in which chat and
// ticket, and which setting (Detail).
const (
	AuditConfigured     AuditEvent = "owner configured"     // Person is in ADMIN_IDS
	AuditRetired        AuditEvent = "owner retired"        // Person no longer is
	AuditClaimed        AuditEvent = "owner claimed"        // Person followed the claim link
	AuditOwnerMade      AuditEvent = "owner made"           // Person, by By
	AuditOwnerUnmade    AuditEvent = "owner unmade"         // Person, by By
	AuditInvited        AuditEvent = "invitation made"      // by By
	AuditJoined         AuditEvent = "invitation used"      // by Person; By had made it
	AuditWithdrawn      AuditEvent = "invitation withdrawn" // by By; Person had made it
	AuditAsked          AuditEvent = "access asked"         // Person requests access
	AuditAdmitted       AuditEvent = "access given"         // Person, by By
	AuditDenied         AuditEvent = "access denied"        // Person, by By
	AuditRemoved        AuditEvent = "access closed"        // Person, by By
	AuditErased         AuditEvent = "data erased"          // of Person, by By
	AuditGroupAdded     AuditEvent = "group added"          // Chat, by By
	AuditGroupLeft      AuditEvent = "group left"           // Chat; By ended its membership in Telegram
	AuditGroupRemoved   AuditEvent = "group removed"        // Chat, by By
	AuditSetting        AuditEvent = "setting changed"      // Detail of the group Chat, by By
	AuditOpened         AuditEvent = "ticket opened"        // Ticket, by By, from Chat
	AuditAnswered       AuditEvent = "ticket answered"      // Ticket, by By, from Chat
	AuditStrangerTold   AuditEvent = "stranger refused"     // Person; logged only
	AuditStrangersGroup AuditEvent = "group refused"        // Chat, added by By without access; logged only
	AuditRemovedRefused AuditEvent = "removed refused"      // Person, in the group Chat; logged only
)

// AuditEntry is one event.
type AuditEntry struct {
	ID     AuditID
	At     time.Time
	Event  AuditEvent
	By     UserID
	Person UserID
	Chat   ChatID
	Ticket TicketID
	Detail string
}

// Announce passes an event to the listener (see OnAudit) once the transaction is
// committed, without storing it.
func (tx *Tx) Announce(e AuditEntry) { tx.audited = append(tx.audited, e) }

// AddAudit stores an event and announces it.
func (tx *Tx) AddAudit(e AuditEntry) error {
	tx.Announce(e)
	return tx.run("add to audit", `INSERT INTO audit (at, event, by_id, person_id, chat_id, ticket_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		millis(e.At), e.Event, e.By, e.Person, e.Chat, e.Ticket, e.Detail)
}

const auditColumns = `audit_id, at, event, by_id, person_id, chat_id, ticket_id, detail`

func scanAudit(r scanner) (e AuditEntry, err error) {
	var at int64
	err = r.Scan(&e.ID, &at, &e.Event, &e.By, &e.Person, &e.Chat, &e.Ticket, &e.Detail)
	e.At = instant(at)
	return e, err
}

// AuditBefore returns entries before one, newest first; before 0: the latest.
func (tx *Tx) AuditBefore(before AuditID, limit int) ([]AuditEntry, error) {
	return all(tx, "audit", scanAudit, `SELECT `+auditColumns+` FROM audit WHERE audit_id < iif(?1 > 0, ?1, 9223372036854775807)
		ORDER BY audit_id DESC LIMIT +?2`, before, limit)
}

// AuditAfter returns entries after one, in order.
func (tx *Tx) AuditAfter(after AuditID, limit int) ([]AuditEntry, error) {
	return all(tx, "audit", scanAudit, `SELECT `+auditColumns+` FROM audit WHERE audit_id > ? ORDER BY audit_id LIMIT +?`, after, limit)
}

// OnAudit sets the function called with every event that a committed transaction
// announced. Call it before the store is used concurrently.
func (s *Store) OnAudit(f func(AuditEntry)) { s.onAudit = f }
