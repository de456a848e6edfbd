package state

// Ids are distinct types, so that a message id can't be passed as a ticket id. Chats,
// users, messages and threads (topics of a chat) are Telegram's, tickets and posts are
// Plusofon's, the rest are rows of this store.
type (
	ChatID         int64
	UserID         int64
	MessageID      int64
	ThreadID       int64
	TicketID       int64
	PostID         int64
	SubmissionID   int64
	DraftID        int64
	HandID         int64
	RowID          int64
	InviteID       int64
	AuditID        int64
	AnnouncementID int64
	ReadNumber     int64
)
