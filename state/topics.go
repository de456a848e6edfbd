package state

// Topic is a ticket's topic in a chat.
type Topic struct {
	Chat   ChatID
	Ticket TicketID
	Thread ThreadID // 0 after it was deleted, until it is recreated
	Name   string   // as last set by the bot
	Closed bool     // as last set by the bot
}

func scanTopic(r scanner) (t Topic, err error) {
	err = r.Scan(&t.Chat, &t.Ticket, &t.Thread, &t.Name, &t.Closed)
	return t, err
}

// Topic returns a ticket's topic in a chat; ErrNotFound if it never had one.
func (tx *Tx) Topic(c ChatID, t TicketID) (Topic, error) {
	return first(tx, "topic", scanTopic, `SELECT chat_id, ticket_id, thread_id, name, closed FROM topics WHERE chat_id = +? AND ticket_id = +?`, c, t)
}

// TopicsOf lists a ticket's topics.
func (tx *Tx) TopicsOf(t TicketID) ([]Topic, error) {
	return all(tx, "topics", scanTopic, `SELECT chat_id, ticket_id, thread_id, name, closed FROM topics WHERE ticket_id = +? ORDER BY chat_id`, t)
}

// OpenTopics returns the topics of a chat's open tickets, of those with the latest activity first.
func (tx *Tx) OpenTopics(c ChatID, n int) ([]Topic, error) {
	return all(tx, "topics of open tickets", scanTopic, `SELECT o.chat_id, o.ticket_id, o.thread_id, o.name, o.closed FROM topics AS o JOIN tickets AS t ON t.ticket_id = o.ticket_id
		WHERE o.chat_id = +? AND o.thread_id > 0 AND t.open = 1 ORDER BY t.last_activity_at DESC, t.ticket_id DESC LIMIT +?`, c, n)
}

// TopicTicket returns the ticket of a topic; ErrNotFound if it has none.
func (tx *Tx) TopicTicket(c ChatID, thread ThreadID) (t TicketID, err error) {
	err = tx.one("ticket of topic", `SELECT ticket_id FROM topics WHERE chat_id = +? AND thread_id = +? AND thread_id > 0`, []any{c, thread}, &t)
	return t, err
}

// SaveTopic writes a topic.
func (tx *Tx) SaveTopic(t Topic) error {
	return tx.run("save topic", `INSERT OR REPLACE INTO topics (chat_id, ticket_id, thread_id, name, closed) VALUES (?, ?, ?, ?, ?)`,
		t.Chat, t.Ticket, t.Thread, t.Name, t.Closed)
}
