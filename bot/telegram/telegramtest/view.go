package telegramtest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Message is a message as people see it now.
type Message struct {
	ID       int       `json:"id"`
	Chat     int64     `json:"chat"`
	Date     time.Time `json:"date"`
	From     User      `json:"from"`
	FromBot  bool      `json:"from_bot"` // by the bot under test
	Text     string    `json:"text"`     // or the caption
	Entities []Entity  `json:"entities,omitempty"`
	// ReplyTo is 0 for no reply, and in a topic for a reply to the topic's first message.
	ReplyTo int `json:"reply_to,omitempty"`
	Thread  int `json:"thread,omitempty"`

	Buttons     [][]Button `json:"buttons,omitempty"`
	ForceReply  bool       `json:"force_reply,omitempty"`
	Placeholder string     `json:"placeholder,omitempty"`
	// Selective: only those mentioned and the author of ReplyTo are asked to reply.
	Selective bool `json:"selective,omitempty"`

	Read      bool      `json:"read,omitempty"`     // the bot has confirmed its update
	Reaction  string    `json:"reaction,omitempty"` // the bot's
	File      *FileInfo `json:"file,omitempty"`
	Album     string    `json:"album,omitempty"`
	Service   string    `json:"service,omitempty"` // the kind of a service message
	Silent    bool      `json:"silent,omitempty"`
	Protected bool      `json:"protected,omitempty"`
	Pinned    bool      `json:"pinned,omitempty"`
	NoPreview bool      `json:"no_preview,omitempty"`
	Forwarded bool      `json:"forwarded,omitempty"`
	Edits     int       `json:"edits,omitempty"`
}

// FileInfo is the file of a message.
type FileInfo struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Name   string `json:"name,omitempty"`
	MIME   string `json:"mime,omitempty"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Button finds a button by its text or data.
func (m Message) Button(name string) (Button, bool) {
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Text == name || b.Data == name {
				return b, true
			}
		}
	}
	return Button{}, false
}

// view is a message as people see it. The lock is held.
func (s *Server) view(ch *chat, m *message) Message {
	w := &m.wire
	v := Message{
		ID: w.MessageID, Chat: ch.wire.ID, Date: unix(w.Date), Text: cmp.Or(w.Text, w.Caption),
		ReplyTo: m.replyTo, Thread: w.MessageThreadID, Buttons: m.buttons(), ForceReply: m.markupKind == "force_reply",
		Placeholder: m.placeholder, Selective: m.selective, Reaction: m.reaction, Album: w.MediaGroupID, Service: w.service(), Silent: m.silent,
		Protected: w.Protected, Pinned: slices.Contains(ch.pinned, w.MessageID), Forwarded: w.ForwardOrigin != nil, Edits: m.edits,
	}
	if w.IsTopicMessage && v.ReplyTo == w.MessageThreadID {
		v.ReplyTo = 0
	}
	if w.From != nil {
		v.From, v.FromBot = *w.From, w.From.ID == s.bot.ID
	}
	if v.Entities = slices.Clone(w.Entities); w.Text == "" {
		v.Entities = slices.Clone(w.CaptionEntities)
	}
	var preview struct {
		Off bool `json:"is_disabled"`
	}
	if len(w.LinkPreview) > 0 {
		_ = json.Unmarshal(w.LinkPreview, &preview)
	}
	v.NoPreview, v.Read = preview.Off, m.update != nil && m.update.confirmed
	if f := m.file; f != nil {
		info := f.info()
		v.File = &info
	}
	return v
}

// messages lists the messages of a chat, or of one topic if thread is set.
func (s *Server) messages(ch *chat, thread int) []Message {
	var list []Message
	for _, id := range ch.order {
		if m := ch.find(id); m != nil && (thread == 0 || m.wire.MessageThreadID == thread) {
			list = append(list, s.view(ch, m))
		}
	}
	return list
}

// Messages lists the messages in the chat, or in the topic.
func (c *Chat) Messages() []Message {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.s.messages(c.chat(), c.thread)
}

// Message returns a message as it is now.
func (c *Chat) Message(id int) Message {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.s.view(c.chat(), c.must(id))
}

// FromBot lists the bot's messages in the chat, without service messages.
func (c *Chat) FromBot() []Message {
	return slices.DeleteFunc(c.Messages(), func(m Message) bool { return !m.FromBot || m.Service != "" })
}

// Wait blocks until cond holds for the chat's messages. The error shows the chat's last state.
func (c *Chat) Wait(ctx context.Context, cond func([]Message) bool) ([]Message, error) {
	var last []Message
	err := c.s.Wait(ctx, func(*Server) bool {
		last = c.Messages()
		return cond(last)
	})
	if err != nil {
		return last, fmt.Errorf("%w; the chat shows:\n%s", err, transcript(last))
	}
	return last, nil
}

// transcript formats a chat for reading.
func transcript(messages []Message) string {
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&b, "  %d %s: %s%s", m.ID, m.From.FirstName, m.Text, m.Service)
		if m.File != nil {
			fmt.Fprintf(&b, " [%s %s]", m.File.Kind, m.File.Name)
		}
		for _, row := range m.Buttons {
			for _, btn := range row {
				fmt.Fprintf(&b, " [%s]", btn.Text)
			}
		}
		if m.Reaction != "" {
			b.WriteString(" " + m.Reaction)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
