package telegram

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// Ids are distinct types, so that they can't be confused.
type (
	ChatID    int64
	UserID    int64
	MessageID int
	ThreadID  int
)

// IsGroup: groups, supergroups and channels have negative ids, people positive ones.
func (c ChatID) IsGroup() bool { return c < 0 }

// TopicLink returns the address of a supergroup's topic for its members; "" for other
// chats, which have none.
func TopicLink(c ChatID, thread ThreadID) string {
	const first = -1_000_000_000_000 // supergroup ids count down from here
	if c >= first {
		return ""
	}
	return fmt.Sprintf("https://t.me/c/%d/%d", first-c, thread)
}

// User is an account of a person or a bot.
type User struct {
	ID        UserID
	FirstName string
	LastName  string
	Username  string // without @, often empty
	Language  string // IETF tag of the client, often empty
	IsBot     bool
}

// Name is how to call the user: the full name on one line, or @username.
func (u User) Name() string {
	if name := Clean(u.FirstName + " " + u.LastName); name != "" {
		return name
	}
	if u.Username != "" {
		return "@" + u.Username
	}
	return ""
}

// Chat is the chat of a message.
type Chat struct {
	ID      ChatID
	Type    string // private, group, supergroup, channel
	Title   string // empty in private
	IsForum bool
}

// Message is a message of any kind.
type Message struct {
	ID         MessageID
	Chat       Chat
	Thread     ThreadID // a topic if IsTopic, else a thread of replies
	IsTopic    bool
	From       *User
	SenderChat *Chat // set for anonymous admins and channels
	Date       time.Time
	EditDate   time.Time // zero if never edited
	Kind       Kind
	Text       string // the text or the caption
	Entities   []Entity
	// ReplyTo is nil for a reply to the topic's first service message, which every
	// message of a topic is.
	ReplyTo    *Message
	Quote      string     // the part of ReplyTo, or of a message of another chat, that the author selected
	Buttons    [][]Button // under this message, if it is a bot's
	MediaGroup string     // the album's id, shared by its items
	File       *File
	Forward    *Forward
	Contact    *Contact
	Location   *Location
	Venue      *Venue
	Sticker    string // its emoji, may be empty

	MigrateTo   ChatID // this group was upgraded to that supergroup
	MigrateFrom ChatID // this supergroup was that group
}

// Forward is the origin of a forwarded message.
type Forward struct {
	Name string // of the person, group or channel
	Date time.Time
}

// Contact is a shared phone number.
type Contact struct {
	Phone, FirstName, LastName string
}

// Location is a point on the map.
type Location struct{ Latitude, Longitude float64 }

// Venue is a named place.
type Venue struct {
	Location
	Title, Address string
}

// wireMessage is the library's message plus missing fields. All keys are kept, because they
// determine the message's kind.
type wireMessage struct {
	tgbotapi.Message
	MessageThreadID int             `json:"message_thread_id"`
	IsTopicMessage  bool            `json:"is_topic_message"`
	Chat            wireChat        `json:"chat"`
	SenderChat      *wireChat       `json:"sender_chat"`
	Entities        []Entity        `json:"entities"`
	CaptionEntities []Entity        `json:"caption_entities"`
	ReplyToMessage  *wireMessage    `json:"reply_to_message"`
	Quote           wireQuote       `json:"quote"`
	ForwardOrigin   *wireOrigin     `json:"forward_origin"`
	ReplyMarkup     *InlineKeyboard `json:"reply_markup"`
	LivePhoto       *wireLivePhoto  `json:"live_photo"`
	// Unused fields are not decoded, so that they can't fail.
	PinnedMessage json.RawMessage `json:"pinned_message"`
	Poll          json.RawMessage `json:"poll"`
	Game          json.RawMessage `json:"game"`
	Invoice       json.RawMessage `json:"invoice"`
	PassportData  json.RawMessage `json:"passport_data"`

	keys map[string]json.RawMessage
}

func (m *wireMessage) UnmarshalJSON(b []byte) error {
	type plain wireMessage
	if err := json.Unmarshal(b, (*plain)(m)); err != nil {
		return err
	}
	return json.Unmarshal(b, &m.keys)
}

func (m *wireMessage) has(key string) bool {
	value, ok := m.keys[key]
	return ok && string(value) != "null"
}

type wireChat struct {
	ID      ChatID `json:"id"`
	Type    string `json:"type"`
	Title   string `json:"title"`
	IsForum bool   `json:"is_forum"`
}

type wireOrigin struct {
	Date           int64          `json:"date"`
	SenderUser     *tgbotapi.User `json:"sender_user"`
	SenderUserName string         `json:"sender_user_name"`
	SenderChat     *wireChat      `json:"sender_chat"`
	Chat           *wireChat      `json:"chat"`
}

type wireQuote struct {
	Text   string `json:"text"`
	Manual bool   `json:"is_manual"` // the author selected it; clients also quote on their own
}

type wireLivePhoto struct {
	Photo []tgbotapi.PhotoSize `json:"photo"`
}

func newUser(u *tgbotapi.User) User {
	return User{
		ID: UserID(u.ID), FirstName: u.FirstName, LastName: u.LastName,
		Username: u.UserName, Language: u.LanguageCode, IsBot: u.IsBot,
	}
}

func newChat(c wireChat) Chat {
	return Chat(c)
}

