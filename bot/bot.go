// Package bot is the conversation: what to do about an update from Telegram,
// about news from Plusofon, and about what came of a request.
//
// It decides and does no I/O of its own. Every decision is made inside one
// transaction of the store: what it reads, what it changes and the requests it
// puts into the outbox are on disk together or not at all. Time comes in with
// the event. What the requests do and how they are repeated is package relay's
// business; what they say and when is decided here.
//
// In a group that a member has added the bot to everybody may open and answer. What
// is said there among colleagues is passed over before it is stored, see
// Bot.Concerns, and nothing goes out without a command, a reply or the topic's rule.
package bot

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// Signing says whether the author's name is added to what goes to Plusofon.
type Signing string

// The ways of signing. SignAuto signs once more than one person has sent
// something through the bot.
const (
	SignAuto   Signing = "auto"
	SignAlways Signing = "always"
	SignNever  Signing = "never"
)

// Config is what the conversation depends on.
type Config struct {
	Language    string         // of people whose language is not known
	MaxFileSize int64          // bytes; larger files are refused
	Signing     Signing        //
	Location    *time.Location // the zone of the times shown
}

// Bot decides. Its methods are to be called inside a transaction.
type Bot struct {
	Config
	strangers strangers
}

// New returns a bot for a configuration.
func New(cfg Config) *Bot { return &Bot{Config: cfg} }

// The keys of what the store remembers about the program's two accounts.
const (
	metaBotName       = "bot_name" // the bot's @name, without the @
	metaBotID         = "bot_id"
	metaReadsGroups   = "reads_groups"   // "on" without privacy mode: the bot sees all messages of groups
	metaPrivateTopics = "private_topics" // "on" where private chats can have topics
	metaAccountEmail  = "account_email"  // the Plusofon account's own e-mail
	metaAccountName   = "account_name"
)

// turn is one decision: the event's time and the transaction it is made in.
type turn struct {
	*Bot
	tx   *state.Tx
	now  time.Time
	name string // the bot's own, for commands that are addressed
	here place  // where the event is from
	// holds says that what is answered goes only once its author has said so.
	holds bool
}

// place is where in a chat something stands: in a topic, or in none.
type place struct {
	chat   state.ChatID
	thread state.ThreadID
}

// Concerns tells whether an update is the bot's business at all. What is not is
// passed over before anything is stored: what is said outside private chats, and
// what a stranger goes on saying who knows that the bot is closed.
func (b *Bot) Concerns(tx *state.Tx, now time.Time, u telegram.Update) (bool, error) {
	t := &turn{Bot: b, tx: tx, now: now}
	var chat telegram.Chat
	var from *telegram.User
	switch {
	case u.Message != nil:
		chat, from = u.Message.Chat, u.Message.From
	case u.Edited != nil:
		chat, from = u.Edited.Chat, u.Edited.From
	case u.Callback != nil && u.Callback.Message != nil:
		chat, from = u.Callback.Message.Chat, &u.Callback.From
	case u.Member != nil:
		chat, from = u.Member.Chat, &u.Member.From
	}
	if chat.ID.IsGroup() {
		return t.concernsGroup(u)
	}
	if chat.Type != "private" || from == nil {
		return false, nil
	}
	if u.Callback != nil {
		return t.concernsPress(u.Callback)
	}
	p, err := tx.Person(state.UserID(from.ID))
	if err != nil || p.Role != state.Stranger {
		return err == nil, err
	}
	if u.Message == nil {
		return false, nil
	}
	return t.concernsStranger(p, u.Message)
}

// recently tells whether at lies less than d before now. A time in the future
// (the clock was set back) does not count.
func recently(at, now time.Time, d time.Duration) bool {
	return !at.After(now) && now.Sub(at) < d
}

// Decide handles one event: an update, or all updates that belong together.
func (b *Bot) Decide(tx *state.Tx, now time.Time, updates []telegram.Update) error {
	name, err := tx.Meta(metaBotName)
	if err != nil {
		return err
	}
	u := updates[0]
	t := &turn{Bot: b, tx: tx, now: now, name: name, here: placeOf(u)}
	switch {
	case u.Message != nil:
		messages := make([]*telegram.Message, len(updates))
		for i := range updates {
			messages[i] = updates[i].Message
		}
		// As they were written, in whatever order their updates came.
		slices.SortFunc(messages, func(a, b *telegram.Message) int { return cmp.Compare(a.ID, b.ID) })
		return t.message(messages)
	case u.Edited != nil:
		return t.edited(u.Edited)
	case u.Callback != nil:
		return t.press(u.Callback)
	case u.Member != nil:
		return t.membership(u.Member)
	}
	return nil
}

