package topic

import (
	"encoding/json"
	"errors"
	"fmt"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// maxTopicName is Telegram's limit on topic names.
const maxTopicName = 128

func topicName(ticket state.Ticket) string {
	name := chat.TicketName(ticket.ID)
	if subject := telegram.Clean(ticket.Subject); subject != "" {
		name += " " + subject
	}
	return chat.CutUnits(name, maxTopicName)
}

// RuledBy returns the ticket whose topic a message is in, if the chat's settings make messages
// there answers.
func RuledBy(t *chat.Turn, m *telegram.Message) (state.TicketID, bool, error) {
	thread := chat.ThreadOf(m)
	if thread == 0 {
		return 0, false, nil
	}
	set, err := t.Tx.Settings(state.ChatID(m.Chat.ID))
	if err != nil || !set.TopicAnswers {
		return 0, false, err
	}
	id, err := t.Tx.TopicTicket(set.Chat, thread)
	return id, err == nil, chat.IgnoreAbsent(err)
}

// HasTopics reports whether a chat's tickets have topics now: it has chosen them, and the bot
// can create them.
func HasTopics(t *chat.Turn, c state.ChatID) (bool, error) {
	set, err := t.Tx.Settings(c)
	if err != nil || set.Layout != state.Topics {
		return false, err
	}
	if !telegram.ChatID(c).IsGroup() {
		can, err := t.Tx.Meta(chat.MetaPrivateTopics)
		return can != "", err
	}
	g, err := t.Tx.Group(c)
	return g.Forum && g.ManagesTopics, chat.IgnoreAbsent(err)
}

// InTopic turns a row for a ticket's topic into the next request: the message in its topic, or
// the creation of the topic. In a chat without topics the row is unchanged.
func InTopic(t *chat.Turn, row chat.TelegramRow) (chat.TelegramRow, error) {
	if ok, err := HasTopics(t, row.Chat); err != nil || !ok {
		return row, err
	}
	topic, err := t.Tx.Topic(row.Chat, row.Ticket)
	if chat.IgnoreAbsent(err) != nil {
		return row, err
	}
	if topic.Thread == 0 {
		ticket, err := t.Tx.Ticket(row.Ticket)
		if err != nil {
			return row, chat.IgnoreAbsent(err)
		}
		row.Makes = topicName(ticket)
		row.Call, err = telegram.Encode(telegram.CreateForumTopic{ChatID: telegram.ChatID(row.Chat), Name: row.Makes})
		return row, err
	}
	// A reply to a message in another topic fails if that message is gone.
	if row.Thread != topic.Thread {
		if row.Call, err = chat.WithoutParam(row.Call, "reply_parameters"); err != nil {
			return row, err
		}
	}
	row.Chain, row.Thread = false, topic.Thread
	row.Call, err = unnamed(row)
	return row, err
}

// unnamed removes the ticket's name from a message in the ticket's topic, which is named after
// it.
func unnamed(row chat.TelegramRow) (telegram.Call, error) {
	if row.Names == (chat.Span{}) {
		return row.Call, nil
	}
	var send telegram.SendMessage
	if err := json.Unmarshal(row.Call.Params, &send); err != nil {
		return row.Call, fmt.Errorf("read a message that waits: %w", err)
	}
	text := telegram.Text{String: send.Text, Entities: send.Entities}.Without(row.Names.From, row.Names.To)
	send.Text, send.Entities = text.String, text.Entities
	return telegram.Encode(send)
}

// Made records the topic created for a row, which is sent next. If the answer to the creation
// is lost, another topic is created and the first stays empty: no method lists topics.
func Made(t *chat.Turn, row chat.TelegramRow, thread state.ThreadID) error {
	there, err := t.Tx.Topic(row.Chat, row.Ticket)
	anew := err == nil
	if chat.IgnoreAbsent(err) != nil || there.Thread != 0 {
		return chat.IgnoreAbsent(err) // a row of another lane made one meanwhile: this one stays empty
	}
	if err := t.Tx.SaveTopic(state.Topic{Chat: row.Chat, Ticket: row.Ticket, Thread: thread, Name: row.Makes}); err != nil {
		return err
	}
	tells := announceTopic
	if anew {
		tells = goOnHere
	}
	return errors.Join(tells(t, row.Chat, row.Ticket), syncIn(t, row.Chat, row.Ticket))
}

// announceTopic posts a link to a new topic in a group's General.
func announceTopic(t *chat.Turn, c state.ChatID, id state.TicketID) error {
	in, err := t.Tx.Topic(c, id)
	if err != nil {
		return err
	}
	link := telegram.TopicLink(telegram.ChatID(c), telegram.ThreadID(in.Thread))
	if link == "" {
		return nil
	}
	of, err := t.Tx.Ticket(id)
	if err != nil {
		return err
	}
	s, err := t.TextsFor(c)
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{
		Place: chat.InChat(c), Meaning: chat.Meaning{Ticket: id, Passing: true}, Silent: true, News: true,
		Text: chat.Header(of).Plain("\n").Link(s.T("topic_link"), link).Text(),
	})
}

