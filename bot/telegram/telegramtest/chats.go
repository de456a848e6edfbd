package telegramtest

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// chat is a private chat with the bot, a basic group or a supergroup.
type chat struct {
	wire     wireChat
	messages map[int]*message
	order    []int
	seq      int // supergroups number their messages separately
	pinned   []int

	started bool // private: the user has written
	gone    bool // private: the account is deleted

	members map[int64]*member // including the bot
	// reactions are the allowed reactions; nil means all.
	reactions []string
	topics    map[int]*topic
	movedTo   int64

	muted, noFiles, generalClosed bool // for whom: see mayWrite
}

// member is someone's status in a chat.
type member struct {
	user   *User
	status string // creator, administrator, member, left, kicked
	rights Rights
}

// Rights are what an administrator may do in addition to seeing all messages.
type Rights struct {
	ManageTopics, PinMessages, DeleteMessages, Anonymous bool
}

func (m *member) admin() bool {
	return m != nil && (m.status == "administrator" || m.status == "creator")
}

func (m *member) inside() bool { return m != nil && (m.admin() || m.status == "member") }

// wire is a ChatMember.
func (m *member) wire() map[string]any {
	v := map[string]any{"user": m.user, "status": m.status}
	switch m.status {
	case "creator":
		v["is_anonymous"] = m.rights.Anonymous
	case "administrator":
		v["is_anonymous"] = m.rights.Anonymous
		v["can_be_edited"] = false
		for name, has := range map[string]bool{
			"can_manage_chat": true, "can_delete_messages": m.rights.DeleteMessages, "can_manage_video_chats": false,
			"can_restrict_members": false, "can_promote_members": false, "can_change_info": false, "can_invite_users": false,
			"can_post_stories": false, "can_edit_stories": false, "can_delete_stories": false,
			"can_pin_messages": m.rights.PinMessages, "can_manage_topics": m.rights.ManageTopics,
		} {
			v[name] = has
		}
	case "kicked":
		v["until_date"] = 0
	}
	return v
}

// message is a message of a chat, with details that only the sender knows.
type message struct {
	wire        wireMessage // without reply_to_message
	replyTo     int
	file        *file
	markupKind  string // "", inline, keyboard, remove, force_reply
	placeholder string
	selective   bool
	silent      bool
	edits       int
	reaction    string
	deleted     bool
	update      *update // that told the bot of it, nil where none did
}

func (s *Server) nextMessageID(c *chat) int {
	if c.wire.Type == "supergroup" {
		c.seq++
		return c.seq
	}
	s.privSeq++
	return s.privSeq
}

// post adds a message to a chat with an id and a date. The lock is held.
func (s *Server) post(c *chat, m *message) *message {
	m.wire.MessageID = s.nextMessageID(c)
	m.wire.Date = s.now().Unix()
	m.wire.Chat = c.wire
	s.inherit(c, m)
	c.messages[m.wire.MessageID] = m
	c.order = append(c.order, m.wire.MessageID)
	s.touch()
	return m
}

// inherit gives a reply the thread of the message it replies to.
func (s *Server) inherit(c *chat, m *message) {
	to := c.messages[m.replyTo]
	switch {
	case s.isForum(c):
		if m.wire.MessageThreadID == 0 && to != nil && to.wire.IsTopicMessage {
			m.wire.MessageThreadID = to.wire.MessageThreadID
		}
		m.wire.IsTopicMessage = m.wire.MessageThreadID != 0
		if m.replyTo == 0 && m.wire.IsTopicMessage && m.wire.ForumTopicCreated == nil {
			// Every message of a topic "replies" to the topic's first one.
			m.replyTo = m.wire.MessageThreadID
		}
	case c.wire.Type == "supergroup" && to != nil:
		// Chains of replies are threads too, though not topics.
		m.wire.MessageThreadID = cmp.Or(to.wire.MessageThreadID, to.wire.MessageID)
	}
}

// find returns a message that was not deleted.
func (c *chat) find(id int) *message {
	if m := c.messages[id]; m != nil && !m.deleted {
		return m
	}
	return nil
}

// render is a message as the Bot API shows it now; the message replied to is shown without
// its own reply.
func (s *Server) render(c *chat, m *message) *wireMessage {
	w := m.wire
	if to := c.find(m.replyTo); to != nil {
		inner := to.wire
		inner.PinnedMessage = nil
		w.ReplyToMessage = &inner
	}
	return &w
}

// chatFor finds the chat of a call and checks that the bot may act there.
func (s *Server) chatFor(c *call, name string) (*chat, error) {
	ch, err := s.lookup(c.str(name))
	if err != nil {
		return nil, err
	}
	return ch, s.reachable(ch)
}

func (s *Server) lookup(ref string) (*chat, error) {
	if username, ok := strings.CutPrefix(ref, "@"); ok {
		for _, ch := range s.chats {
			if ch.wire.Type != "private" && strings.EqualFold(ch.wire.Username, username) {
				return ch, nil
			}
		}
		return nil, refuse("chat not found")
	}
	id, _ := strconv.ParseInt(ref, 10, 64)
	if ch := s.chats[id]; ch != nil {
		return ch, nil
	}
	if u := s.users[id]; u != nil && id != s.bot.ID {
		return nil, forbid("bot can't initiate conversation with a user")
	}
	return nil, refuse("chat not found")
}