// speaker is who speaks to the bot and where.
type speaker struct {
	state.Person
	chat    state.ChatID
	allowed bool // may use the bot here: everybody may in a group that counts
	texts.Texts
	zone *time.Location // of the times shown to him
}

// meet brings what is known of a person up to date. Strangers are not stored.
func (t *turn) meet(u telegram.User, chat telegram.Chat) (speaker, error) {
	p, err := t.tx.Person(state.UserID(u.ID))
	if err != nil {
		return speaker{}, err
	}
	known := p
	p.Name, p.Username = u.Name(), u.Username
	if lang, _, _ := strings.Cut(u.Language, "-"); lang == "ru" || lang == "en" {
		p.Language = lang
	}
	s, err := t.speaker(p, state.ChatID(chat.ID))
	if err != nil || !s.allowed {
		return s, err
	}
	if p != known {
		if err := t.tx.SavePerson(p); err != nil {
			return speaker{}, err
		}
	}
	return s, t.returned(s.chat, chat)
}

// returned notes a chat that writes to the bot.
func (t *turn) returned(id state.ChatID, chat telegram.Chat) error {
	if err := t.ChatOpen(t.tx, t.now, id); err != nil {
		return err
	}
	if chat.ID.IsGroup() {
		if err := t.seeForum(id, chat.IsForum); err != nil {
			return err
		}
	}
	return t.tx.SeeChat(id, chat.Type, chat.Title)
}

// membership notes that a person has blocked the bot or let it in again.
func (t *turn) membership(m *telegram.MemberChange) error {
	if m.Chat.ID.IsGroup() {
		return t.groupMembership(m)
	}
	id := state.ChatID(m.Chat.ID)
	if m.New == "kicked" || m.New == "left" {
		return t.tx.BlockChat(id, t.now)
	}
	_, err := t.meet(m.From, m.Chat)
	return err
}

// message handles a person's new message: a single one, the items of an album, or
// the pieces of a long text.
func (t *turn) message(messages []*telegram.Message) error {
	m := messages[0]
	if m.Chat.ID.IsGroup() {
		return t.groupMessage(messages)
	}
	if m.From == nil || m.From.IsBot || m.Kind == telegram.KindService {
		return nil
	}
	s, err := t.meet(*m.From, m.Chat)
	if err != nil {
		return err
	}
	if !s.allowed {
		return t.stranger(s, m)
	}
	if err := t.keepAlbum(s, messages); err != nil {
		return err
	}
	if isNote(caption(messages)) {
		return nil
	}
	if c, ok := t.commandIn(messages); ok {
		return t.command(s, c)
	}
	for _, route := range []route{t.byReply, t.byTopic, t.byAlbum, t.byPrompt, t.intoDraft, t.unaddressed} {
		if taken, err := route(s, messages); taken || err != nil {
			return err
		}
	}
	return nil
}

// route is one rule of where a message goes, with all that belong together with it.
// It returns false where it does not concern them: then the next one is asked.
type route func(s speaker, messages []*telegram.Message) (bool, error)

// byReply: a reply to a message of a ticket goes to that ticket.
func (t *turn) byReply(s speaker, messages []*telegram.Message) (bool, error) {
	to, err := t.repliedTo(messages[0])
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, t.answer(s, to, messages)
}

// byTopic: what stands in a ticket's topic goes there by the topic's rule.
func (t *turn) byTopic(s speaker, messages []*telegram.Message) (bool, error) {
	id, ok, err := t.topicRule(messages[0])
	if err != nil || !ok {
		return false, err
	}
	return true, t.answer(s, target{ticket: id}, messages)
}

