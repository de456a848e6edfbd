package state

import (
	"errors"
	"slices"
	"time"
)

// DraftKind is what a draft is to become.
type DraftKind string

// The kinds of drafts.
const (
	DraftOpening    DraftKind = "opening"    // a ticket's opening, composed of messages
	DraftQuestion   DraftKind = "question"   // messages whose author is asked for the ticket
	DraftGoing      DraftKind = "going"      // messages gathered for a ticket, sent once no more come
	DraftClosed     DraftKind = "closed"     // an answer to a closed ticket, held until its author agrees to reopen it
	DraftCorrection DraftKind = "correction" // the new text of a message that was sent
)

// DraftState is a draft's state.
type DraftState string

// The states of a draft. All but the first are final.
const (
	DraftOpen      DraftState = "open"
	DraftSent      DraftState = "sent"   // it became a submission
	DraftJoined    DraftState = "joined" // its messages went into another draft
	DraftCancelled DraftState = "cancelled"
	DraftExpired   DraftState = "expired"
)

// Draft is what a person has written and not sent yet. Its messages are Items.
type Draft struct {
	ID         DraftID
	Kind       DraftKind
	Chat       ChatID
	Thread     ThreadID // the topic of its card; 0: none
	User       UserID
	Subject    string       // as the person set it before messages kept it; see Item.Titles
	Ticket     TicketID     // the target of a gathered or held draft
	Submission SubmissionID // what a correction corrects, or the opening that a gathered draft follows
	Reopens    bool         // its author knows that the ticket is closed and agrees to reopen it
	State      DraftState
	Card       MessageID // the bot's message with its buttons; 0: not sent yet
	Begun      time.Time
	Due        time.Time // when it is dropped or sent
	Below      MessageID // the newest message known in the card's place; see CameBelow
	Moves      bool      // its card is to be sent again
}

const draftColumns = `draft_id, kind, chat_id, thread_id, user_id, subject, ticket_id, submission_id, reopens, state, card_message_id, begun_at, due_at,
	below_message_id, moves`

func scanDraft(r scanner) (d Draft, err error) {
	var begun, due int64
	err = r.Scan(&d.ID, &d.Kind, &d.Chat, &d.Thread, &d.User, &d.Subject, &d.Ticket, &d.Submission, &d.Reopens, &d.State, &d.Card, &begun, &due,
		&d.Below, &d.Moves)
	d.Begun, d.Due = instant(begun), instant(due)
	return d, err
}

// AddDraft stores a new draft and returns its id.
func (tx *Tx) AddDraft(d Draft) (id DraftID, err error) {
	err = tx.one("add draft", `INSERT INTO drafts (kind, chat_id, thread_id, user_id, subject, ticket_id, submission_id, reopens, state, card_message_id, begun_at, due_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING draft_id`,
		[]any{d.Kind, d.Chat, d.Thread, d.User, d.Subject, d.Ticket, d.Submission, d.Reopens, d.State, d.Card, millis(d.Begun), millis(d.Due)}, &id)
	return id, err
}

// SaveDraft stores the changeable fields of a draft.
func (tx *Tx) SaveDraft(d Draft) error {
	return tx.run("save draft", `UPDATE drafts SET kind = ?, subject = ?, ticket_id = ?, submission_id = ?, reopens = ?, state = ?, card_message_id = ?, due_at = ?,
		moves = ? WHERE draft_id = +?`, d.Kind, d.Subject, d.Ticket, d.Submission, d.Reopens, d.State, d.Card, millis(d.Due), d.Moves, d.ID)
}

// CameBelow records a message in a private chat, a person's or the bot's, with the open drafts
// there. If the card of the draft in hand is above it, the draft is checked at the given time.
func (tx *Tx) CameBelow(c ChatID, thread ThreadID, m MessageID, look time.Time) error {
	return tx.run("note what stands below cards", `UPDATE drafts SET below_message_id = max(below_message_id, ?3),
		look_at = iif(card_message_id > 0 AND card_message_id < max(below_message_id, ?3)
			AND EXISTS (SELECT 1 FROM in_hand WHERE chat_id = +?1 AND user_id = +?1 AND line = 0 AND in_hand.draft_id = drafts.draft_id), ?4, look_at)
		WHERE chat_id = +?1 AND user_id = +?1 AND state = 'open' AND thread_id = +?2`, c, thread, m, millis(look))
}

// LookAt sets when to check a draft's card; zero: not until something happens.
func (tx *Tx) LookAt(d DraftID, at time.Time) error {
	return tx.run("look at a draft later", `UPDATE drafts SET look_at = ? WHERE draft_id = +?`, millis(at), d)
}

// DraftsToLookAt lists the open drafts that are due to be checked, a few at a time.
func (tx *Tx) DraftsToLookAt(now time.Time, limit int) ([]Draft, error) {
	return all(tx, "drafts to look at", scanDraft, `SELECT `+draftColumns+` FROM drafts
		WHERE state = 'open' AND look_at > 0 AND look_at <= +? ORDER BY look_at LIMIT +?`, millis(now), limit)
}

