package state

import "time"

// DraftKind is what a draft is to become.
type DraftKind string

// The kinds of drafts.
const (
	DraftOpening    DraftKind = "opening"    // a ticket's opening, put together from messages
	DraftQuestion   DraftKind = "question"   // a message whose ticket is asked for
	DraftCorrection DraftKind = "correction" // the new words of a message that was sent
)

// DraftState is where a draft stands.
type DraftState string

// The states of a draft. All but the first are ends.
const (
	DraftOpen      DraftState = "open"
	DraftSent      DraftState = "sent"   // it has become a submission
	DraftJoined    DraftState = "joined" // its messages went into another draft
	DraftCancelled DraftState = "cancelled"
	DraftExpired   DraftState = "expired"
)

// Draft is what a person has written and not sent yet. Its messages are Items.
type Draft struct {
	ID         DraftID
	Kind       DraftKind
	Chat       ChatID
	Thread     ThreadID // the topic that its card stands in; 0: none
	User       UserID
	Subject    string       // as the person has set it; "" while it is the first line's
	Submission SubmissionID // what a correction corrects
	State      DraftState
	Card       MessageID // the bot's message with its buttons; 0: not sent yet
	Due        time.Time // when it is dropped
}

const draftColumns = `draft_id, kind, chat_id, thread_id, user_id, subject, submission_id, state, card_message_id, due_at`

func scanDraft(r scanner) (d Draft, err error) {
	var due int64
	err = r.Scan(&d.ID, &d.Kind, &d.Chat, &d.Thread, &d.User, &d.Subject, &d.Submission, &d.State, &d.Card, &due)
	d.Due = instant(due)
	return d, err
}

// AddDraft stores a new draft and returns its id. A person has one opening at a
// time in a chat.
func (tx *Tx) AddDraft(d Draft) (id DraftID, err error) {
	err = tx.one("add draft", `INSERT INTO drafts (kind, chat_id, thread_id, user_id, subject, submission_id, state, card_message_id, due_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING draft_id`,
		[]any{d.Kind, d.Chat, d.Thread, d.User, d.Subject, d.Submission, d.State, d.Card, millis(d.Due)}, &id)
	return id, err
}

// SaveDraft writes what changes in a draft's life.
func (tx *Tx) SaveDraft(d Draft) error {
	return tx.run("save draft", `UPDATE drafts SET kind = ?, subject = ?, state = ?, card_message_id = ?, due_at = ? WHERE draft_id = ?`,
		d.Kind, d.Subject, d.State, d.Card, millis(d.Due), d.ID)
}

// Draft returns a draft; ErrNotFound where there is none.
func (tx *Tx) Draft(id DraftID) (Draft, error) {
	return first(tx, "draft", scanDraft, `SELECT `+draftColumns+` FROM drafts WHERE draft_id = ?`, id)
}

// OpenDraft returns the opening that a person is putting together in a chat;
// ErrNotFound where there is none.
func (tx *Tx) OpenDraft(c ChatID, u UserID) (Draft, error) {
	return first(tx, "open draft", scanDraft, `SELECT `+draftColumns+` FROM drafts
		WHERE chat_id = ? AND user_id = ? AND state = 'open' AND kind = 'opening'`, c, u)
}

// LastDraft returns a person's newest open draft of any kind in a chat;
// ErrNotFound where there is none.
func (tx *Tx) LastDraft(c ChatID, u UserID) (Draft, error) {
	return first(tx, "last draft", scanDraft, `SELECT `+draftColumns+` FROM drafts
		WHERE chat_id = ? AND user_id = ? AND state = 'open' ORDER BY draft_id DESC LIMIT 1`, c, u)
}

// DraftsIn lists the open drafts of a chat.
func (tx *Tx) DraftsIn(c ChatID) ([]Draft, error) {
	return all(tx, "drafts of a chat", scanDraft, `SELECT `+draftColumns+` FROM drafts WHERE chat_id = ? AND state = 'open' ORDER BY user_id, draft_id`, c)
}

