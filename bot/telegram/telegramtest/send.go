package telegramtest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// draft starts a message from the parameters common to all sending methods, and checks its
// destination.
func (s *Server) draft(c *call) (*chat, *message, error) {
	ch, err := s.chatFor(c, "chat_id")
	if err != nil {
		return nil, nil, err
	}
	m := &message{silent: c.bool("disable_notification")}
	m.wire.From = &s.bot
	m.wire.Protected = c.bool("protect_content")
	if m.wire.MessageThreadID, err = s.threadFor(c, ch); err != nil {
		return nil, nil, err
	}
	if err := s.replyTo(c, ch, m); err != nil {
		return nil, nil, err
	}
	if to := ch.find(m.replyTo); to != nil && m.wire.MessageThreadID == 0 {
		// A reply goes into the topic of its message, if that is open.
		if t := ch.topics[to.wire.MessageThreadID]; t != nil && t.closed && !s.managesTopics(ch) {
			return nil, nil, refuse("TOPIC_CLOSED")
		}
	}
	if err := s.mayWrite(ch, c.name, m); err != nil {
		return nil, nil, err
	}
	if err := c.markup(m); err != nil {
		return nil, nil, err
	}
	return ch, m, nil
}

// replyTo parses reply_parameters.
func (s *Server) replyTo(c *call, ch *chat, m *message) error {
	if !c.has("reply_parameters") {
		return nil
	}
	var p struct {
		MessageID int             `json:"message_id"`
		ChatID    json.RawMessage `json:"chat_id"`
		Without   bool            `json:"allow_sending_without_reply"`
		Quote     string          `json:"quote"`
		Mode      string          `json:"quote_parse_mode"`
	}
	if err := c.decode("reply_parameters", &p); err != nil {
		return err
	}
	if p.Mode != "" {
		return strict("quote_parse_mode is not supported: send quote_entities")
	}
	from := ch
	if ref := strings.Trim(string(p.ChatID), `"`); ref != "" && ref != strconv.FormatInt(ch.wire.ID, 10) {
		other, err := s.lookup(ref)
		if err != nil {
			return err
		}
		from = other
	}
	to := from.find(p.MessageID)
	if to == nil {
		if p.Without {
			return nil
		}
		return refuse("message to be replied not found")
	}
	if p.Quote != "" {
		text := cmp.Or(to.wire.Text, to.wire.Caption)
		at := strings.Index(text, p.Quote)
		if at < 0 {
			return refuse("QUOTE_TEXT_INVALID")
		}
		m.wire.Quote = map[string]any{"text": p.Quote, "position": units(text[:at]), "is_manual": true}
	}
	if from == ch {
		m.replyTo = p.MessageID
	}
	return nil
}

// content parses a text or a caption with its entities.
func (c *call) content(field, entities string, limit int) (string, []Entity, error) {
	var list []Entity
	if err := c.decode(entities, &list); err != nil {
		return "", nil, err
	}
	if c.s.cfg.Older && slices.ContainsFunc(list, func(e Entity) bool { return e.Type == "date_time" }) {
		return "", nil, refuse("can't parse MessageEntity: unsupported type specified")
	}
	return content(c.str(field), c.str("parse_mode"), list, limit)
}

func content(text, mode string, list []Entity, limit int) (string, []Entity, error) {
	text, list, err := formatted(text, mode, list)
	if err != nil {
		return "", nil, err
	}
	if units(text) > limit {
		if limit == maxCaption {
			return "", nil, violate("message caption is too long")
		}
		return "", nil, violate("message is too long")
	}
	return text, list, nil
}

// deliver counts messages against the limits and posts them.
func (s *Server) deliver(ch *chat, messages ...*message) error {
	if err := s.limit(ch, len(messages)); err != nil {
		return err
	}
	for _, m := range messages {
		s.post(ch, m)
	}
	return nil
}

func (s *Server) sendMessage(c *call) (any, error) {
	ch, m, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	if m.wire.Text, m.wire.Entities, err = c.content("text", "entities", maxText); err != nil {
		return nil, err
	}
	if m.wire.Text == "" {
		return nil, violate("message text is empty")
	}
	if c.has("link_preview_options") {
		m.wire.LinkPreview = json.RawMessage(c.str("link_preview_options"))
	}
	if err := s.deliver(ch, m); err != nil {
		return nil, err
	}
	return s.render(ch, m), nil
}

// sendMedia returns a method that sends one file.
func sendMedia(kind string) func(*Server, *call) (any, error) {
	return func(s *Server, c *call) (any, error) {
		ch, m, err := s.draft(c)
		if err != nil {
			return nil, err
		}
		if m.wire.Caption, m.wire.CaptionEntities, err = c.content("caption", "caption_entities", maxCaption); err != nil {
			return nil, err
		}
		f, err := s.inputFile(c, kind, kind, c.str(kind))
		if err != nil {
			return nil, err
		}
		if f.fault != "" {
			return nil, refuse("%s", f.fault)
		}
		if err := s.limit(ch, 1); err != nil {
			return nil, err
		}
		m.attach(f, mediaInfo{Duration: c.int("duration"), Width: c.int("width"), Height: c.int("height"),
			Performer: c.str("performer"), Title: c.str("title")})
		s.post(ch, m)
		return s.render(ch, m), nil
	}
}

