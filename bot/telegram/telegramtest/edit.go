package telegramtest

import (
	"bytes"
	"reflect"
	"slices"
	"time"
)

const notModified = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"

// deleteLife is how long after sending a bot can delete a message.
const deleteLife = 48 * time.Hour

// editable finds the message of an edit: one of the bot's own, and without a keyboard other
// than inline.
func (s *Server) editable(c *call) (*chat, *message, error) {
	if c.has("inline_message_id") {
		return nil, nil, refuse("MESSAGE_ID_INVALID")
	}
	if !c.has("chat_id") {
		return nil, nil, violate("chat_id is empty")
	}
	if !c.has("message_id") {
		return nil, nil, violate("message identifier is not specified")
	}
	ch, err := s.chatFor(c, "chat_id")
	if err != nil {
		return nil, nil, err
	}
	m := ch.find(c.int("message_id"))
	switch {
	case m == nil:
		return nil, nil, refuse("message to edit not found")
	case m.wire.From == nil || m.wire.From.ID != s.bot.ID, m.wire.service() != "", m.wire.ForwardOrigin != nil,
		m.markupKind != "" && m.markupKind != "inline":
		return nil, nil, refuse("message can't be edited")
	}
	return ch, m, nil
}

// replace stores the new version, unless nothing differs.
func (s *Server) replace(ch *chat, m *message, next message) (any, error) {
	was, is := m.wire, next.wire
	if was.Text == is.Text && was.Caption == is.Caption && bytes.Equal(was.ReplyMarkup, is.ReplyMarkup) &&
		bytes.Equal(was.LinkPreview, is.LinkPreview) && sameEntities(was.Entities, is.Entities) &&
		sameEntities(was.CaptionEntities, is.CaptionEntities) {
		return nil, refuse("%s", notModified)
	}
	next.wire.EditDate = s.now().Unix()
	next.edits++
	*m = next
	s.touch()
	return s.render(ch, m), nil
}

func sameEntities(a, b []Entity) bool {
	return slices.EqualFunc(a, b, func(x, y Entity) bool { return reflect.DeepEqual(x, y) })
}

func (s *Server) editMessageText(c *call) (any, error) {
	ch, m, err := s.editable(c)
	if err != nil {
		return nil, err
	}
	if m.wire.Text == "" {
		return nil, refuse("there is no text in the message to edit")
	}
	next := *m
	if next.wire.Text, next.wire.Entities, err = c.content("text", "entities", maxText); err != nil {
		return nil, err
	}
	if next.wire.Text == "" {
		return nil, violate("message text is empty")
	}
	next.wire.LinkPreview = nil
	if c.has("link_preview_options") {
		next.wire.LinkPreview = []byte(c.str("link_preview_options"))
	}
	if err := c.markup(&next); err != nil {
		return nil, err
	}
	return s.replace(ch, m, next)
}

func (s *Server) editMessageCaption(c *call) (any, error) {
	ch, m, err := s.editable(c)
	if err != nil {
		return nil, err
	}
	if m.file == nil {
		return nil, refuse("there is no caption in the message to edit")
	}
	next := *m
	if next.wire.Caption, next.wire.CaptionEntities, err = c.content("caption", "caption_entities", maxCaption); err != nil {
		return nil, err
	}
	if err := c.markup(&next); err != nil {
		return nil, err
	}
	return s.replace(ch, m, next)
}

func (s *Server) editMessageReplyMarkup(c *call) (any, error) {
	ch, m, err := s.editable(c)
	if err != nil {
		return nil, err
	}
	next := *m
	if err := c.markup(&next); err != nil {
		return nil, err
	}
	return s.replace(ch, m, next)
}

func (s *Server) deleteMessage(c *call) (any, error) {
	ch, err := s.chatFor(c, "chat_id")
	if err != nil {
		return nil, err
	}
	m := ch.find(c.int("message_id"))
	if m == nil {
		return nil, refuse("message to delete not found")
	}
	if !s.deletable(ch, m) {
		return nil, refuse("message can't be deleted for everyone")
	}
	m.deleted = true
	return true, nil
}

func (s *Server) deletable(ch *chat, m *message) bool {
	mine := m.wire.From != nil && m.wire.From.ID == s.bot.ID
	me := ch.members[s.bot.ID]
	if me.admin() && me.rights.DeleteMessages {
		return true
	}
	return s.now().Sub(unix(m.wire.Date)) < deleteLife && (mine || ch.wire.Type == "private") && !m.wire.SupergroupChatCreated
}

func (s *Server) deleteMessages(c *call) (any, error) {
	ch, err := s.chatFor(c, "chat_id")
	if err != nil {
		return nil, err
	}
	var ids []int
	if err := c.decode("message_ids", &ids); err != nil {
		return nil, err
	}
	if len(ids) < 1 || len(ids) > 100 {
		return nil, violate("too many message identifiers specified")
	}
	for _, id := range ids {
		if m := ch.find(id); m != nil {
			if !s.deletable(ch, m) {
				return nil, refuse("message can't be deleted for everyone")
			}
			m.deleted = true
		}
	}
	return true, nil
}

func (s *Server) pinChatMessage(c *call) (any, error) {
	ch, m, err := s.pinnable(c, true)
	if err != nil {
		return nil, err
	}
	if slices.Contains(ch.pinned, m.wire.MessageID) {
		return true, nil
	}
	ch.pinned = append(ch.pinned, m.wire.MessageID)
	note := &message{wire: wireMessage{From: &s.bot, MessageThreadID: m.wire.MessageThreadID}, silent: c.bool("disable_notification")}
	note.wire.PinnedMessage = s.render(ch, m)
	s.post(ch, note)
	s.push("message", s.render(ch, note))
	return true, nil
}

func (s *Server) unpinChatMessage(c *call) (any, error) {
	ch, m, err := s.pinnable(c, false)
	if err != nil {
		return nil, err
	}
	if m == nil {
		if len(ch.pinned) > 0 {
			ch.pinned = ch.pinned[:len(ch.pinned)-1]
		}
		return true, nil
	}
	at := slices.Index(ch.pinned, m.wire.MessageID)
	if at < 0 {
		return nil, refuse("message to unpin not found")
	}
	ch.pinned = slices.Delete(ch.pinned, at, at+1)
	return true, nil
}

func (s *Server) pinnable(c *call, pin bool) (*chat, *message, error) {
	ch, err := s.chatFor(c, "chat_id")
	if err != nil {
		return nil, nil, err
	}
	if me := ch.members[s.bot.ID]; ch.wire.Type != "private" && !(me.admin() && me.rights.PinMessages) {
		return nil, nil, refuse("not enough rights to manage pinned messages in the chat")
	}
	if !pin && !c.has("message_id") {
		return ch, nil, nil
	}
	m := ch.find(c.int("message_id"))
	if m == nil {
		return nil, nil, refuse("message to %s not found", map[bool]string{true: "pin", false: "unpin"}[pin])
	}
	if m.wire.service() != "" && pin {
		return nil, nil, refuse("message can't be pinned")
	}
	return ch, m, nil
}
