package state

import (
	"cmp"
	"encoding/json"
	"errors"
	"time"
)

// SubmissionKind is what a submission does at Plusofon.
type SubmissionKind string

// The kinds of submissions.
const (
	Opening SubmissionKind = "opening"
	Answer  SubmissionKind = "answer"
)

// SubmissionState is the state of a submission.
type SubmissionState string

// The states of a submission.
const (
	SubmissionHeld      SubmissionState = "held"      // not sent until its author confirms
	SubmissionQueued    SubmissionState = "queued"    // not sent yet; will be
	SubmissionWaiting   SubmissionState = "waiting"   // the same, and the author was told that Plusofon is unavailable
	SubmissionSending   SubmissionState = "sending"   // its request is in flight
	SubmissionUnknown   SubmissionState = "unknown"   // sent, outcome unknown, being read back
	SubmissionDoubtful  SubmissionState = "doubtful"  // reading back was inconclusive; the author decides
	SubmissionParked    SubmissionState = "parked"    // not sent: Plusofon was unavailable for a day
	SubmissionRefused   SubmissionState = "refused"   // not sent: Plusofon said no
	SubmissionFailed    SubmissionState = "failed"    // not sent: it can't be sent as things are
	SubmissionDelivered SubmissionState = "delivered" // Plusofon has the text
	SubmissionCancelled SubmissionState = "cancelled"
)

// GoesByItself reports whether a submission is certainly not sent yet and will be
// without anyone acting.
func (s SubmissionState) GoesByItself() bool { return s == SubmissionQueued || s == SubmissionWaiting }

// UnderWay reports whether a request was made and its outcome is not settled.
func (s SubmissionState) UnderWay() bool { return s == SubmissionSending || s == SubmissionUnknown }

// Stopped reports whether sending was given up, certainly without effect; the author
// knows and may retry.
func (s SubmissionState) Stopped() bool {
	return s == SubmissionParked || s == SubmissionRefused || s == SubmissionFailed
}

// CertainlyNotSent reports whether a request is certainly not at Plusofon and can be
// withdrawn. An earlier one may be: see Submission.Doubted.
func (s SubmissionState) CertainlyNotSent() bool {
	return s == SubmissionHeld || s.GoesByItself() || s.Stopped()
}

// AwaitsPerson reports whether nothing happens until a person decides.
func (s SubmissionState) AwaitsPerson() bool {
	return s == SubmissionHeld || s == SubmissionDoubtful || s.Stopped()
}

// Reason is why a submission is in its state.
type Reason string

// The reasons, by state. A held submission keeps its reason when it is cancelled.
const (
	// Held.
	ReasonMention Reason = "mention" // it names a colleague
	ReasonReply   Reason = "reply"   // it replies to a colleague
	ReasonClosed  Reason = "closed"  // its ticket is closed and would be reopened
	// Refused.
	ReasonNotFound Reason = "not_found" // Plusofon has no such ticket
	ReasonRefused  Reason = "refused"   // Plusofon rejects it; Detail may say why
	ReasonNoAccess Reason = "no_access" // the account is not authorized
	// Failed.
	ReasonNoOpening Reason = "no_opening" // its ticket was not opened
	ReasonFails     Reason = "fails"      // Plusofon fails each time
	// Parked.
	ReasonGaveUp Reason = "gave_up" // Plusofon was unavailable for a day
)

// ForColleague reports whether the text may be meant for a colleague only.
func (r Reason) ForColleague() bool { return r == ReasonMention || r == ReasonReply }

// Submission is something that a person sends to Plusofon.
type Submission struct {
	ID      SubmissionID
	Kind    SubmissionKind
	Chat    ChatID
	Message MessageID // the person's message
	Thread  ThreadID  // the topic it is in; 0: none
	User    UserID
	Ticket  TicketID     // 0 until an opening is delivered
	Post    PostID       // 0 until delivered
	Opening SubmissionID // of an answer written before its ticket existed
	Draft   DraftID      // the draft it was made from; 0: from one event's messages
	Subject string
	Text    string
	State   SubmissionState
	Reason  Reason
	Detail  string    // the server's message, fit for display
	Receipt MessageID // the bot's message about it; 0: none
	Told    ChatID    // where that stands: the supergroup that Chat has become; 0: in Chat itself
	After   int64     // the newest ticket (opening) or post (answer) known when it was sent, or first sent if that is doubted
	Doubted bool      // an attempt may be at Plusofon, whatever became of it since
	Created time.Time
}

