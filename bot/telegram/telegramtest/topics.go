package telegramtest

import "slices"

const maxTopicName = 128

// topic is a topic of a forum; its id is that of its first message.
type topic struct {
	id     int
	name   string
	icon   int
	closed bool
}

var topicColors = []int{7322096, 16766590, 13338331, 9367192, 16749490, 16478047}

// threadFor reads message_thread_id of a call that sends.
func (s *Server) threadFor(c *call, ch *chat) (int, error) {
	id := c.int("message_thread_id")
	if id == 0 {
		return 0, nil
	}
	t := ch.topics[id]
	if !s.isForum(ch) || t == nil { // the general topic, 1, is not one of them
		return 0, refuse("message thread not found")
	}
	if t.closed && !s.managesTopics(ch) {
		return 0, refuse("TOPIC_CLOSED")
	}
	return id, nil
}

// isForum reports whether a chat has topics: supergroups may, and so may private chats.
func (s *Server) isForum(ch *chat) bool {
	return ch.wire.IsForum || ch.wire.Type == "private" && s.cfg.PrivateTopics
}

func (s *Server) managesTopics(ch *chat) bool {
	if ch.wire.Type == "private" {
		return true
	}
	me := ch.members[s.bot.ID]
	return me.admin() && me.rights.ManageTopics
}

func (s *Server) forum(c *call) (*chat, error) {
	ch, err := s.chatFor(c, "chat_id")
	if err != nil {
		return nil, err
	}
	if !s.isForum(ch) {
		return nil, refuse("the chat is not a forum")
	}
	return ch, nil
}

func (s *Server) createForumTopic(c *call) (any, error) {
	ch, err := s.forum(c)
	if err != nil {
		return nil, err
	}
	if !s.managesTopics(ch) {
		return nil, refuse("not enough rights to create a topic")
	}
	icon := topicColors[0]
	if c.has("icon_color") {
		if icon = c.int("icon_color"); !slices.Contains(topicColors, icon) {
			return nil, violate("invalid icon color specified")
		}
	}
	if err := checkTopicName(c.str("name")); err != nil {
		return nil, err
	}
	if err := s.limit(ch, 1); err != nil {
		return nil, err
	}
	t := s.openTopic(ch, &s.bot, c.str("name"), icon)
	return map[string]any{"message_thread_id": t.id, "name": t.name, "icon_color": t.icon}, nil
}

func checkTopicName(name string) error {
	if n := units(name); n < 1 || n > maxTopicName {
		return violate("TOPIC_TITLE_INVALID")
	}
	return nil
}

// openTopic creates a topic; its first message announces it. The lock is held.
func (s *Server) openTopic(ch *chat, by *User, name string, icon int) *topic {
	m := &message{wire: wireMessage{From: by, ForumTopicCreated: map[string]any{"name": name, "icon_color": icon}}}
	m.wire.MessageThreadID = s.privSeq + 1
	if ch.wire.Type == "supergroup" {
		m.wire.MessageThreadID = ch.seq + 1
	}
	s.post(ch, m)
	t := &topic{id: m.wire.MessageID, name: name, icon: icon}
	ch.topics[t.id] = t
	s.tell(ch, m)
	return t
}

// changeTopic finds the topic of a call that changes it.
func (s *Server) changeTopic(c *call) (*chat, *topic, error) {
	ch, err := s.forum(c)
	if err != nil {
		return nil, nil, err
	}
	t := ch.topics[c.int("message_thread_id")]
	if t == nil {
		return nil, nil, refuse("TOPIC_ID_INVALID")
	}
	if !s.managesTopics(ch) {
		return nil, nil, refuse("not enough rights to manage the topic")
	}
	return ch, t, nil
}

func (s *Server) editForumTopic(c *call) (any, error) {
	ch, t, err := s.changeTopic(c)
	if err != nil {
		return nil, err
	}
	name := c.str("name")
	if name == "" || name == t.name {
		return nil, refuse("TOPIC_NOT_MODIFIED")
	}
	if err := checkTopicName(name); err != nil {
		return nil, err
	}
	t.name = name
	s.topicNote(ch, t, &s.bot, wireMessage{ForumTopicEdited: map[string]any{"name": name}})
	return true, nil
}

func (s *Server) closeForumTopic(c *call) (any, error)  { return s.setClosed(c, true) }
func (s *Server) reopenForumTopic(c *call) (any, error) { return s.setClosed(c, false) }

func (s *Server) setClosed(c *call, closed bool) (any, error) {
	ch, t, err := s.changeTopic(c)
	if err != nil {
		return nil, err
	}
	if ch.wire.Type == "private" {
		return nil, refuse("the chat is not a supergroup forum")
	}
	if t.closed == closed {
		return nil, refuse("TOPIC_NOT_MODIFIED")
	}
	s.closeTopic(ch, t, &s.bot, closed)
	return true, nil
}

func (s *Server) closeTopic(ch *chat, t *topic, by *User, closed bool) {
	t.closed = closed
	if closed {
		s.topicNote(ch, t, by, wireMessage{ForumTopicClosed: struct{}{}})
	} else {
		s.topicNote(ch, t, by, wireMessage{ForumTopicReopened: struct{}{}})
	}
}

// topicNote posts a service message in a topic. The bot also gets its own.
func (s *Server) topicNote(ch *chat, t *topic, by *User, w wireMessage) {
	w.From, w.MessageThreadID = by, t.id
	s.tell(ch, s.post(ch, &message{wire: w}))
}

func (s *Server) deleteForumTopic(c *call) (any, error) {
	ch, t, err := s.changeTopic(c)
	if err != nil {
		return nil, err
	}
	ch.dropTopic(t.id)
	return true, nil
}

// dropTopic deletes a topic with its messages. Bots are not notified.
func (c *chat) dropTopic(id int) {
	delete(c.topics, id)
	for _, m := range c.messages {
		if m.wire.MessageThreadID == id {
			m.deleted = true
		}
	}
}