// DraftsOf lists the open drafts of a person in all chats.
func (tx *Tx) DraftsOf(u UserID) ([]Draft, error) {
	return all(tx, "drafts of a person", scanDraft, `SELECT `+draftColumns+` FROM drafts WHERE user_id = ? AND state = 'open' ORDER BY draft_id`, u)
}

// DraftsDue lists the open drafts that are to be dropped by now, a few at a time.
func (tx *Tx) DraftsDue(now time.Time, limit int) ([]Draft, error) {
	return all(tx, "drafts due", scanDraft, `SELECT `+draftColumns+` FROM drafts
		WHERE state = 'open' AND due_at <= ? ORDER BY due_at LIMIT ?`, millis(now), limit)
}

// Item is one message as it would go to Plusofon.
type Item struct {
	Chat     ChatID
	Message  MessageID
	Draft    DraftID // the one that it is in, or was; 0: none
	Album    string  // the album's id, shared by its items
	Author   string  // who is named as its author; "": nobody has to be
	Authored time.Time
	Text     string
	GoesOn   bool   // the next message goes on in the middle of this one's text
	FileID   string // Telegram's; "": without a file
	FileName string
	FileSize int64
}

const itemColumns = `chat_id, message_id, draft_id, album, author, author_at, text, goes_on, file_id, file_name, file_size`

func scanItem(r scanner) (i Item, err error) {
	var authored int64
	err = r.Scan(&i.Chat, &i.Message, &i.Draft, &i.Album, &i.Author, &authored, &i.Text, &i.GoesOn, &i.FileID, &i.FileName, &i.FileSize)
	i.Authored = instant(authored)
	return i, err
}

// SaveItem writes a message as given.
func (tx *Tx) SaveItem(i Item, now time.Time) error {
	return tx.run("save item", `INSERT INTO items (`+itemColumns+`, kept_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (chat_id, message_id) DO UPDATE SET draft_id = excluded.draft_id, album = excluded.album, author = excluded.author,
			author_at = excluded.author_at, text = excluded.text, goes_on = excluded.goes_on, file_id = excluded.file_id,
			file_name = excluded.file_name, file_size = excluded.file_size, kept_at = excluded.kept_at`,
		i.Chat, i.Message, i.Draft, i.Album, i.Author, millis(i.Authored), i.Text, i.GoesOn, i.FileID, i.FileName, i.FileSize, millis(now))
}

// DropItem forgets a message.
func (tx *Tx) DropItem(c ChatID, m MessageID) error {
	return tx.run("drop item", `DELETE FROM items WHERE chat_id = ? AND message_id = ?`, c, m)
}

// Item returns a message that is kept; ErrNotFound where it is not.
func (tx *Tx) Item(c ChatID, m MessageID) (Item, error) {
	return first(tx, "item", scanItem, `SELECT `+itemColumns+` FROM items WHERE chat_id = ? AND message_id = ?`, c, m)
}

// DraftItems returns a draft's messages in the order in which they were written.
func (tx *Tx) DraftItems(d DraftID) ([]Item, error) {
	return all(tx, "draft's items", scanItem, `SELECT `+itemColumns+` FROM items WHERE draft_id = ? AND draft_id > 0 ORDER BY message_id`, d)
}

// AlbumItems returns the items of an album that were seen, in their order.
func (tx *Tx) AlbumItems(c ChatID, album string) ([]Item, error) {
	return all(tx, "album's items", scanItem, `SELECT `+itemColumns+` FROM items
		WHERE chat_id = ? AND album = ? AND album <> '' ORDER BY message_id`, c, album)
}

// PruneDrafts forgets what was kept before t and is in no open draft.
func (tx *Tx) PruneDrafts(t time.Time) error {
	err := tx.run("prune items", `DELETE FROM items WHERE kept_at < ?
		AND NOT EXISTS (SELECT 1 FROM drafts WHERE drafts.draft_id = items.draft_id AND drafts.state = 'open')`, millis(t))
	if err != nil {
		return err
	}
	return tx.run("prune drafts", `DELETE FROM drafts WHERE state <> 'open' AND due_at < ?`, millis(t))
}
