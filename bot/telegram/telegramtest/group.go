package telegramtest

// Group is a basic group or a supergroup.
type Group struct {
	s  *Server
	ch *chat
}

// GroupOptions describes a group. If ID is 0 one is chosen, in the range of its kind.
type GroupOptions struct {
	ID         int64
	Title      string
	Username   string
	Supergroup bool
	Forum      bool // a supergroup with topics
	// Reactions are the allowed reactions; nil allows all, empty none.
	Reactions []string
}

// AddGroup creates a group without the bot.
func (s *Server) AddGroup(o GroupOptions) *Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := wireChat{ID: o.ID, Type: "group", Title: o.Title, Username: o.Username, IsForum: o.Forum}
	if o.Supergroup || o.Forum {
		w.Type = "supergroup"
	}
	if w.ID == 0 {
		w.ID = s.groupID(w.Type)
	}
	ch := newChat(w)
	ch.reactions = o.Reactions
	s.chats[w.ID] = ch
	return &Group{s, ch}
}

func (s *Server) groupID(kind string) int64 {
	s.groups++
	if kind == "supergroup" {
		return -1_001_000_000_000 - s.groups
	}
	return -4_000_000_000 - s.groups
}

// ID is the group's id.
func (g *Group) ID() int64 { return g.ch.wire.ID }

// As is the group as seen by a person, who becomes a member.
func (g *Group) As(p *Person) *Chat {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	u := g.s.users[p.ID]
	if m := g.ch.members[p.ID]; !m.inside() {
		g.ch.members[p.ID] = &member{user: u, status: "member"}
	}
	return &Chat{s: g.s, ch: g.ch, from: u}
}

// The accounts that represent those who write as a chat.
var (
	anonymousUser = User{ID: 1087968824, IsBot: true, FirstName: "Group", Username: "GroupAnonymousBot"}
	channelUser   = User{ID: 136817688, IsBot: true, FirstName: "Channel", Username: "Channel_Bot"}
)

// AsAnonymous is the group as seen by an anonymous administrator.
func (g *Group) AsAnonymous() *Chat {
	return &Chat{s: g.s, ch: g.ch, from: &anonymousUser, sender: &g.ch.wire}
}

// AsChannel is the group as seen by a channel.
func (g *Group) AsChannel(id int64, title string) *Chat {
	return &Chat{s: g.s, ch: g.ch, from: &channelUser, sender: &wireChat{ID: id, Type: "channel", Title: title}}
}

// AddBot adds the bot as an ordinary member.
func (g *Group) AddBot(by *Person) {
	from := g.As(by).from
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.s.setStatus(g.ch, from, "member", Rights{})
	g.note(wireMessage{From: from, NewChatMembers: []User{g.s.bot}})
}

// Promote makes the bot an administrator with these rights; it then sees all messages.
func (g *Group) Promote(by *Person, rights Rights) { g.status(by, "administrator", rights) }

// Demote makes the bot an ordinary member again.
func (g *Group) Demote(by *Person) { g.status(by, "member", Rights{}) }

// Kick removes the bot.
func (g *Group) Kick(by *Person) {
	g.status(by, "kicked", Rights{})
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.note(wireMessage{From: g.s.users[by.ID], LeftChatMember: &g.s.bot})
}

func (g *Group) status(by *Person, status string, rights Rights) {
	from := g.As(by).from
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.s.setStatus(g.ch, from, status, rights)
}

// BotStatus is the bot's status: "", member, administrator, left or kicked.
func (g *Group) BotStatus() string {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	if me := g.ch.members[g.s.bot.ID]; me != nil {
		return me.status
	}
	return ""
}

// SetAdmin makes a person an administrator.
func (g *Group) SetAdmin(p *Person, rights Rights) {
	g.As(p)
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.ch.members[p.ID].status, g.ch.members[p.ID].rights = "administrator", rights
}

// Join adds a person with a service message.
func (g *Group) Join(p *Person) {
	from := g.As(p).from
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.note(wireMessage{From: from, NewChatMembers: []User{*from}})
}

