package telegramtest

import (
	"fmt"
	"strings"
	"time"
)

// Person is a Telegram user controlled by a test.
type Person struct {
	User
	s *Server
}

// AddUser creates an account, or changes an existing one for what it sends from then on.
func (s *Server) AddUser(u User) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = &u
	for _, ch := range s.chats {
		if m := ch.members[u.ID]; m != nil {
			m.user = &u
		}
	}
	s.touch()
	return &Person{User: u, s: s}
}

// Private is the person's chat with the bot. For the bot it exists from the first message on.
func (p *Person) Private() *Chat {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	ch := p.s.chats[p.ID]
	if ch == nil {
		ch = newChat(wireChat{ID: p.ID, Type: "private", FirstName: p.FirstName, LastName: p.LastName, Username: p.Username})
		ch.members[p.s.bot.ID] = &member{user: &p.s.bot, status: "member"}
		p.s.chats[p.ID] = ch
	}
	return &Chat{s: p.s, ch: ch, from: p.s.users[p.ID]}
}

// Deactivate deletes the account: the bot gets 403 from now on.
func (p *Person) Deactivate() {
	c := p.Private()
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	c.ch.gone = true
	p.s.touch()
}

func newChat(w wireChat) *chat {
	return &chat{wire: w, messages: map[int]*message{}, members: map[int64]*member{}, topics: map[int]*topic{}}
}

// Chat is a chat as seen by one of its people.
type Chat struct {
	s      *Server
	ch     *chat
	from   *User
	sender *wireChat // an anonymous administrator or a channel
	thread int
	reply  int
	quote  string // the quoted part of it
	origin map[string]any
}

// ID is the chat's id.
func (c *Chat) ID() int64 {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.chat().wire.ID
}

// chat follows a group's upgrade to a supergroup.
func (c *Chat) chat() *chat {
	if c.ch.movedTo != 0 {
		return c.s.chats[c.ch.movedTo]
	}
	return c.ch
}

// In is the same chat with a topic open.
func (c *Chat) In(thread int) *Chat {
	in := *c
	in.thread = thread
	return &in
}

// Replying is the same chat with everything sent as a reply to a message; 0 for none.
func (c *Chat) Replying(to int) *Chat {
	re := *c
	re.reply = to
	return &re
}

// Quoting is the same chat with everything sent as a reply that quotes a part of the message.
func (c *Chat) Quoting(to int, part string) *Chat {
	re := c.Replying(to)
	re.quote = part
	return re
}

// Origin is the source of a forwarded message: a user, or the bare name of one who hides
// the account.
type Origin struct {
	User *User
	Name string
	Date time.Time
}

// Forwarding is the same chat with everything sent as a forward.
func (c *Chat) Forwarding(from Origin) *Chat {
	fw := *c
	fw.origin = map[string]any{"date": from.Date.Unix()}
	if from.User != nil {
		fw.origin["type"], fw.origin["sender_user"] = "user", from.User
	} else {
		fw.origin["type"], fw.origin["sender_user_name"] = "hidden_user", from.Name
	}
	return &fw
}

// Send sends a text; commands, links, mentions and hashtags in it become entities. Writing
// to a blocked bot unblocks it, as the client's button does. It panics if the text is too
// long for one message; use PastePieces.
func (c *Chat) Send(text string) Message { return c.SendEntities(text, detect(text)) }

// SendEntities sends a text with these entities.
func (c *Chat) SendEntities(text string, entities []Entity) Message {
	if n := units(text); n < 1 || n > maxText {
		panic(fmt.Sprintf("telegramtest: no client sends a text of %d characters", n))
	}
	return c.send(&message{wire: wireMessage{Text: text, Entities: entities}})
}

// Start presses the start button or follows a link with a payload.
func (c *Chat) Start(payload string) Message {
	return c.Send(strings.TrimSpace("/start " + payload))
}

// Reply replies to a message.
func (c *Chat) Reply(to int, text string) Message { return c.Replying(to).Send(text) }

// Forward forwards someone else's text.
func (c *Chat) Forward(from Origin, text string) Message { return c.Forwarding(from).Send(text) }

// ForwardFrom forwards a message of another chat, with its file.
func (c *Chat) ForwardFrom(from *Chat, id int) Message {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	src, m := from.must(id), &message{}
	m.carry(src)
	m.wire.ReplyMarkup = nil
	fw := *c
	fw.origin = originOf(src)
	return fw.sendLocked(m)
}

// PastePieces sends a text longer than Telegram allows as clients do: split at the limit,
// one message after the other, only the first of them a reply.
func (c *Chat) PastePieces(text string) []Message {
	var sent []Message
	for i, p := range pieces(text, maxText) {
		at := c
		if i > 0 {
			at = c.Replying(0)
		}
		sent = append(sent, at.Send(p))
	}
	return sent
}

// account is the sender's current account. The lock is held.
func (c *Chat) account() *User {
	if u := c.s.users[c.from.ID]; u != nil {
		return u
	}
	return c.from
}

// send posts and delivers a message.
func (c *Chat) send(m *message) Message {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.sendLocked(m)
}