// goOnHere is the first message of a recreated topic.
func goOnHere(t *chat.Turn, c state.ChatID, id state.TicketID) error {
	s, err := t.TextsFor(c)
	if err != nil {
		return err
	}
	ticket, err := t.Tx.Ticket(id)
	if err != nil {
		return err
	}
	sound, err := t.SoundButton(s, c, id)
	if err != nil {
		return err
	}
	text := chat.Header(ticket)
	set, err := t.Tx.Settings(c)
	if err != nil {
		return err
	}
	text.Plain("\n" + s.T("topic_made_anew"))
	if telegram.ChatID(c).IsGroup() {
		text.Plain("\n" + s.T(chat.TopicRule(set)))
	}
	return t.Say(chat.Outgoing{
		Place: chat.InChat(c), Meaning: chat.Meaning{Ticket: id, Topic: true, Pin: true}, Silent: true, Text: text.Text(),
		Buttons: [][]telegram.Button{{
			chat.Button(s.T("button_answer"), chat.Data(chat.PressAnswer, id)), chat.Button(s.T("button_history"), chat.Data(chat.PressHistory, id)), sound,
		}},
	})
}

// Gone records that somebody has deleted the topic of a row: it will be recreated. False if the
// row was not for a ticket's topic.
func Gone(t *chat.Turn, row chat.TelegramRow) (bool, error) {
	if !row.Topic && !row.Sync {
		return false, nil
	}
	topic, err := t.Tx.Topic(row.Chat, row.Ticket)
	if err != nil || topic.Thread != row.Thread {
		return true, chat.IgnoreAbsent(err)
	}
	topic.Thread, topic.Closed = 0, false
	return true, t.Tx.SaveTopic(topic)
}

// Refused records that a chat that chose topics can't have them, and says why, once. Messages
// are sent without topics.
func Refused(t *chat.Turn, row chat.TelegramRow, cause error) error {
	key := "topics_refused"
	g, err := t.Tx.Group(row.Chat)
	switch {
	case errors.Is(err, state.ErrNotFound):
		// A private chat: reset the setting itself.
		key = "topics_refused_private"
		set, err := t.Tx.Settings(row.Chat)
		if err != nil {
			return err
		}
		set.Layout = state.Flat
		if err := t.Tx.SaveSettings(set); err != nil {
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
		if err := t.Tx.SaveGroup(g); err != nil {
			return err
		}
	}
	if fresh, err := t.Tx.TellOnce(row.Chat, chat.TopicsRefused); err != nil || !fresh {
		return err
	}
	s, err := t.TextsFor(row.Chat)
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{Place: chat.InChat(row.Chat), Silent: true, Text: telegram.Plain(s.T(key))})
}