// byPrompt: what is written next is the answer to the bot's open question. What
// can't be sent answers nothing; what is sent ends the question, see submit.
func (t *turn) byPrompt(s speaker, messages []*telegram.Message) (bool, error) {
	prompt, err := t.tx.Prompt(s.chat, s.ID, t.now.Add(-promptLife))
	switch {
	case errors.Is(err, state.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	return t.answerQuestion(s, prompt, messages)
}

// answerQuestion takes a message as the answer to the bot's question; false where
// it was hardly meant as one.
func (t *turn) answerQuestion(s speaker, prompt state.Prompt, messages []*telegram.Message) (bool, error) {
	switch prompt.Kind {
	case state.PromptSubject:
		return t.subjectGiven(s, prompt.Draft, messages)
	case state.PromptOpening:
		return true, t.openFrom(s, messages)
	}
	return true, t.answer(s, target{ticket: prompt.Ticket}, messages)
}

// promptLife is how long the bot's question waits for its answer. A later
// message was hardly meant as one.
const promptLife = 24 * time.Hour

// target is where an answer goes: a ticket, or the opening whose ticket does not
// exist yet.
type target struct {
	ticket  state.TicketID
	opening state.SubmissionID
}

// repliedTo tells which ticket the message replied to belongs to; ErrNotFound
// where it replies to none. Where the map does not know a message of the bot's
// own (it was sent just before a crash), its buttons do.
func (t *turn) repliedTo(m *telegram.Message) (target, error) {
	if m.ReplyTo == nil {
		return target{}, state.ErrNotFound
	}
	chat, replied := state.ChatID(m.Chat.ID), state.MessageID(m.ReplyTo.ID)
	id, err := t.tx.MessageTicket(chat, replied)
	if !errors.Is(err, state.ErrNotFound) {
		return target{ticket: id}, err
	}
	sub, err := t.tx.SubmissionOf(chat, replied)
	if errors.Is(err, state.ErrNotFound) {
		sub, err = t.tx.SubmissionTold(chat, replied)
	}
	if errors.Is(err, state.ErrNotFound) && t.isMe(m.ReplyTo.From) {
		var id state.TicketID
		if id, sub, err = t.buttonsLead(chat, m.ReplyTo.Buttons); id != 0 {
			return target{ticket: id}, nil
		}
	}
	if err != nil {
		return target{}, err
	}
	if to, ok := where(sub); ok {
		return to, nil
	}
	return target{}, state.ErrNotFound
}

// buttonsLead tells which ticket, or else which submission of the chat, the buttons
// under a message are about; ErrNotFound where none of them says.
func (t *turn) buttonsLead(chat state.ChatID, rows [][]telegram.Button) (state.TicketID, state.Submission, error) {
	for _, row := range rows {
		for _, b := range row {
			p, ok := parsePress(b.Data)
			switch {
			case ok && p.ofTicket():
				return p.ticket, state.Submission{}, nil
			case ok && p.ofSubmission():
				sub, err := t.tx.Submission(state.SubmissionID(p.id))
				if err == nil && sub.Chat != chat {
					err = state.ErrNotFound
				}
				return 0, sub, err
			}
		}
	}
	return 0, state.Submission{}, state.ErrNotFound
}

// isMe tells whether a user is this bot.
func (t *turn) isMe(u *telegram.User) bool {
	return u != nil && u.IsBot && strings.EqualFold(u.Username, t.name)
}

// where is the ticket that a submission belongs to; false where there is none and
// there will be none.
func where(sub state.Submission) (target, bool) {
	switch {
	case sub.Reason == reasonMention:
		// It is for a colleague as long as its author says nothing else, and so is
		// what the colleague replies.
		return target{}, false
	case sub.Ticket != 0:
		return target{ticket: sub.Ticket}, true
	case sub.State == state.SubmissionCancelled:
		return target{}, false
	case sub.Kind == state.Answer:
		return target{opening: sub.Opening}, true
	}
	return target{opening: sub.ID}, true
}

// caption is the text of an event: the message's own, the pieces of a long one
// with nothing between them, or the one that stands among the items of an album.
func caption(messages []*telegram.Message) string {
	var b strings.Builder
	for _, m := range messages {
		b.WriteString(m.Text)
	}
	return b.String()
}

// ticketName is how a ticket is called everywhere.
func ticketName(id state.TicketID) string { return "№" + ticketNumber(id) }

func ticketNumber(id state.TicketID) string { return strconv.FormatInt(int64(id), 10) }

// HandlingFailed tells the author of an update that it could not be handled. Of
// an edit nothing is said: what was sent before it is not touched.
func (b *Bot) HandlingFailed(tx *state.Tx, now time.Time, u telegram.Update) error {
	from := u.From()
	if from == nil {
		return nil
	}
	t := &turn{Bot: b, tx: tx, now: now, here: placeOf(u)}
	allowed, err := t.allowed(t.here.chat, state.UserID(from.ID))
	if err != nil || !allowed {
		return err
	}
	s, err := t.textsFor(t.here.chat)
	if err != nil {
		return err
	}
	switch {
	case u.Callback != nil:
		return t.answerPress(u.Callback.ID, s.T("press_failed"), true)
	case u.Message != nil:
		return t.say(outgoing{
			chat: state.ChatID(u.Message.Chat.ID), replyTo: state.MessageID(u.Message.ID), text: telegram.Plain(s.T("handling_failed")),
		})
	}
	return nil
}

// MessageKey names a message in the inbox.
func MessageKey(m *telegram.Message) string { return fmt.Sprintf("message:%d:%d", m.Chat.ID, m.ID) }
