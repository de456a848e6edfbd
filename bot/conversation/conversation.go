package conversation

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/topic"
	"plusofon-bot/state"
)

// Conversation decides what an update is for. It remembers nothing but what strangers
// did lately; everything else is in the store.
type Conversation struct {
	strangers access.Strangers
}

// Concerns tells whether an update is the bot's business at all, as far as can be told
// before what came earlier is decided. What is not is passed over before anything is
// stored, see PassOver: what is said outside private chats, and what a stranger goes on
// saying who knows that the bot is closed.
func (c *Conversation) Concerns(t *chat.Turn, u telegram.Update) (bool, error) {
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
		return concernsGroup(t, &c.strangers, u)
	}
	if chat.Type != "private" || from == nil {
		return false, nil
	}
	if u.Callback != nil {
		return access.ConcernsPress(t, &c.strangers, u.Callback)
	}
	p, err := t.Tx.Person(state.UserID(from.ID))
	if err != nil || p.Role != state.Stranger {
		return err == nil, err
	}
	if u.Message == nil {
		return false, nil
	}
	return access.ConcernsStranger(t, &c.strangers, p, u.Message)
}

// PassOver is called, in place of storing it, for what does not concern the bot. All that
// comes of it is a sentence under a reply to a message of the bot's in a group.
func (c *Conversation) PassOver(t *chat.Turn, u telegram.Update) error {
	m := u.Message
	if m == nil || !m.Chat.ID.IsGroup() {
		return nil
	}
	p, err := purposeOf(t, []*telegram.Message{m})
	if err != nil || p.kind != forAdvice {
		return err
	}
	if again, err := t.Tx.Received(MessageKey(m)); err != nil || again {
		return err // it was taken when it came first
	}
	return advise(t, &c.strangers, m)
}

// FromStranger tells whether an update that concerns the bot is of somebody without
// access: it goes behind those of everybody else.
func FromStranger(t *chat.Turn, u telegram.Update) (bool, error) {
	from := u.From()
	if from == nil {
		return false, nil
	}
	p, err := t.Tx.Person(state.UserID(from.ID))
	if err != nil || p.Role != state.Stranger {
		return false, err
	}
	may, err := mayUse(t, state.ChatID(u.ChatID()), p.ID)
	return !may, err
}

// Decide handles one event: an update, or all updates that belong together.
func (c *Conversation) Decide(t *chat.Turn, updates []telegram.Update) error {
	u := updates[0]
	switch {
	case u.Message != nil:
		messages := make([]*telegram.Message, len(updates))
		for i := range updates {
			messages[i] = updates[i].Message
		}
		// As they were written, in whatever order their updates came.
		slices.SortFunc(messages, func(a, b *telegram.Message) int { return cmp.Compare(a.ID, b.ID) })
		return messaged(t, &c.strangers, messages)
	case u.Edited != nil:
		return submission.Edited(t, u.Edited)
	case u.Callback != nil:
		return pressed(t, u.Callback)
	case u.Member != nil:
		return membershipChanged(t, &c.strangers, u.Member)
	}
	return nil
}

// membershipChanged notes that a person has blocked the bot or let it in again.
func membershipChanged(t *chat.Turn, known *access.Strangers, m *telegram.MemberChange) error {
	if m.Chat.ID.IsGroup() {
		return access.GroupMembershipChanged(t, known, m)
	}
	if m.New == "kicked" || m.New == "left" {
		return nil // what is for them finds it out
	}
	_, err := t.Meet(m.From, m.Chat, 0)
	return err
}

// messaged handles a person's new message: a single one, the items of an album, or
// the pieces of a long text.
func messaged(t *chat.Turn, known *access.Strangers, messages []*telegram.Message) error {
	m := messages[0]
	if m.Chat.ID.IsGroup() {
		return groupMessaged(t, known, messages)
	}
	if m.From == nil || m.From.IsBot || m.Kind == telegram.KindService {
		return nil
	}
	s, err := t.Meet(*m.From, m.Chat, chat.ThreadOf(m))
	if err != nil {
		return err
	}
	if !s.Allowed {
		if followed, err := followLink(t, s, m); followed || err != nil {
			return err
		}
		return access.CloseDoor(t, s)
	}
	if err := submission.KeepAlbum(t, s, messages); err != nil {
		return err
	}
	if submission.IsRemark(caption(messages)) {
		return nil
	}
	if c, ok := commandIn(t, messages); ok {
		return runCommand(t, s, c)
	}
	for _, route := range []route{byReply, byTopic, submission.ByAlbum, byPrompt, submission.IntoDraft, submission.Unaddressed} {
		if taken, err := route(t, s, messages); taken || err != nil {
			return err
		}
	}
	return nil
}

// route is one rule of where a message goes, with all that belong together with it.
// It returns false where it does not concern them: then the next one is asked.
type route func(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error)