// CertainlyNotSent reports whether nothing of a submission can be at Plusofon.
func (s Submission) CertainlyNotSent() bool { return s.State.CertainlyNotSent() && !s.Doubted }

// TakesEdits reports whether the text can still be changed: not while a request that may have
// arrived is to be repeated, unless its author was asked.
func (s Submission) TakesEdits() bool {
	return s.State.CertainlyNotSent() && !(s.Doubted && s.State.GoesByItself())
}

const submissionColumns = `submission_id, kind, chat_id, message_id, user_id, ticket_id, post_id, opening_id, subject, text, state, reason, detail,
	receipt_message_id, receipt_chat_id, sent_after, doubted, thread_id, draft_id, created_at`

func scanSubmission(r scanner) (s Submission, err error) {
	var created int64
	err = r.Scan(&s.ID, &s.Kind, &s.Chat, &s.Message, &s.User, &s.Ticket, &s.Post, &s.Opening, &s.Subject, &s.Text, &s.State, &s.Reason, &s.Detail,
		&s.Receipt, &s.Told, &s.After, &s.Doubted, &s.Thread, &s.Draft, &created)
	s.Created = instant(created)
	return s, err
}

// AddSubmission stores a new submission and returns its id. A message makes at most one
// submission: false if it already has.
func (tx *Tx) AddSubmission(s Submission) (SubmissionID, bool, error) {
	res, err := tx.exec("add submission", `INSERT INTO submissions (kind, chat_id, message_id, user_id, ticket_id, opening_id, subject, text, state, reason,
			thread_id, receipt_message_id, draft_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chat_id, message_id) DO NOTHING`,
		s.Kind, s.Chat, s.Message, s.User, s.Ticket, s.Opening, s.Subject, s.Text, s.State, s.Reason, s.Thread, s.Receipt, s.Draft, millis(s.Created))
	if err != nil {
		return 0, false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return 0, false, err
	}
	id, err := res.LastInsertId()
	return SubmissionID(id), true, err
}

// SaveSubmission writes the mutable fields of a submission.
func (tx *Tx) SaveSubmission(s Submission) error {
	return tx.run("save submission", `UPDATE submissions SET ticket_id = ?, post_id = ?, subject = ?, text = ?, state = ?, reason = ?, detail = ?,
		receipt_message_id = ?, receipt_chat_id = ?, sent_after = ?, doubted = ? WHERE submission_id = +?`,
		s.Ticket, s.Post, s.Subject, s.Text, s.State, s.Reason, s.Detail, s.Receipt, s.Told, s.After, s.Doubted, s.ID)
}

// ReceiptIn returns the receipt of a submission as far as it stands in a chat; 0: there is
// none.
func (s Submission) ReceiptIn(c ChatID) MessageID {
	if c != cmp.Or(s.Told, s.Chat) {
		return 0
	}
	return s.Receipt
}

// TellIn notes a message in a chat as the receipt of a submission.
func (s *Submission) TellIn(c ChatID, receipt MessageID) {
	s.Receipt, s.Told = receipt, 0
	if c != s.Chat {
		s.Told = c
	}
}

// Submission returns a submission; ErrNotFound if there is none.
func (tx *Tx) Submission(id SubmissionID) (Submission, error) {
	return first(tx, "submission", scanSubmission, `SELECT `+submissionColumns+` FROM submissions WHERE submission_id = +?`, id)
}

// UnreadTicket returns the ticket of an answer if it was never read; else 0.
func (tx *Tx) UnreadTicket(id SubmissionID) (ticket TicketID, err error) {
	err = tx.one("unread ticket", `SELECT coalesce((SELECT s.ticket_id FROM submissions AS s LEFT JOIN tickets AS t ON t.ticket_id = s.ticket_id
		WHERE s.submission_id = +? AND s.kind = 'answer' AND coalesce(t.fetched_at, 0) = 0), 0)`, []any{id}, &ticket)
	return ticket, err
}

