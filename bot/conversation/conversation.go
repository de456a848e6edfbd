package conversation

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/topic"
	"plusofon-bot/state"
)

// Conversation decides what an update is for. Its only memory is the rate limit of strangers;
// everything else is in the store.
type Conversation struct {
	strangers access.Strangers
}

// Concerns reports whether an update is to be stored and handled at all, as far as is known
// before earlier updates are decided, and whether it is from someone without access: then it
// has lower priority than all others. The rest is dropped before anything is stored, see
// PassOver: what is said among people in groups, and what strangers keep writing after they
// were told that the bot is closed.
func (c *Conversation) Concerns(t *chat.Turn, u telegram.Update) (concerns, stranger bool, err error) {
	var in telegram.Chat
	var from *telegram.User
	switch {
	case u.Message != nil:
		in, from = u.Message.Chat, u.Message.From
	case u.Edited != nil:
		in, from = u.Edited.Chat, u.Edited.From
	case u.Callback != nil && u.Callback.Message != nil:
		in, from = u.Callback.Message.Chat, &u.Callback.From
	case u.Member != nil:
		in, from = u.Member.Chat, &u.Member.From
	}
	group := in.ID.IsGroup()
	if group {
		concerns, err = concernsGroup(t, &c.strangers, u)
	} else {
		concerns = in.Type == "private" && from != nil
	}
	if err != nil || !concerns || from == nil {
		return concerns, false, err
	}
	p, err := t.Tx.Person(state.UserID(from.ID))
	if err != nil {
		return false, false, err
	}
	isStranger := p.Role == state.Stranger
	switch {
	case group:
	case u.Callback != nil:
		concerns, err = access.ConcernsPress(t, &c.strangers, u.Callback)
	case isStranger && u.Message != nil:
		concerns, err = access.ConcernsStranger(t, &c.strangers, p, u.Message)
	case isStranger:
		concerns = false
	}
	if err != nil || !concerns || !isStranger {
		return concerns, false, err
	}
	may, err := mayUse(t, state.ChatID(in.ID), p.ID)
	return true, !may, err
}

// PassOver is called instead of storing an update that does not concern the bot. Its only
// effect is advice under a reply to a message of the bot's in a group.
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
		return err // handled when it came first
	}
	return advise(t, &c.strangers, m)
}

// Decide handles one event: an update, or all updates that belong together. In a group it then
// deletes the bot's questions that are answered or expired.
func (c *Conversation) Decide(t *chat.Turn, updates []telegram.Update) error {
	if err := c.decide(t, updates); err != nil {
		return err
	}
	return submission.ClearQuestions(t, state.ChatID(updates[0].ChatID()))
}

func (c *Conversation) decide(t *chat.Turn, updates []telegram.Update) error {
	u := updates[0]
	switch {
	case u.Message != nil:
		messages := make([]*telegram.Message, len(updates))
		for i := range updates {
			messages[i] = updates[i].Message
		}
		// In the order written, whatever the order of the updates.
		slices.SortFunc(messages, func(a, b *telegram.Message) int { return cmp.Compare(a.ID, b.ID) })
		return messaged(t, &c.strangers, messages)
	case u.Edited != nil:
		return edited(t, u.Edited)
	case u.Callback != nil:
		return pressed(t, u.Callback)
	case u.Member != nil:
		return membershipChanged(t, &c.strangers, u.Member)
	}
	return nil
}

// membershipChanged handles a change of the bot's membership in a group, or that a person has
// blocked or unblocked it.
func membershipChanged(t *chat.Turn, known *access.Strangers, m *telegram.MemberChange) error {
	if m.Chat.ID.IsGroup() {
		return access.GroupMembershipChanged(t, known, m)
	}
	if m.New == "kicked" || m.New == "left" {
		return nil // the next message to them will fail
	}
	_, err := t.Meet(m.From, m.Chat, 0)
	return err
}

// messaged handles a person's new message: a single one, the items of an album, or the parts of
// a long text.
func messaged(t *chat.Turn, known *access.Strangers, messages []*telegram.Message) error {
	m := messages[0]
	if m.Chat.ID.IsGroup() {
		return groupMessaged(t, known, messages)
	}
	if err := privateMessaged(t, known, messages); err != nil {
		return err
	}
	at := chat.Place{Chat: state.ChatID(m.Chat.ID), Thread: chat.ThreadOf(m)}
	return submission.CameBelow(t, at, state.MessageID(messages[len(messages)-1].ID))
}