// byReply: a reply to a message of a ticket goes to that ticket.
func byReply(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	to, err := repliedTo(t, messages[0])
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, submission.Answer(t, s, to, messages, "")
}

// byTopic: what stands in a ticket's topic goes there by the topic's rule.
func byTopic(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	id, ok, err := topic.RuledBy(t, messages[0])
	if err != nil || !ok {
		return false, err
	}
	return true, submission.Answer(t, s, submission.Target{Ticket: id}, messages, "")
}

// byPrompt: what is written next is the answer to the bot's open question. What
// can't be sent answers nothing; what is sent ends the question, see submit.
func byPrompt(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	prompt, err := t.Tx.Prompt(s.Chat, s.ID, t.Now.Add(-chat.PromptLife))
	switch {
	case errors.Is(err, state.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	return answerQuestion(t, s, prompt, messages)
}

// answerQuestion takes a message as the answer to the bot's question; false where
// it was hardly meant as one.
func answerQuestion(t *chat.Turn, s chat.Speaker, prompt state.Prompt, messages []*telegram.Message) (bool, error) {
	switch prompt.Kind {
	case state.PromptSubject:
		return submission.SubjectGiven(t, s, prompt.Draft, messages)
	case state.PromptOpening:
		return true, submission.OpenFrom(t, s, messages)
	}
	return true, submission.Answer(t, s, submission.Target{Ticket: prompt.Ticket}, messages, "")
}

// repliedTo tells which ticket the message replied to belongs to; ErrNotFound
// where it replies to none. Where the map does not know a message of the bot's
// own (it was sent just before a crash), its buttons do.
func repliedTo(t *chat.Turn, m *telegram.Message) (submission.Target, error) {
	if m.ReplyTo == nil {
		return submission.Target{}, state.ErrNotFound
	}
	chat, replied := state.ChatID(m.Chat.ID), state.MessageID(m.ReplyTo.ID)
	id, err := t.Tx.MessageTicket(chat, replied)
	if !errors.Is(err, state.ErrNotFound) {
		return submission.Target{Ticket: id}, err
	}
	sub, err := t.Tx.SubmissionOf(chat, replied)
	if errors.Is(err, state.ErrNotFound) {
		sub, err = t.Tx.SubmissionTold(chat, replied)
	}
	if errors.Is(err, state.ErrNotFound) && isMe(t, m.ReplyTo.From) {
		var id state.TicketID
		if id, sub, err = buttonsLead(t, chat, m.ReplyTo.Buttons); id != 0 {
			return submission.Target{Ticket: id}, nil
		}
	}
	if err != nil {
		return submission.Target{}, err
	}
	if to, ok := submission.TargetOf(sub); ok {
		return to, nil
	}
	return submission.Target{}, state.ErrNotFound
}

// buttonsLead tells which ticket, or else which submission of the chat, the buttons
// under a message are about; ErrNotFound where they name none, or several.
func buttonsLead(t *chat.Turn, chatID state.ChatID, rows [][]telegram.Button) (state.TicketID, state.Submission, error) {
	lead, ok := chat.LeadOf(rows)
	switch {
	case !ok || lead.Draft != 0:
		return 0, state.Submission{}, state.ErrNotFound
	case lead.Ticket != 0:
		return lead.Ticket, state.Submission{}, nil
	}
	sub, err := t.Tx.Submission(lead.Submission)
	if err != nil {
		return 0, sub, err
	}
	in, err := t.CurrentChat(sub.Chat)
	if err == nil && in != chatID {
		err = state.ErrNotFound
	}
	return 0, sub, err
}

// isMe tells whether a user is this bot.
func isMe(t *chat.Turn, u *telegram.User) bool {
	return u != nil && u.IsBot && strings.EqualFold(u.Username, t.BotName)
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

// HandlingFailed tells the author of an update that it could not be handled. Of
// an edit nothing is said: what was sent before it is not touched.
func HandlingFailed(t *chat.Turn, u telegram.Update) error {
	from := u.From()
	if from == nil {
		return nil
	}
	at := placeOf(u)
	allowed, err := t.Authorized(at.Chat, state.UserID(from.ID))
	if err != nil || !allowed {
		return err
	}
	s, err := t.TextsFor(at.Chat)
	if err != nil {
		return err
	}
	switch {
	case u.Callback != nil:
		return t.AnswerCallback(u.Callback.ID, s.T("press_failed"), true)
	case u.Message != nil:
		return t.Say(chat.Outgoing{
			Place: at, ReplyTo: state.MessageID(u.Message.ID), Text: telegram.Plain(s.T("handling_failed")),
		})
	}
	return nil
}

// MessageKey names a message in the inbox.
func MessageKey(m *telegram.Message) string { return messageKey(m.Chat.ID, m.ID) }

func messageKey(c telegram.ChatID, m telegram.MessageID) string {
	return fmt.Sprintf("message:%d:%d", c, m)
}