// SubmissionFrom returns the submission made from a draft; ErrNotFound if there is none.
func (tx *Tx) SubmissionFrom(d DraftID) (Submission, error) {
	return first(tx, "submission of draft", scanSubmission, `SELECT `+submissionColumns+` FROM submissions WHERE draft_id = +? AND draft_id > 0`, d)
}

// Unsubmit deletes a submission that certainly was not sent; its messages become free
// again.
func (tx *Tx) Unsubmit(s SubmissionID) error {
	if err := tx.UnmapSubmission(s); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM files WHERE submission_id = +?`,
		`DELETE FROM parts WHERE submission_id = +?`,
		`DELETE FROM going_on WHERE submission_id = +?`,
		`DELETE FROM submissions WHERE submission_id = +?`,
	} {
		if err := tx.run("take submission back", query, s); err != nil {
			return err
		}
	}
	return nil
}

// UnmapSubmission unmaps the messages of a submission and its receipt from its ticket.
func (tx *Tx) UnmapSubmission(s SubmissionID) error {
	for _, of := range []string{"chat_id, message_id FROM submissions", "chat_id, message_id FROM parts", "iif(receipt_chat_id = 0, chat_id, receipt_chat_id), receipt_message_id FROM submissions"} {
		err := tx.run("unmap messages", `DELETE FROM messages WHERE (chat_id, message_id) IN (SELECT `+of+` WHERE submission_id = +?)`, s)
		if err != nil {
			return err
		}
	}
	return nil
}

// AddPart records a further message of a submission.
func (tx *Tx) AddPart(s SubmissionID, c ChatID, m MessageID) error {
	return tx.run("add part", `INSERT INTO parts (chat_id, message_id, submission_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, c, m, s)
}

// Parts returns the further messages of a submission, in order.
func (tx *Tx) Parts(s SubmissionID) ([]MessageID, error) {
	return all(tx, "parts", func(r scanner) (m MessageID, err error) {
		err = r.Scan(&m)
		return m, err
	}, `SELECT message_id FROM parts WHERE submission_id = +? ORDER BY message_id`, s)
}

// SubmissionOf returns the submission that a message is part of; ErrNotFound if none.
func (tx *Tx) SubmissionOf(c ChatID, m MessageID) (Submission, error) {
	s, err := first(tx, "submission of part", scanSubmission, `SELECT `+submissionColumns+` FROM submissions
		WHERE submission_id = (SELECT submission_id FROM parts WHERE chat_id = +? AND message_id = +?)`, c, m)
	if !errors.Is(err, ErrNotFound) {
		return s, err
	}
	return first(tx, "submission of message", scanSubmission, `SELECT `+submissionColumns+` FROM submissions
		WHERE chat_id = +? AND message_id = +?`, c, m)
}

// SubmissionTold returns the submission that a message of the bot's is the receipt of, in the
// chat that it was written in; ErrNotFound if none.
func (tx *Tx) SubmissionTold(c ChatID, receipt MessageID) (Submission, error) {
	return first(tx, "submission of receipt", scanSubmission, `SELECT `+submissionColumns+` FROM submissions
		WHERE chat_id = +? AND receipt_message_id = +? AND receipt_message_id > 0 AND receipt_chat_id = 0`, c, receipt)
}

// WaitingFor lists the answers that wait for an opening's ticket, oldest first.
func (tx *Tx) WaitingFor(opening SubmissionID) ([]Submission, error) {
	return all(tx, "answers waiting", scanSubmission, `SELECT `+submissionColumns+` FROM submissions
		WHERE opening_id = +? AND opening_id > 0 AND ticket_id = 0 ORDER BY submission_id`, opening)
}

// DoubtWaiting marks the answers that wait for their ticket as being sent, because a
// restored copy can't rule that out: see TakeCopied.
func (tx *Tx) DoubtWaiting() error {
	return tx.run("doubt waiting answers", `UPDATE submissions SET state = 'sending'
		WHERE opening_id > 0 AND ticket_id = 0 AND state IN ('queued', 'waiting')`)
}