func (c *Chat) sendLocked(m *message) Message {
	ch := c.chat()
	m.wire.From, m.wire.SenderChat, m.wire.ForwardOrigin = c.account(), c.sender, c.origin
	m.wire.MessageThreadID, m.replyTo = c.thread, c.reply
	if c.quote != "" {
		m.wire.Quote = map[string]any{"text": c.quote, "position": 0, "is_manual": true}
	}
	if ch.wire.Type == "private" {
		ch.started = true
		if ch.members[c.s.bot.ID].status == "kicked" {
			c.s.setStatus(ch, c.from, "member", Rights{})
		}
	}
	c.s.post(ch, m)
	c.s.tell(ch, m)
	return c.s.view(ch, m)
}

// tell delivers a message to the bot if the bot can see it.
func (s *Server) tell(ch *chat, m *message) {
	if s.sees(ch, m) {
		m.update = s.push("message", s.render(ch, m))
	}
}

// sees reports whether the bot gets a message: in groups an administrator gets all, others
// get commands, replies to the bot and service messages.
func (s *Server) sees(ch *chat, m *message) bool {
	me := ch.members[s.bot.ID]
	if !me.inside() {
		return false
	}
	if ch.wire.Type == "private" || me.admin() || s.cfg.PrivacyOff || m.wire.service() != "" {
		return true
	}
	if to := ch.find(m.replyTo); to != nil && to.wire.From != nil && to.wire.From.ID == s.bot.ID && to.wire.service() == "" {
		return true
	}
	text, entities := m.wire.Text, m.wire.Entities
	if text == "" {
		text, entities = m.wire.Caption, m.wire.CaptionEntities
	}
	for _, e := range entities {
		if e.Type == "bot_command" && e.Offset == 0 {
			_, to, named := strings.Cut(text[:e.Length], "@")
			return !named || strings.EqualFold(to, s.bot.Username)
		}
	}
	return false
}

// Edit changes a message's text or caption.
func (c *Chat) Edit(id int, text string) Message {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	m := c.must(id)
	if m.file != nil {
		m.wire.Caption, m.wire.CaptionEntities = text, detect(text)
	} else {
		m.wire.Text, m.wire.Entities = text, detect(text)
	}
	m.edits++
	return c.edited(m)
}

// Touch makes Telegram report an edit without a visible change.
func (c *Chat) Touch(id int) Message {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.edited(c.must(id))
}

func (c *Chat) edited(m *message) Message {
	m.wire.EditDate = c.s.now().Unix()
	if c.s.sees(c.chat(), m) {
		c.s.push("edited_message", c.s.render(c.chat(), m))
	}
	c.s.touch()
	return c.s.view(c.chat(), m)
}

// Delete deletes a message for everyone; bots are not notified.
func (c *Chat) Delete(id int) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.must(id).deleted = true
	c.s.touch()
}

// must returns a message that has to exist.
func (c *Chat) must(id int) *message {
	m := c.chat().find(id)
	if m == nil {
		panic(fmt.Sprintf("telegramtest: chat %d has no message %d", c.chat().wire.ID, id))
	}
	return m
}

// Press presses a button of a message, found by its callback data or its text, and returns
// the id of the callback query. A second press of the same button is a second query. It
// panics if there is no such button.
func (c *Chat) Press(id int, button string) string {
	call, err := c.press(id, button)
	if err != nil {
		panic("telegramtest: " + err.Error())
	}
	return call
}

func (c *Chat) press(id int, button string) (string, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	m := c.chat().find(id)
	if m == nil {
		return "", fmt.Errorf("chat %d has no message %d", c.chat().wire.ID, id)
	}
	var texts []string
	for _, row := range m.buttons() {
		for _, b := range row {
			if b.Data != "" && (b.Data == button || b.Text == button) {
				return c.s.press(c.chat(), m, c.account(), b.Data), nil
			}
			texts = append(texts, b.Text)
		}
	}
	return "", fmt.Errorf("message %d has no button %q, it has %q", id, button, texts)
}

// PressForged sends callback data that need not be of any button of the message, as a
// modified client can, or one that shows an old keyboard.
func (c *Chat) PressForged(id int, data string) string {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.s.press(c.chat(), c.must(id), c.from, data)
}

// React sets the person's own reaction; "" removes it. Bots that are administrators are
// notified if they asked for message_reaction.
func (c *Chat) React(id int, emoji string) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	ch := c.chat()
	m := c.must(id)
	if ch.wire.Type == "private" || !ch.members[c.s.bot.ID].admin() {
		return
	}
	now := []map[string]string{}
	if emoji != "" {
		now = append(now, map[string]string{"type": "emoji", "emoji": emoji})
	}
	c.s.push("message_reaction", map[string]any{"chat": ch.wire, "message_id": m.wire.MessageID, "user": c.from,
		"date": c.s.now().Unix(), "old_reaction": []any{}, "new_reaction": now})
}

// Block blocks the bot in a private chat.
func (c *Chat) Block() { c.setBlocked("kicked") }

// Unblock ends a block without a message.
func (c *Chat) Unblock() { c.setBlocked("member") }

func (c *Chat) setBlocked(status string) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if c.ch.wire.Type != "private" {
		panic("telegramtest: only in a private chat a person can block the bot")
	}
	c.s.setStatus(c.ch, c.from, status, Rights{})
}