// reachable returns nil if the bot can act in a chat.
func (s *Server) reachable(ch *chat) error {
	me := ch.members[s.bot.ID]
	if ch.wire.Type == "private" {
		switch {
		case ch.gone:
			return forbid("user is deactivated")
		case !ch.started:
			return forbid("bot can't initiate conversation with a user")
		case me.status == "kicked":
			return forbid("bot was blocked by the user")
		}
		return nil
	}
	if ch.movedTo != 0 {
		e := refuse("group chat was upgraded to a supergroup chat")
		e.migrateTo = ch.movedTo
		return e
	}
	switch {
	case me == nil || me.status == "left":
		return forbid("bot is not a member of the %s chat", ch.wire.Type)
	case me.status == "kicked":
		return forbid("bot was kicked from the %s chat", ch.wire.Type)
	}
	return nil
}

// mayWrite returns nil if the bot may send a message like a call's to its place.
func (s *Server) mayWrite(ch *chat, method string, m *message) error {
	what := "text messages"
	if kind, media := strings.CutPrefix(method, "send"); media && kind != "Message" {
		what = strings.ToLower(kind) + "s"
		if kind == "MediaGroup" {
			what = "photos"
		}
	}
	general := s.isForum(ch) && m.wire.MessageThreadID == 0
	if to := ch.find(m.replyTo); to != nil && to.wire.IsTopicMessage {
		general = false
	}
	switch {
	case ch.wire.Type == "private":
		return nil
	case !ch.members[s.bot.ID].admin() && (ch.muted || ch.noFiles && what != "text messages"):
		return refuse("not enough rights to send %s to the chat", what)
	case ch.generalClosed && general && !s.managesTopics(ch):
		return refuse("TOPIC_CLOSED")
	}
	return nil
}

// setStatus changes the bot's status and notifies it. The lock is held.
func (s *Server) setStatus(ch *chat, by *User, status string, rights Rights) {
	me := ch.members[s.bot.ID]
	if me == nil {
		me = &member{user: &s.bot, status: "left"}
		ch.members[s.bot.ID] = me
	}
	before := me.wire()
	me.status, me.rights = status, rights
	s.push("my_chat_member", map[string]any{
		"chat": ch.wire, "from": by, "date": s.now().Unix(), "old_chat_member": before, "new_chat_member": me.wire(),
	})
	s.touch()
}

func (s *Server) getChat(c *call) (any, error) {
	ch, err := s.chatFor(c, "chat_id")
	if err != nil {
		return nil, err
	}
	full := map[string]any{}
	body, _ := json.Marshal(ch.wire)
	_ = json.Unmarshal(body, &full)
	full["id"] = ch.wire.ID // a float would lose the last digits
	full["accent_color_id"] = 0
	full["max_reaction_count"] = 11
	full["accepted_gift_types"] = map[string]bool{"unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false,
		"premium_subscription": false, "gifts_from_channels": false}
	if ch.wire.Type != "private" {
		full["permissions"] = map[string]bool{"can_send_messages": true, "can_react_to_messages": len(ch.reactions) > 0 || ch.reactions == nil,
			"can_pin_messages": false, "can_manage_topics": false}
	}
	if ch.reactions != nil {
		list := []map[string]string{}
		for _, e := range ch.reactions {
			list = append(list, map[string]string{"type": "emoji", "emoji": e})
		}
		full["available_reactions"] = list
	}
	if n := len(ch.pinned); n > 0 {
		if m := ch.find(ch.pinned[n-1]); m != nil {
			full["pinned_message"] = s.render(ch, m)
		}
	}
	return full, nil
}

func (s *Server) getChatMember(c *call) (any, error) {
	ch, err := s.chatFor(c, "chat_id")
	if err != nil {
		return nil, err
	}
	id, _ := strconv.ParseInt(c.str("user_id"), 10, 64)
	if m := ch.members[id]; m != nil {
		return m.wire(), nil
	}
	if u := s.users[id]; u != nil {
		return (&member{user: u, status: "left"}).wire(), nil
	}
	return nil, refuse("member not found")
}

func (s *Server) getChatAdministrators(c *call) (any, error) {
	ch, err := s.chatFor(c, "chat_id")
	if err != nil {
		return nil, err
	}
	if ch.wire.Type == "private" {
		return nil, refuse("there are no administrators in the private chat")
	}
	list := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(ch.members)) {
		m := ch.members[id]
		if !m.admin() || m.user.IsBot && id != s.bot.ID && !c.bool("return_bots") {
			continue
		}
		list = append(list, m.wire())
	}
	return list, nil
}

func (s *Server) leaveChat(c *call) (any, error) {
	ch, err := s.chatFor(c, "chat_id")
	if err != nil {
		return nil, err
	}
	if ch.wire.Type == "private" {
		return nil, violate("chat member status can't be changed in private chats")
	}
	s.setStatus(ch, &s.bot, "left", Rights{})
	s.post(ch, &message{wire: wireMessage{From: &s.bot, LeftChatMember: &s.bot}})
	return true, nil
}

var chatActions = []string{"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
	"upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"}

func (s *Server) sendChatAction(c *call) (any, error) {
	ch, err := s.chatFor(c, "chat_id")
	if err != nil {
		return nil, err
	}
	if _, err := s.threadFor(c, ch); err != nil {
		return nil, err
	}
	if !slices.Contains(chatActions, c.str("action")) {
		return nil, violate("wrong parameter action in request")
	}
	return true, nil
}

func unix(t int64) time.Time { return time.Unix(t, 0).UTC() }
