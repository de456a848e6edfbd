package bot

import (
	"errors"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// topicsRefused is told once when a chat that wants topics can't have them.
const topicsRefused = "topics_refused"

// maxTopicName is Telegram's limit on the name of a topic.
const maxTopicName = 128

func topicName(ticket state.Ticket) string {
	name := ticketName(ticket.ID)
	if subject := telegram.Clean(ticket.Subject); subject != "" {
		name += " " + subject
	}
	return cutUnits(name, maxTopicName)
}

// topicRule is the ticket whose topic a message stands in, where the chat has
// chosen that what is written there is an answer.
func (t *turn) topicRule(m *telegram.Message) (state.TicketID, bool, error) {
	thread := threadOf(m)
	if thread == 0 {
		return 0, false, nil
	}
	set, err := t.tx.Settings(state.ChatID(m.Chat.ID))
	if err != nil || !set.TopicAnswers {
		return 0, false, err
	}
	id, err := t.tx.TopicTicket(set.Chat, thread)
	return id, err == nil, ignoreAbsent(err)
}

// hasTopics tells whether a chat's tickets have topics now: it has chosen so, and
// the bot can make them.
func (t *turn) hasTopics(c state.ChatID) (bool, error) {
	set, err := t.tx.Settings(c)
	if err != nil || set.Layout != state.Topics {
		return false, err
	}
	if !telegram.ChatID(c).IsGroup() {
		can, err := t.tx.Meta(metaPrivateTopics)
		return can != "", err
	}
	g, err := t.tx.Group(c)
	return g.Forum && g.ManagesTopics, ignoreAbsent(err)
}

// inTopic turns a row that is for a ticket's topic into the request that is next:
// the message in its topic, or the making of the topic. Where the chat has no
// topics the message goes as it is.
func (t *turn) inTopic(row TelegramRow) (TelegramRow, error) {
	if ok, err := t.hasTopics(row.Chat); err != nil || !ok {
		return row, err
	}
	topic, err := t.tx.Topic(row.Chat, row.Ticket)
	if ignoreAbsent(err) != nil {
		return row, err
	}
	if topic.Thread == 0 {
		ticket, err := t.tx.Ticket(row.Ticket)
		if err != nil {
			return row, ignoreAbsent(err)
		}
		row.Makes = topicName(ticket)
		row.Call, err = telegram.Encode(telegram.CreateForumTopic{ChatID: telegram.ChatID(row.Chat), Name: row.Makes})
		return row, err
	}
	// A reply can't reach into another topic if its message may be gone.
	if row.Thread != topic.Thread {
		if row.Call, err = withoutParam(row.Call, "reply_parameters"); err != nil {
			return row, err
		}
	}
	row.Chain, row.Thread = false, topic.Thread
	return row, nil
}

// TopicMade notes the topic that was made for a row, which goes next. Where the
// answer to the making was lost it is made again; the first one stays empty, for no
// call lists topics.
func (b *Bot) TopicMade(tx *state.Tx, now time.Time, row TelegramRow, thread state.ThreadID) error {
	t := &turn{Bot: b, tx: tx, now: now}
	_, err := tx.Topic(row.Chat, row.Ticket)
	anew := err == nil
	if ignoreAbsent(err) != nil {
		return err
	}
	if err := tx.SaveTopic(state.Topic{Chat: row.Chat, Ticket: row.Ticket, Thread: thread, Name: row.Makes}); err != nil {
		return err
	}
	if anew {
		if err := t.goOnHere(row.Chat, row.Ticket); err != nil {
			return err
		}
	}
	return t.syncTopic(row.Chat, row.Ticket)
}

// goOnHere is the first message of a topic that was made anew.
func (t *turn) goOnHere(c state.ChatID, id state.TicketID) error {
	s, err := t.textsFor(c)
	if err != nil {
		return err
	}
	ticket, err := t.tx.Ticket(id)
	if err != nil {
		return err
	}
	sound, err := t.soundButton(s, c, id)
	if err != nil {
		return err
	}
	text := header(ticket)
	text.Plain("\n" + s.T("topic_made_anew"))
	return t.say(outgoing{
		chat: c, ticket: id, topic: true, pin: true, silent: true, text: text.Text(),
		buttons: [][]telegram.Button{{
			button(s.T("button_answer"), ticketPress(pressAnswer, id)), button(s.T("button_history"), ticketPress(pressHistory, id)), sound,
		}},
	})
}

// TopicGone notes that somebody has deleted the topic that a row was for: it is
// made anew. False where the row was for no ticket's topic.
func (b *Bot) TopicGone(tx *state.Tx, row TelegramRow) (bool, error) {
	if !row.Topic && !row.Sync {
		return false, nil
	}
	topic, err := tx.Topic(row.Chat, row.Ticket)
	if err != nil || topic.Thread != row.Thread {
		return true, ignoreAbsent(err)
	}
	topic.Thread, topic.Closed = 0, false
	return true, tx.SaveTopic(topic)
}

// TopicsRefused notes that a chat which wants topics can't have them, and says
// why, once. The chat goes on without.
func (b *Bot) TopicsRefused(tx *state.Tx, now time.Time, row TelegramRow, cause error) error {
	t := &turn{Bot: b, tx: tx, now: now}
	key := "topics_refused"
	g, err := tx.Group(row.Chat)
	switch {
	case errors.Is(err, state.ErrNotFound):
		// A private chat: the choice itself is taken back.
		key = "topics_refused_private"
		set, err := tx.Settings(row.Chat)
		if err != nil {
			return err
		}
		set.Layout = state.Flat
		if err := tx.SaveSettings(set); err != nil {
			return err
		}
	case err != nil:
		return err
	case telegram.IsNotForum(cause):
		key, g.Forum = "topics_refused_off", false
	default:
		g.ManagesTopics = false
	}
	if g.Chat != 0 {
		if err := tx.SaveGroup(g); err != nil {
			return err
		}
	}
	if fresh, err := tx.TellOnce(row.Chat, topicsRefused); err != nil || !fresh {
		return err
	}
	s, err := t.textsFor(row.Chat)
	if err != nil {
		return err
	}
	return t.say(outgoing{chat: row.Chat, silent: true, text: telegram.Plain(s.T(key))})
}

// syncTopics brings the topics of a ticket up to date with it.
func (t *turn) syncTopics(id state.TicketID) error {
	topics, err := t.tx.TopicsOf(id)
	if err != nil {
		return err
	}
	for _, topic := range topics {
		if err := t.syncTopic(topic.Chat, id); err != nil {
			return err
		}
	}
	return nil
}

// syncTopic queues the renaming, closing or opening of a topic behind what was
// said in it. What is to be done is told when it is to be done.
func (t *turn) syncTopic(c state.ChatID, id state.TicketID) error {
	return t.enqueue(state.Telegram, chatLane(c), KindCall, state.PriorityNews, topicKey(c, id), TelegramRow{Chat: c, Ticket: id, Sync: true})
}

// synced turns a row into the next request that brings a topic up to date;
// ErrNeedless where nothing is to be done.
func (t *turn) synced(row TelegramRow) (TelegramRow, error) {
	topic, err := t.tx.Topic(row.Chat, row.Ticket)
	if errors.Is(err, state.ErrNotFound) || err == nil && topic.Thread == 0 {
		return row, ErrNeedless
	}
	if err != nil {
		return row, err
	}
	ticket, err := t.tx.Ticket(row.Ticket)
	if err != nil {
		return row, err
	}
	row.Thread = topic.Thread
	chat, thread := telegram.ChatID(row.Chat), telegram.ThreadID(topic.Thread)
	var request telegram.Request
	switch name := topicName(ticket); {
	case name != topic.Name:
		row.Makes = name
		request = telegram.EditForumTopic{ChatID: chat, ThreadID: thread, Name: name}
	case !chat.IsGroup() || topic.Closed == !ticket.Open:
		return row, ErrNeedless // topics of private chats can't be closed
	case ticket.Open:
		request = telegram.ReopenForumTopic{ChatID: chat, ThreadID: thread}
	default:
		request = telegram.CloseForumTopic{ChatID: chat, ThreadID: thread}
	}
	row.Call, err = telegram.Encode(request)
	return row, err
}

// topicSynced notes what a row has brought up to date. There may be more.
func (t *turn) topicSynced(row TelegramRow) error {
	topic, err := t.tx.Topic(row.Chat, row.Ticket)
	if err != nil || topic.Thread != row.Thread {
		return ignoreAbsent(err)
	}
	switch row.Call.Method {
	case telegram.EditForumTopic{}.Method():
		topic.Name = row.Makes
	case telegram.CloseForumTopic{}.Method():
		topic.Closed = true
	case telegram.ReopenForumTopic{}.Method():
		topic.Closed = false
	}
	return errors.Join(t.tx.SaveTopic(topic), t.syncTopic(row.Chat, row.Ticket))
}

// pin pins a message, where the bot may.
func (t *turn) pin(row TelegramRow, m state.MessageID) error {
	if telegram.ChatID(row.Chat).IsGroup() {
		if g, err := t.tx.Group(row.Chat); err != nil || !g.Pins {
			return ignoreAbsent(err)
		}
	}
	return t.request(telegram.PinChatMessage{ChatID: telegram.ChatID(row.Chat), MessageID: telegram.MessageID(m), Silent: true},
		TelegramRow{Chat: row.Chat}, chatLane(row.Chat), state.PriorityPerson, "")
}

// freeReceipt ends what was said of an opening before its ticket existed where the
// ticket gets a topic: its receipt stands there.
func (t *turn) freeReceipt(sub *state.Submission) error {
	if sub.Kind != state.Opening || sub.Receipt == 0 {
		return nil
	}
	if ok, err := t.hasTopics(sub.Chat); err != nil || !ok {
		return err
	}
	s, err := t.textsFor(sub.Chat)
	if err != nil {
		return err
	}
	said := outgoing{chat: sub.Chat, edit: sub.Receipt, ticket: sub.Ticket, text: telegram.Plain(s.T("receipt_delivered", "Ticket", ticketName(sub.Ticket)))}
	sub.Receipt = 0
	return errors.Join(t.tx.SaveSubmission(*sub), t.say(said))
}

// mayHaveTopics tells whether topics can be chosen in a chat: in any group, and in
// private where the bot has them.
func (t *turn) mayHaveTopics(c state.ChatID) bool {
	if telegram.ChatID(c).IsGroup() {
		return true
	}
	can, err := t.tx.Meta(metaPrivateTopics)
	return err == nil && can != ""
}

// topicsChosen tells what is missing for the topics that a group has just chosen.
func (t *turn) topicsChosen(s speaker) error {
	if err := t.tx.TellAgain(s.chat, topicsRefused); err != nil {
		return err
	}
	set, err := t.tx.Settings(s.chat)
	if err != nil || set.Layout == state.Flat {
		return err
	}
	g, err := t.tx.Group(s.chat)
	if err != nil || g.Forum && g.ManagesTopics {
		return ignoreAbsent(err)
	}
	if _, err := t.tx.TellOnce(s.chat, topicsRefused); err != nil {
		return err
	}
	return t.say(outgoing{chat: s.chat, text: telegram.Plain(s.T(pick(g.Forum, "topics_refused", "topics_refused_off")))})
}

// WithoutTopic is a row that goes into no topic, whatever it replies to.
func WithoutTopic(row TelegramRow) TelegramRow {
	row.Topic, row.Chain, row.Thread = false, false, 0
	if call, err := withoutParam(row.Call, "reply_parameters"); err == nil {
		row.Call = call
	}
	return row
}