// Leave removes a person.
func (g *Group) Leave(p *Person) {
	from := g.As(p).from
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.ch.members[p.ID].status = "left"
	g.note(wireMessage{From: from, LeftChatMember: from})
}

// Rename changes the title.
func (g *Group) Rename(by *Person, title string) {
	from := g.As(by).from
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.ch.wire.Title = title
	g.note(wireMessage{From: from, NewChatTitle: title})
}

// SetReactions changes the allowed reactions: nil all, empty none.
func (g *Group) SetReactions(allowed []string) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.ch.reactions = allowed
}

// Mute takes the right to write from everyone except administrators, or gives it back. The
// bot is not notified, here and below.
func (g *Group) Mute(muted bool) { g.set(&g.ch.muted, muted) }

// ForbidFiles takes the right to send files from them.
func (g *Group) ForbidFiles(forbidden bool) { g.set(&g.ch.noFiles, forbidden) }

// CloseGeneral closes the general topic to those who can't manage topics.
func (g *Group) CloseGeneral(closed bool) { g.set(&g.ch.generalClosed, closed) }

func (g *Group) set(flag *bool, to bool) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	*flag = to
}

// SetForum turns topics on or off. Turning them off deletes the topics and their ids; the
// messages remain.
func (g *Group) SetForum(on bool) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.ch.wire.IsForum = on
	if !on {
		g.ch.topics = map[int]*topic{}
	}
	g.s.touch()
}

// note posts a service message.
func (g *Group) note(w wireMessage) { g.s.tell(g.ch, g.s.post(g.ch, &message{wire: w})) }

// creatorUser is who upgrades groups.
var creatorUser = User{ID: 2_000_000_001, FirstName: "Григорий"}

// Migrate upgrades a basic group to a supergroup: a new id, the bot's arrival and service messages
// in both, and refusals with the new id for requests to the old one.
func (g *Group) Migrate() *Group {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	w := g.ch.wire
	w.ID, w.Type = g.s.groupID("supergroup"), "supergroup"
	next := newChat(w)
	next.members, next.reactions = g.ch.members, g.ch.reactions
	g.s.chats[w.ID] = next
	to := &Group{g.s, next}
	if me := next.members[g.s.bot.ID]; me.inside() {
		g.s.push("my_chat_member", map[string]any{
			"chat": next.wire, "from": creatorUser, "date": g.s.now().Unix(), "old_chat_member": (&member{user: &g.s.bot, status: "left"}).wire(), "new_chat_member": me.wire(),
		})
	}
	g.note(wireMessage{From: &anonymousUser, SenderChat: &g.ch.wire, MigrateToChatID: w.ID})
	to.note(wireMessage{From: &anonymousUser, SenderChat: &next.wire, MigrateFromChatID: g.ch.wire.ID})
	g.ch.movedTo = w.ID
	g.s.touch()
	return to
}

// Topic is a topic of a forum.
type Topic struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Closed bool   `json:"closed"`
}

// Topics lists the topics in order of creation.
func (g *Group) Topics() []Topic { return (&Chat{s: g.s, ch: g.ch}).Topics() }

// Topics lists the chat's topics in order of creation.
func (c *Chat) Topics() []Topic {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	ch := c.chat()
	var list []Topic
	for _, id := range ch.order {
		if t := ch.topics[id]; t != nil {
			list = append(list, Topic{t.id, t.name, t.closed})
		}
	}
	return list
}

// CreateTopic creates a topic and returns its id.
func (g *Group) CreateTopic(by *Person, name string) int {
	from := g.As(by).from
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	return g.s.openTopic(g.ch, from, name, topicColors[0]).id
}

// CloseTopic closes or reopens a topic.
func (g *Group) CloseTopic(by *Person, id int, closed bool) {
	from := g.As(by).from
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.s.closeTopic(g.ch, g.ch.topics[id], from, closed)
}

// DeleteTopic deletes a topic with its messages; the bot is not notified.
func (g *Group) DeleteTopic(id int) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.ch.dropTopic(id)
	g.s.touch()
}