// Draft returns a draft; ErrNotFound if there is none.
func (tx *Tx) Draft(id DraftID) (Draft, error) {
	return first(tx, "draft", scanDraft, `SELECT `+draftColumns+` FROM drafts WHERE draft_id = +?`, id)
}

// DraftsHere lists a person's open drafts in a chat, oldest first.
func (tx *Tx) DraftsHere(c ChatID, u UserID) ([]Draft, error) {
	return all(tx, "drafts of a person in a chat", scanDraft, `SELECT `+draftColumns+` FROM drafts
		WHERE chat_id = +? AND user_id = +? AND state = 'open' ORDER BY draft_id`, c, u)
}

// DraftShown returns the draft that a message of the bot is the card of; ErrNotFound if it
// is none.
func (tx *Tx) DraftShown(c ChatID, card MessageID) (Draft, error) {
	return first(tx, "draft of a card", scanDraft, `SELECT `+draftColumns+` FROM drafts
		WHERE chat_id = +? AND card_message_id = +? AND card_message_id > 0 ORDER BY draft_id DESC LIMIT 1`, c, card)
}

// DraftsWith lists the drafts, open and closed, that hold a message, oldest first.
func (tx *Tx) DraftsWith(c ChatID, m MessageID) ([]Draft, error) {
	return all(tx, "drafts with a message", scanDraft, `SELECT `+draftColumns+` FROM drafts
		WHERE draft_id IN (SELECT draft_id FROM items WHERE chat_id = +? AND message_id = +?) ORDER BY draft_id`, c, m)
}

// DraftsGoing lists the drafts being gathered for tickets, oldest first.
func (tx *Tx) DraftsGoing() ([]Draft, error) {
	return all(tx, "drafts being gathered", scanDraft, `SELECT `+draftColumns+` FROM drafts WHERE kind = 'going' AND state = 'open' ORDER BY draft_id`)
}

// Corrections lists the open drafts that offer to correct a submission.
func (tx *Tx) Corrections(s SubmissionID) ([]Draft, error) {
	return all(tx, "corrections of a submission", scanDraft, `SELECT `+draftColumns+` FROM drafts
		WHERE submission_id = +? AND kind = 'correction' AND state = 'open' ORDER BY draft_id`, s)
}

// DraftsIn lists the open drafts of a chat.
func (tx *Tx) DraftsIn(c ChatID) ([]Draft, error) {
	return all(tx, "drafts of a chat", scanDraft, `SELECT `+draftColumns+` FROM drafts WHERE chat_id = +? AND state = 'open' ORDER BY user_id, draft_id`, c)
}

// DraftsOf lists the open drafts of a person in all chats.
func (tx *Tx) DraftsOf(u UserID) ([]Draft, error) {
	return all(tx, "drafts of a person", scanDraft, `SELECT `+draftColumns+` FROM drafts WHERE user_id = +? AND state = 'open' ORDER BY draft_id`, u)
}

// OpenDrafts lists all open drafts, oldest first.
func (tx *Tx) OpenDrafts() ([]Draft, error) {
	return all(tx, "open drafts", scanDraft, `SELECT `+draftColumns+` FROM drafts WHERE state = 'open' ORDER BY draft_id`)
}

// ClampDraftTimes makes open drafts begun at now or earlier and due at the given times or earlier,
// what is gathered at going and the others at kept, and what is in hand end at hand or earlier. It
// returns how many drafts were due later: their times were written before the clock moved back.
func (tx *Tx) ClampDraftTimes(now, going, kept, hand time.Time) (int, error) {
	res, err := tx.exec("clamp times of drafts", `UPDATE drafts SET begun_at = min(begun_at, ?1), look_at = min(look_at, ?2), due_at = min(due_at, iif(kind = 'going', ?2, ?3))
		WHERE state = 'open' AND (begun_at > ?1 OR due_at > iif(kind = 'going', ?2, ?3))`, millis(now), millis(going), millis(kept))
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, err
	}
	return int(n), tx.run("clamp times of what is in hand", `UPDATE in_hand SET until_at = ?1 WHERE until_at > ?1`, millis(hand))
}

// DraftsDue lists the open drafts that are due, a few at a time.
func (tx *Tx) DraftsDue(now time.Time, limit int) ([]Draft, error) {
	return all(tx, "drafts due", scanDraft, `SELECT `+draftColumns+` FROM drafts
		WHERE state = 'open' AND due_at <= +? ORDER BY due_at LIMIT +?`, millis(now), limit)
}

// NextDraftDue returns when an open draft is due, or to be checked, next; zero if there is none.
func (tx *Tx) NextDraftDue() (time.Time, error) {
	var next int64
	err := tx.one("next draft due", `SELECT coalesce(min(next), 0) FROM (SELECT min(due_at) AS next FROM drafts WHERE state = 'open'
		UNION ALL SELECT min(look_at) FROM drafts WHERE state = 'open' AND look_at > 0)`, nil, &next)
	return instant(next), err
}

