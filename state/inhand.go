package state

import "time"

// HandKind is what a person is in the middle of writing.
type HandKind string

// The kinds. The last two are single lines that the bot asked for.
const (
	HandDraft   HandKind = "draft"   // what they write goes into a draft
	HandAnswer  HandKind = "answer"  // the next message answers a ticket
	HandOpening HandKind = "opening" // the next message opens a ticket
	HandSubject HandKind = "subject" // a draft's subject
	HandSearch  HandKind = "search"  // words to search for
)

// IsLine reports whether the bot asked for a single line: for one message it takes
// precedence over what else is in hand.
func (k HandKind) IsLine() bool { return k == HandSubject || k == HandSearch }

// InHand says where a person's next message in a chat goes.
type InHand struct {
	ID      HandID
	Chat    ChatID
	User    UserID
	Kind    HandKind
	Ticket  TicketID  // the ticket to answer
	Draft   DraftID   // the draft in hand, or the one to set the subject of
	Reopens bool      // the person knows that the ticket is closed, and may reopen it
	Message MessageID // the bot's message that asks; 0 until it is sent
	Until   time.Time // when it expires; zero: with its draft
}

const inHandColumns = `hand_id, chat_id, user_id, kind, ticket_id, draft_id, reopens, message_id, until_at`

func scanInHand(r scanner) (h InHand, err error) {
	var until int64
	err = r.Scan(&h.ID, &h.Chat, &h.User, &h.Kind, &h.Ticket, &h.Draft, &h.Reopens, &h.Message, &until)
	h.Until = instant(until)
	return h, err
}

// TakeInHand sets what a person has in hand and returns its id. A line replaces another
// line; anything else replaces everything.
func (tx *Tx) TakeInHand(h InHand) (id HandID, err error) {
	if !h.Kind.IsLine() {
		err = tx.LetGo(h.Chat, h.User)
	}
	if err != nil {
		return 0, err
	}
	err = tx.one("take in hand", `INSERT OR REPLACE INTO in_hand (chat_id, user_id, kind, ticket_id, draft_id, reopens, message_id, until_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING hand_id`,
		[]any{h.Chat, h.User, h.Kind, h.Ticket, h.Draft, h.Reopens, h.Message, millis(h.Until)}, &id)
	return id, err
}

// InHand returns what a person has in hand, apart from a line; ErrNotFound if nothing,
// or if it expired before now.
func (tx *Tx) InHand(c ChatID, u UserID, now time.Time) (InHand, error) {
	return tx.inHand(c, u, false, now)
}

// LineAsked returns the line that a person was asked for; ErrNotFound as with InHand.
func (tx *Tx) LineAsked(c ChatID, u UserID, now time.Time) (InHand, error) {
	return tx.inHand(c, u, true, now)
}

func (tx *Tx) inHand(c ChatID, u UserID, line bool, now time.Time) (InHand, error) {
	return first(tx, "in hand", scanInHand, `SELECT `+inHandColumns+` FROM in_hand
		WHERE chat_id = +? AND user_id = +? AND line = +? AND (until_at = 0 OR until_at >= +?)`, c, u, line, millis(now))
}

// LetGo clears what a person has in hand in a chat.
func (tx *Tx) LetGo(c ChatID, u UserID) error {
	return tx.run("let go", `DELETE FROM in_hand WHERE chat_id = +? AND user_id = +?`, c, u)
}

// DropLine forgets the line that a person was asked for; what else is in hand remains.
func (tx *Tx) DropLine(c ChatID, u UserID) error {
	return tx.run("drop line", `DELETE FROM in_hand WHERE chat_id = +? AND user_id = +? AND line = 1`, c, u)
}

// LetGoDraft forgets that a draft is in hand, or that its subject was asked for.
func (tx *Tx) LetGoDraft(d DraftID) error {
	return tx.run("let draft go", `DELETE FROM in_hand WHERE draft_id = +? AND draft_id > 0`, d)
}

// HandAsked records the bot's message that asks for what is in hand.
func (tx *Tx) HandAsked(id HandID, m MessageID) error {
	return tx.run("note question", `UPDATE in_hand SET message_id = ? WHERE hand_id = +?`, m, id)
}

// GoingOn is the last message that a person sent to a ticket from a private chat:
// messages written right after it continue it.
type GoingOn struct {
	Chat       ChatID
	User       UserID
	Submission SubmissionID
	Reopens    bool      // the person knew that its ticket was closed
	Written    time.Time // the message's own date
}

// SaveGoingOn records a submission that may be continued.
func (tx *Tx) SaveGoingOn(g GoingOn) error {
	return tx.run("note what goes on", `INSERT OR REPLACE INTO going_on (chat_id, user_id, submission_id, reopens, written_at) VALUES (?, ?, ?, ?, ?)`,
		g.Chat, g.User, g.Submission, g.Reopens, millis(g.Written))
}

// GoingOn returns the submission that may be continued; ErrNotFound if none.
func (tx *Tx) GoingOn(c ChatID, u UserID) (g GoingOn, err error) {
	var written int64
	err = tx.one("what goes on", `SELECT chat_id, user_id, submission_id, reopens, written_at FROM going_on WHERE chat_id = +? AND user_id = +?`,
		[]any{c, u}, &g.Chat, &g.User, &g.Submission, &g.Reopens, &written)
	g.Written = instant(written)
	return g, err
}

// EndGoingOn ends the continuation.
func (tx *Tx) EndGoingOn(c ChatID, u UserID) error {
	return tx.run("end what goes on", `DELETE FROM going_on WHERE chat_id = +? AND user_id = +?`, c, u)
}