func (s *Server) sendMediaGroup(c *call) (any, error) {
	ch, base, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	var items []struct {
		Type, Media, Caption, Performer, Title string
		Mode                                   string   `json:"parse_mode"`
		Entities                               []Entity `json:"caption_entities"`
		Duration, Width, Height                int
	}
	if err := c.decode("media", &items); err != nil {
		return nil, err
	}
	switch {
	case len(items) > 10:
		return nil, violate("too many messages to send as an album")
	case len(items) < 2:
		return nil, strict("an album has 2 to 10 items")
	}
	var list []*message
	for i, item := range items {
		if (item.Type == "document" || item.Type == "audio" || items[0].Type == "document" || items[0].Type == "audio") && item.Type != items[0].Type {
			return nil, violate("%s can't be mixed with other media types", item.Type)
		}
		m := *base
		if m.wire.Caption, m.wire.CaptionEntities, err = content(item.Caption, item.Mode, item.Entities, maxCaption); err != nil {
			return nil, err
		}
		f, err := s.inputFile(c, item.Type, "", item.Media)
		if err != nil {
			return nil, err
		}
		if f.fault != "" {
			return nil, refuse("failed to send message #%d with the error message %q", i+1, f.fault)
		}
		m.attach(f, mediaInfo{Duration: item.Duration, Width: item.Width, Height: item.Height, Performer: item.Performer, Title: item.Title})
		list = append(list, &m)
	}
	group := s.albumID()
	for _, m := range list {
		m.wire.MediaGroupID = group
	}
	if err := s.deliver(ch, list...); err != nil {
		return nil, err
	}
	out := []*wireMessage{}
	for _, m := range list {
		out = append(out, s.render(ch, m))
	}
	return out, nil
}

func (s *Server) albumID() string {
	s.albumSeq++
	return strconv.Itoa(13_000_000_000_000 + s.albumSeq)
}

// source finds the message to forward or copy.
func (s *Server) source(c *call) (*chat, *message, error) {
	from, err := s.chatFor(c, "from_chat_id")
	if err != nil {
		return nil, nil, err
	}
	m := from.find(c.int("message_id"))
	if m == nil {
		return nil, nil, refuse("message to %s not found", map[string]string{"forwardMessage": "forward", "copyMessage": "copy"}[c.name])
	}
	if m.wire.service() != "" || m.wire.Protected {
		return nil, nil, refuse("the message can't be %s", map[string]string{"forwardMessage": "forwarded", "copyMessage": "copied"}[c.name])
	}
	return from, m, nil
}

func (s *Server) forwardMessage(c *call) (any, error) {
	ch, m, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	_, src, err := s.source(c)
	if err != nil {
		return nil, err
	}
	m.carry(src)
	m.wire.ForwardOrigin = originOf(src)
	if err := s.deliver(ch, m); err != nil {
		return nil, err
	}
	return s.render(ch, m), nil
}

func (s *Server) copyMessage(c *call) (any, error) {
	ch, m, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	_, src, err := s.source(c)
	if err != nil {
		return nil, err
	}
	m.carry(src)
	if _, given := c.params["caption"]; given && src.file != nil {
		if m.wire.Caption, m.wire.CaptionEntities, err = c.content("caption", "caption_entities", maxCaption); err != nil {
			return nil, err
		}
	}
	if err := s.deliver(ch, m); err != nil {
		return nil, err
	}
	return map[string]int{"message_id": m.wire.MessageID}, nil
}

// carry copies the content of another message, but not its place.
func (m *message) carry(src *message) {
	w, own := src.wire, m.wire
	w.MessageID, w.Date, w.Chat, w.From, w.SenderChat = 0, 0, wireChat{}, own.From, own.SenderChat
	w.MessageThreadID, w.IsTopicMessage, w.EditDate, w.MediaGroupID = own.MessageThreadID, false, 0, ""
	w.Protected, w.ReplyMarkup, w.Quote = own.Protected, own.ReplyMarkup, own.Quote
	w.Entities, w.CaptionEntities = slices.Clone(w.Entities), slices.Clone(w.CaptionEntities)
	m.wire, m.file = w, src.file
}

// originOf returns a message's original source.
func originOf(src *message) map[string]any {
	if src.wire.ForwardOrigin != nil {
		return src.wire.ForwardOrigin
	}
	if sc := src.wire.SenderChat; sc != nil {
		return map[string]any{"type": "chat", "date": src.wire.Date, "sender_chat": sc}
	}
	return map[string]any{"type": "user", "date": src.wire.Date, "sender_user": src.wire.From}
}