// Item is one message as it would go to Plusofon.
type Item struct {
	Chat     ChatID
	Message  MessageID
	Draft    DraftID // the draft it is or was in; 0: it is kept without one
	Album    string  // the album's id, shared by its items
	Author   string  // the author to be named; "": none
	Authored time.Time
	Text     string
	GoesOn   bool   // the next message continues in the middle of this one's text
	Titles   bool   // its first line was given as the draft's subject
	FileID   string // Telegram's; "": without a file
	FileName string
	FileSize int64
}

const itemColumns = `chat_id, message_id, draft_id, album, author, author_at, text, goes_on, titles, file_id, file_name, file_size`

func scanItem(r scanner) (i Item, err error) {
	var authored int64
	err = r.Scan(&i.Chat, &i.Message, &i.Draft, &i.Album, &i.Author, &authored, &i.Text, &i.GoesOn, &i.Titles, &i.FileID, &i.FileName, &i.FileSize)
	i.Authored = instant(authored)
	return i, err
}

// SaveItem stores a message as given.
func (tx *Tx) SaveItem(i Item, now time.Time) error {
	return tx.run("save item", `INSERT INTO items (`+itemColumns+`, kept_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (chat_id, message_id, draft_id) DO UPDATE SET album = excluded.album, author = excluded.author,
			author_at = excluded.author_at, text = excluded.text, goes_on = excluded.goes_on, titles = excluded.titles,
			file_id = excluded.file_id, file_name = excluded.file_name, file_size = excluded.file_size, kept_at = excluded.kept_at`,
		i.Chat, i.Message, i.Draft, i.Album, i.Author, millis(i.Authored), i.Text, i.GoesOn, i.Titles, i.FileID, i.FileName, i.FileSize, millis(now))
}

// EditItem changes a message's content wherever it is kept. What its first line is for stays.
func (tx *Tx) EditItem(i Item, now time.Time) error {
	return tx.run("edit item", `UPDATE items SET text = ?, goes_on = ?, file_id = ?, file_name = ?, file_size = ?, kept_at = ?
		WHERE chat_id = +? AND message_id = +?`, i.Text, i.GoesOn, i.FileID, i.FileName, i.FileSize, millis(now), i.Chat, i.Message)
}

// DropItem removes a message from a draft.
func (tx *Tx) DropItem(d DraftID, c ChatID, m MessageID) error {
	return tx.run("drop item", `DELETE FROM items WHERE chat_id = +? AND message_id = +? AND draft_id = +?`, c, m, d)
}

// Items returns a message as it is kept, once for each draft it is in; the one kept
// without a draft comes first.
func (tx *Tx) Items(c ChatID, m MessageID) ([]Item, error) {
	return all(tx, "items of a message", scanItem, `SELECT `+itemColumns+` FROM items WHERE chat_id = +? AND message_id = +? ORDER BY draft_id`, c, m)
}

// DraftItems returns a draft's messages in the order they were written. Those of the group that its
// chat was before come first: a supergroup numbers its messages anew.
func (tx *Tx) DraftItems(d DraftID) ([]Item, error) {
	items, err := all(tx, "draft's items", scanItem, `SELECT `+itemColumns+` FROM items WHERE draft_id = +? AND draft_id > 0 ORDER BY message_id`, d)
	if err != nil || !slices.ContainsFunc(items, func(i Item) bool { return i.Chat != items[0].Chat }) {
		return items, err
	}
	of, err := tx.Draft(d)
	if errors.Is(err, ErrNotFound) {
		return items, nil // it was pruned before them
	}
	slices.SortStableFunc(items, func(a, b Item) int {
		switch {
		case a.Chat == b.Chat:
			return 0
		case a.Chat == of.Chat:
			return 1
		}
		return -1
	})
	return items, err
}

// AlbumItems returns the items of an album that were seen, in order, each once. They title nothing:
// that they do only in their drafts.
func (tx *Tx) AlbumItems(c ChatID, album string) ([]Item, error) {
	return all(tx, "album's items", scanItem, `SELECT chat_id, message_id, min(draft_id), album, author, author_at, text, goes_on, 0, file_id, file_name, file_size
		FROM items WHERE chat_id = +? AND album = +? AND album <> '' GROUP BY message_id ORDER BY message_id`, c, album)
}

// PruneDrafts removes messages kept before t that are in no open draft, at most PrunedAtOnce, and
// closed drafts that were due before t.
func (tx *Tx) PruneDrafts(t time.Time) error {
	err := tx.run("prune items", `DELETE FROM items WHERE (chat_id, message_id, draft_id) IN (SELECT chat_id, message_id, draft_id FROM items WHERE kept_at < ?
		AND NOT EXISTS (SELECT 1 FROM drafts WHERE drafts.draft_id = items.draft_id AND drafts.state = 'open') LIMIT +?)`, millis(t), PrunedAtOnce)
	if err != nil {
		return err
	}
	return tx.run("prune drafts", `DELETE FROM drafts WHERE state <> 'open' AND due_at < ?`, millis(t))
}