// InFlight lists the submissions to a ticket (0: openings) that may have taken effect
// but are not linked to it yet, oldest first: also those that wait to be sent again.
func (tx *Tx) InFlight(t TicketID) ([]Submission, error) {
	return all(tx, "submissions in flight", scanSubmission, `SELECT `+submissionColumns+` FROM submissions
		WHERE ticket_id = +? AND (state IN ('sending', 'unknown', 'doubtful') OR doubted = 1 AND state NOT IN ('delivered', 'cancelled'))
		ORDER BY submission_id`, t)
}

const unsent = ` FROM submissions WHERE state NOT IN ('sending', 'unknown', 'doubtful', 'delivered', 'cancelled')`

// UnsentBy lists a person's submissions that certainly have not been sent.
func (tx *Tx) UnsentBy(u UserID) ([]Submission, error) {
	return all(tx, "unsent of a person", scanSubmission, `SELECT `+submissionColumns+unsent+` AND user_id = +? ORDER BY submission_id`, u)
}

// here is a chat, the argument of that number, and the group that it was before.
const here = ` IN (SELECT ?1 UNION ALL SELECT chat_id FROM chats WHERE moved_to = +?1 AND moved_to <> 0)`

// AwaitingIn lists the submissions of a chat that await a person's decision.
func (tx *Tx) AwaitingIn(c ChatID) ([]Submission, error) {
	return all(tx, "submissions that await a person", scanSubmission, `SELECT `+submissionColumns+` FROM submissions
		WHERE state IN ('held', 'doubtful', 'parked', 'refused', 'failed') AND +chat_id`+here+` ORDER BY submission_id`, c)
}

// UnsettledBy lists a person's submissions in a chat, or in the group that it was before,
// that are neither delivered nor cancelled.
func (tx *Tx) UnsettledBy(u UserID, c ChatID) ([]Submission, error) {
	return all(tx, "unsettled of a person", scanSubmission, `SELECT `+submissionColumns+` FROM submissions
		WHERE user_id = +?2 AND chat_id`+here+` AND state NOT IN ('delivered', 'cancelled') ORDER BY submission_id`, c, u)
}

// LastDelivered returns a person's last delivered submission in a chat, or in the group
// that it was before; ErrNotFound if there is none.
func (tx *Tx) LastDelivered(u UserID, c ChatID) (Submission, error) {
	return first(tx, "last delivered of a person", scanSubmission, `SELECT `+submissionColumns+` FROM submissions
		WHERE user_id = +?2 AND chat_id`+here+` AND state = 'delivered' ORDER BY submission_id DESC LIMIT 1`, c, u)
}

// UnsentIn lists the submissions of a chat, and of the group that it was before, that
// certainly have not been sent.
func (tx *Tx) UnsentIn(c ChatID) ([]Submission, error) {
	return all(tx, "unsent of a chat", scanSubmission, `SELECT `+submissionColumns+unsent+` AND chat_id`+here, c)
}

// WithFilesBy lists a person's delivered submissions with files still to be sent.
func (tx *Tx) WithFilesBy(u UserID) ([]SubmissionID, error) {
	return tx.withFiles(`user_id = +?`, u)
}

// WithFilesIn lists those of a chat.
func (tx *Tx) WithFilesIn(c ChatID) ([]SubmissionID, error) {
	return tx.withFiles(`chat_id`+here, c)
}