func privateMessaged(t *chat.Turn, known *access.Strangers, messages []*telegram.Message) error {
	m := messages[0]
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
		return access.RefuseStranger(t, s)
	}
	if err := submission.KeepAlbum(t, s, messages); err != nil {
		return err
	}
	if isRemark(messages) {
		return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: state.MessageID(m.ID), Silent: true, Text: telegram.Plain(s.T("remark"))})
	}
	if c, ok := commandIn(t, messages); ok {
		return runCommand(t, s, c)
	}
	for _, route := range []route{
		submission.ByCard, byReply, byTopic, submission.ByAlbum, byLine, submission.ByHand, submission.ByGoingOn, byNumber, submission.Unaddressed,
	} {
		if taken, err := route(t, s, messages); taken || err != nil {
			return err
		}
	}
	return nil
}

// route is one rule for where messages that belong together go. It returns false if the rule
// does not apply; then the next one is tried.
type route func(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error)

// byReply: a reply to a message of a ticket goes to that ticket.
func byReply(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	to, err := submission.RepliedTo(t, messages[0])
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, submission.Answer(t, s, to, messages, "")
}

// byTopic: a message in a ticket's topic goes to the ticket, if the topic's setting says so.
func byTopic(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	id, ok, err := topic.RuledBy(t, messages[0])
	if err != nil || !ok {
		return false, err
	}
	return true, submission.Answer(t, s, submission.Target{Ticket: id}, messages, "")
}

// byLine: the next message is the line that was asked for, if it can be one.
func byLine(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	h, err := t.Tx.LineAsked(s.Chat, s.ID, t.Now)
	if err != nil {
		return false, chat.IgnoreAbsent(err)
	}
	return takeAsked(t, s, h, messages)
}

// takeAsked takes messages as what was asked for; false if they were hardly meant as that.
func takeAsked(t *chat.Turn, s chat.Speaker, h state.InHand, messages []*telegram.Message) (bool, error) {
	if h.Kind != state.HandSearch {
		return submission.Given(t, s, h, messages)
	}
	if err := t.Tx.DropLine(s.Chat, s.ID); err != nil || messages[0].Kind != telegram.KindText {
		return false, err
	}
	return true, reading.Search(t, s, chat.Command{Name: "search", Args: caption(messages), Messages: messages})
}

// byNumber: a message with just the number of a known ticket shows the ticket.
func byNumber(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	m := messages[0]
	if len(messages) > 1 || m.Kind != telegram.KindText || m.Forward != nil || m.Chat.Type != "private" {
		return false, nil
	}
	id, ok := chat.ParseTicket(m.Text)
	if !ok {
		return false, nil
	}
	if _, err := t.Tx.Ticket(id); err != nil {
		return false, chat.IgnoreAbsent(err)
	}
	return true, t.Fetch(s, chat.FetchRow{Ticket: id, Purpose: chat.PurposeHistory, Message: state.MessageID(m.ID), Page: -1})
}

// edited handles an edited message. In a group it may name a colleague now.
func edited(t *chat.Turn, m *telegram.Message) error {
	if !m.Chat.ID.IsGroup() {
		return submission.Edited(t, m, false)
	}
	sub, err := t.Tx.SubmissionOf(state.ChatID(m.Chat.ID), state.MessageID(m.ID))
	if chat.IgnoreAbsent(err) != nil {
		return err
	}
	named, err := namesColleague(t, sub.Ticket, []*telegram.Message{m})
	if err != nil {
		return err
	}
	return submission.Edited(t, m, named)
}

// caption is the text of an event: the message's own, the parts of a long one concatenated, or
// the caption of an album.
func caption(messages []*telegram.Message) string {
	var b strings.Builder
	for _, m := range messages {
		b.WriteString(m.Text)
	}
	return b.String()
}

// isRemark reports whether an event is a remark among colleagues. An album is one message, whichever
// of its items says so.
func isRemark(messages []*telegram.Message) bool {
	return submission.IsRemark(caption(messages)) ||
		slices.ContainsFunc(messages, func(m *telegram.Message) bool { return m.MediaGroup != "" && submission.IsRemark(m.Text) })
}

// HandlingFailed tells the author of an update that it could not be handled. Edits are not
// reported: what was sent before the edit is not affected.
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

// MessageKey is a message's idempotency key in the inbox.
func MessageKey(m *telegram.Message) string { return messageKey(m.Chat.ID, m.ID) }

func messageKey(c telegram.ChatID, m telegram.MessageID) string {
	return fmt.Sprintf("message:%d:%d", c, m)
}