// Sync updates a ticket's topics.
func Sync(t *chat.Turn, id state.TicketID) error {
	topics, err := t.Tx.TopicsOf(id)
	if err != nil {
		return err
	}
	for _, topic := range topics {
		if err := syncIn(t, topic.Chat, id); err != nil {
			return err
		}
	}
	return nil
}

// syncIn queues an update of a topic: the action is computed at send time.
func syncIn(t *chat.Turn, c state.ChatID, id state.TicketID) error {
	return t.Enqueue(state.Telegram, chat.OrnamentLane(c, fmt.Sprintf("topic:%d", id)), chat.KindCall, state.PriorityNews, chat.TopicKey(c, id), chat.TelegramRow{Place: chat.InChat(c), Meaning: chat.Meaning{Ticket: id}, Sync: true})
}

// OpenForAnswer opens the topic of a closed ticket for a person about to answer: in a closed
// topic only administrators can write. It is queued after a pending closing, and the topic is
// recorded as closed until its ticket is open, so that nothing closes it in the meantime.
func OpenForAnswer(t *chat.Turn, c state.ChatID, id state.TicketID) error {
	ticket, err := t.Tx.Ticket(id)
	if err != nil || ticket.Open || !telegram.ChatID(c).IsGroup() {
		return chat.IgnoreAbsent(err)
	}
	if ok, err := HasTopics(t, c); err != nil || !ok {
		return err
	}
	return t.Enqueue(state.Telegram, chat.OrnamentLane(c, fmt.Sprintf("topic:%d", id)), chat.KindCall, state.PriorityNews, "",
		chat.TelegramRow{Place: chat.InChat(c), Meaning: chat.Meaning{Ticket: id}, Sync: true, Opens: true})
}

// NextSync turns a row into the next request that updates a topic; ErrNeedless if it is up to
// date.
func NextSync(t *chat.Turn, row chat.TelegramRow) (chat.TelegramRow, error) {
	topic, err := t.Tx.Topic(row.Chat, row.Ticket)
	if errors.Is(err, state.ErrNotFound) || err == nil && topic.Thread == 0 {
		return row, chat.ErrNeedless
	}
	if err != nil {
		return row, err
	}
	ticket, err := t.Tx.Ticket(row.Ticket)
	if err != nil {
		return row, err
	}
	row.Thread = topic.Thread
	chatID, thread := telegram.ChatID(row.Chat), telegram.ThreadID(topic.Thread)
	var request telegram.Request
	switch name := topicName(ticket); {
	case row.Opens && !ticket.Open:
		request = telegram.ReopenForumTopic{ChatID: chatID, ThreadID: thread}
	case name != topic.Name:
		row.Makes = name
		request = telegram.EditForumTopic{ChatID: chatID, ThreadID: thread, Name: name}
	case !chatID.IsGroup() || topic.Closed == !ticket.Open:
		return row, chat.ErrNeedless // topics in private chats can't be closed
	case ticket.Open:
		request = telegram.ReopenForumTopic{ChatID: chatID, ThreadID: thread}
	default:
		request = telegram.CloseForumTopic{ChatID: chatID, ThreadID: thread}
	}
	row.Call, err = telegram.Encode(request)
	return row, err
}

// Synced records a topic's update, and queues another in case there is more to do.
func Synced(t *chat.Turn, row chat.TelegramRow) error {
	topic, err := t.Tx.Topic(row.Chat, row.Ticket)
	if err != nil || topic.Thread != row.Thread || row.Opens {
		return chat.IgnoreAbsent(err)
	}
	switch row.Call.Method {
	case telegram.EditForumTopic{}.Method():
		topic.Name = row.Makes
	case telegram.CloseForumTopic{}.Method():
		topic.Closed = true
	case telegram.ReopenForumTopic{}.Method():
		topic.Closed = false
	}
	return errors.Join(t.Tx.SaveTopic(topic), syncIn(t, row.Chat, row.Ticket))
}