func (tx *Tx) withFiles(which string, arg any) ([]SubmissionID, error) {
	return all(tx, "submissions with files", func(r scanner) (id SubmissionID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT submission_id FROM submissions WHERE state = 'delivered' AND `+which+`
		AND EXISTS (SELECT 1 FROM files WHERE files.submission_id = submissions.submission_id AND files.state = 'queued') ORDER BY submission_id`, arg)
}

// DropFile deletes a file that certainly has not been sent.
func (tx *Tx) DropFile(s SubmissionID, n int) error {
	return tx.run("drop file", `DELETE FROM files WHERE submission_id = +? AND n = +? AND state = 'queued'`, s, n)
}

// OtherSenders counts the people, except one, who have sent something. It steps from
// person to person without scanning what each has sent.
func (tx *Tx) OtherSenders(but UserID) (n int, err error) {
	err = tx.one("count senders", `WITH RECURSIVE sender (id) AS (
			SELECT min(user_id) FROM submissions
			UNION ALL SELECT (SELECT min(user_id) FROM submissions WHERE user_id > sender.id) FROM sender WHERE id IS NOT NULL)
		SELECT count(*) FROM sender WHERE id <> ?`, []any{but}, &n)
	return n, err
}

// Unsent counts submissions that, as far as known, have not reached Plusofon.
type Unsent struct {
	Waiting   int // to be sent, or for their ticket to be opened
	Unknown   int // being read back
	Undecided int // until a person decides
}

// Unsent counts the submissions of a person (0: everyone) that have not reached
// Plusofon; kinds are the kinds of rows that carry submissions.
func (tx *Tx) Unsent(u UserID, kinds ...string) (n Unsent, err error) {
	list, err := json.Marshal(kinds)
	if err != nil {
		return n, err
	}
	err1 := tx.one("count what waits", `SELECT coalesce(sum(o.state <> 'unknown'), 0), coalesce(sum(o.state = 'unknown'), 0)
		FROM outbox AS o JOIN submissions AS s ON s.submission_id = o.payload ->> '$.submission'
		WHERE o.side = 'plusofon' AND o.ended_at = 0 AND o.kind IN (SELECT value FROM json_each(?1)) AND (?2 = 0 OR s.user_id = +?2)`,
		[]any{string(list), u}, &n.Waiting, &n.Unknown)
	var behind int
	err2 := tx.one("count what waits for a ticket", `SELECT count(*) FROM submissions
		WHERE opening_id > 0 AND ticket_id = 0 AND state = 'queued' AND (?1 = 0 OR user_id = +?1)`, []any{u}, &behind)
	n.Waiting += behind
	err3 := tx.one("count undecided", `SELECT count(*) FROM submissions WHERE state IN ('held', 'doubtful', 'parked', 'refused', 'failed')
		AND (?1 = 0 OR user_id = +?1)`, []any{u}, &n.Undecided)
	return n, errors.Join(err1, err2, err3)
}

// File is a file of a submission.
type File struct {
	Submission SubmissionID
	N          int
	FileID     string // Telegram's
	Name       string
	Size       int64 // bytes; 0 if Telegram doesn't say
	State      FileState
	Reason     FileReason
}

// FileState is the state of a file.
type FileState string

// The states of a file.
const (
	FileQueued    FileState = "queued"
	FileDelivered FileState = "delivered"
	FileFailed    FileState = "failed"   // certainly did not arrive
	FileDoubtful  FileState = "doubtful" // may or may not have arrived
)

// IsMissed reports whether a file is, as far as known, not at Plusofon and will not be
// sent.
func (s FileState) IsMissed() bool { return s == FileFailed || s == FileDoubtful }

// FileReason is why a file has failed.
type FileReason string

// The reasons of files.
const (
	FileReasonTooBig  FileReason = "too_big" // for the bot, or for Telegram to serve
	FileReasonGone    FileReason = "gone"    // Telegram no longer serves it
	FileReasonRefused FileReason = "refused" // Plusofon rejects it
	FileReasonFails   FileReason = "fails"   // Plusofon fails each time
	FileReasonGaveUp  FileReason = "gave_up" // attempts failed for a day
)

// SaveFile writes a file.
func (tx *Tx) SaveFile(f File) error {
	return tx.run("save file", `INSERT INTO files (submission_id, n, file_id, name, size, state, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET state = excluded.state, reason = excluded.reason`,
		f.Submission, f.N, f.FileID, f.Name, f.Size, f.State, f.Reason)
}

// Files returns a submission's files in order.
func (tx *Tx) Files(s SubmissionID) ([]File, error) {
	return all(tx, "files", func(r scanner) (f File, err error) {
		err = r.Scan(&f.Submission, &f.N, &f.FileID, &f.Name, &f.Size, &f.State, &f.Reason)
		return f, err
	}, `SELECT submission_id, n, file_id, name, size, state, reason FROM files WHERE submission_id = +? ORDER BY n`, s)
}