func newMessage(w *wireMessage) *Message {
	m := &Message{
		ID: MessageID(w.MessageID), Chat: newChat(w.Chat),
		Thread: ThreadID(w.MessageThreadID), IsTopic: w.IsTopicMessage,
		Date: unix(int64(w.Date)), EditDate: unix(int64(w.EditDate)),
		Kind: kindOf(w), Text: w.Text, Entities: w.Entities,
		MediaGroup: w.MediaGroupID, Forward: newForward(w),
		MigrateTo: ChatID(w.MigrateToChatID), MigrateFrom: ChatID(w.MigrateFromChatID),
	}
	if w.Text == "" {
		m.Text, m.Entities = w.Caption, w.CaptionEntities
	}
	if w.From != nil {
		from := newUser(w.From)
		m.From = &from
	}
	if w.SenderChat != nil {
		chat := newChat(*w.SenderChat)
		m.SenderChat = &chat
	}
	if w.ReplyToMessage != nil && !repliesToTopic(w) {
		m.ReplyTo = newMessage(w.ReplyToMessage)
	}
	if w.Quote.Manual {
		m.Quote = w.Quote.Text
	}
	if w.ReplyMarkup != nil {
		m.Buttons = *w.ReplyMarkup
	}
	m.File = newFile(w, m)
	m.addContent(w)
	return m
}

func (m *Message) addContent(w *wireMessage) {
	if c := w.Contact; c != nil {
		m.Contact = &Contact{Phone: c.PhoneNumber, FirstName: c.FirstName, LastName: c.LastName}
	}
	if l := w.Location; l != nil {
		m.Location = &Location{l.Latitude, l.Longitude}
	}
	if v := w.Venue; v != nil {
		m.Venue = &Venue{Location{v.Location.Latitude, v.Location.Longitude}, v.Title, v.Address}
	}
	if w.Sticker != nil {
		m.Sticker = w.Sticker.Emoji
	}
}

// repliesToTopic: every message of a topic "replies" to the service message that created
// it, which has the topic's id.
func repliesToTopic(w *wireMessage) bool {
	root := w.ReplyToMessage
	return root.has("forum_topic_created") ||
		w.IsTopicMessage && root.MessageID == w.MessageThreadID
}

// newForward reads forward_origin, or the fields that servers before Bot API 7.0 send instead.
func newForward(w *wireMessage) *Forward {
	var f Forward
	var user *tgbotapi.User
	switch o := w.ForwardOrigin; {
	case o != nil:
		f.Date, f.Name, user = unix(o.Date), o.SenderUserName, o.SenderUser
		for _, chat := range []*wireChat{o.SenderChat, o.Chat} {
			if chat != nil {
				f.Name = chat.Title
			}
		}
	case w.ForwardDate != 0:
		f.Date, f.Name, user = unix(int64(w.ForwardDate)), w.ForwardSenderName, w.ForwardFrom
		if chat := w.ForwardFromChat; chat != nil {
			f.Name = chat.Title
		}
	default:
		return nil
	}
	if user != nil {
		f.Name = newUser(user).Name()
	}
	f.Name = Clean(f.Name)
	return &f
}

// Mentioned returns whom the text mentions: usernames without the @, and people's ids.
func (m *Message) Mentioned() (names []string, ids []UserID) {
	units := utf16.Encode([]rune(m.Text))
	for _, e := range m.Entities {
		end := e.Offset + e.Length
		switch {
		case e.Type == EntityTextMention && e.User != nil:
			ids = append(ids, e.User.ID)
		case e.Type == EntityMention && e.Offset >= 0 && e.Length > 0 && end <= len(units):
			names = append(names, strings.TrimPrefix(string(utf16.Decode(units[e.Offset:end])), "@"))
		}
	}
	return names, ids
}

// Command parses "/name@bot args" at the beginning of the text or caption. The name is
// returned in lower case; the arguments keep their line breaks. As to Telegram, "/name:" and
// "/name, args" are the command as well. Commands for other bots are
// ignored, see CommandElsewhere.
func (m *Message) Command(botName string) (name, args string, ok bool) {
	name, bot, args, ok := m.command()
	if !ok || bot != "" && !strings.EqualFold(bot, botName) {
		return "", "", false
	}
	return name, args, true
}

// CommandElsewhere reports a command addressed to another bot.
func (m *Message) CommandElsewhere(botName string) bool {
	_, bot, _, ok := m.command()
	return ok && bot != "" && !strings.EqualFold(bot, botName)
}

func (m *Message) command() (name, bot, args string, ok bool) {
	if m == nil || !strings.HasPrefix(m.Text, "/") {
		return "", "", "", false
	}
	for _, e := range m.Entities {
		// A command formatted as code is not a command.
		if e.Offset == 0 && (e.Type == EntityCode || e.Type == EntityPre) {
			return "", "", "", false
		}
	}
	head := m.Text[1:]
	if i := strings.IndexFunc(head, isSpace); i >= 0 {
		head, args = head[:i], strings.TrimFunc(head[i:], isSpace)
	}
	name, bot, at := strings.Cut(strings.TrimRight(head, ".,:;!?…"), "@")
	if !isWord(name, 32) || at && !isWord(bot, 64) {
		return "", "", "", false
	}
	return strings.ToLower(name), bot, args, true
}

func isWord(s string, limit int) bool {
	if s == "" || len(s) > limit {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return true
}