// Pin pins a message, if the bot may.
func Pin(t *chat.Turn, row chat.TelegramRow, m state.MessageID) error {
	if telegram.ChatID(row.Chat).IsGroup() {
		if g, err := t.Tx.Group(row.Chat); err != nil || !g.Pins {
			return chat.IgnoreAbsent(err)
		}
	}
	return t.Request(telegram.PinChatMessage{ChatID: telegram.ChatID(row.Chat), MessageID: telegram.MessageID(m), Silent: true},
		chat.TelegramRow{Place: chat.InChat(row.Chat)}, chat.OrnamentLane(row.Chat, fmt.Sprintf("pin:%d", m)), state.PriorityPerson, "")
}

// FreeReceipt finishes the receipt of an opening outside topics if the ticket gets a topic: a
// new receipt is posted there.
func FreeReceipt(t *chat.Turn, sub *state.Submission) error {
	if sub.Kind != state.Opening || sub.Receipt == 0 {
		return nil
	}
	if ok, err := HasTopics(t, sub.Chat); err != nil || !ok {
		return err
	}
	s, err := t.TextsFor(sub.Chat)
	if err != nil {
		return err
	}
	said := chat.Outgoing{Place: chat.InChat(sub.Chat), Meaning: chat.Meaning{Ticket: sub.Ticket}, Edit: sub.Receipt, Text: telegram.Plain(s.T("receipt_delivered", "Ticket", chat.TicketName(sub.Ticket)))}
	sub.Receipt = 0
	return errors.Join(t.Tx.SaveSubmission(*sub), t.Say(said))
}

// Possible reports whether topics can be chosen in a chat: in any group, and in private if the
// bot has them.
func Possible(t *chat.Turn, c state.ChatID) (bool, error) {
	if telegram.ChatID(c).IsGroup() {
		return true, nil
	}
	can, err := t.Tx.Meta(chat.MetaPrivateTopics)
	return can != "", err
}

// Chosen tells the topics of what a group has just chosen, or says what is missing for it.
func Chosen(t *chat.Turn, s chat.Speaker, was state.Settings) error {
	if err := t.Tx.TellAgain(s.Chat, chat.TopicsRefused); err != nil {
		return err
	}
	set, err := t.Tx.Settings(s.Chat)
	if err != nil || set.Layout == state.Flat {
		return err
	}
	g, err := t.Tx.Group(s.Chat)
	if err == nil && g.Forum && g.ManagesTopics && (was.Layout != set.Layout || was.TopicAnswers != set.TopicAnswers) {
		return tellRule(t, s, set)
	}
	if err != nil || g.Forum && g.ManagesTopics {
		return chat.IgnoreAbsent(err)
	}
	if _, err := t.Tx.TellOnce(s.Chat, chat.TopicsRefused); err != nil {
		return err
	}
	return t.Say(chat.Outgoing{Place: s.Place, Text: telegram.Plain(s.T(chat.Either(g.Forum, "topics_refused", "topics_refused_off")))})
}

// toldOfRule is how many topics are told of a new rule, those of the latest tickets.
const toldOfRule = 50

// tellRule says in the topics of open tickets which of their messages are sent from now on: their
// pinned cards say what was so before.
func tellRule(t *chat.Turn, s chat.Speaker, set state.Settings) error {
	topics, err := t.Tx.OpenTopics(s.Chat, toldOfRule)
	for _, in := range topics {
		err = errors.Join(err, t.Say(chat.Outgoing{
			Place: chat.InChat(s.Chat), Meaning: chat.Meaning{Ticket: in.Ticket, Topic: true}, Silent: true, News: true,
			Text: telegram.Plain(s.T(chat.TopicRule(set))), Key: fmt.Sprintf("rule:%d:%d", s.Chat, in.Ticket),
		}))
	}
	return err
}
