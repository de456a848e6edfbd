package telegramtest

import (
	"slices"
	"strings"
)

// reactions are the emoji that any bot may set.
var reactions = strings.Fields(`❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆
	💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡`)

func (s *Server) setMessageReaction(c *call) (any, error) {
	ch, err := s.chatFor(c, "chat_id")
	if err != nil {
		return nil, err
	}
	var list []struct {
		Type, Emoji string
	}
	if err := c.decode("reaction", &list); err != nil {
		return nil, err
	}
	m := ch.find(c.int("message_id"))
	if m == nil {
		return nil, refuse("message to react not found")
	}
	m = ch.albumHead(m)
	if len(list) == 0 {
		m.reaction = ""
		return true, nil
	}
	if len(list) > 1 {
		return nil, violate("REACTIONS_TOO_MANY")
	}
	emoji := list[0].Emoji
	if list[0].Type != "emoji" || !slices.Contains(reactions, emoji) {
		return nil, violate("REACTION_INVALID")
	}
	if ch.reactions != nil && !slices.Contains(ch.reactions, emoji) || m.wire.service() != "" {
		return nil, refuse("REACTION_INVALID")
	}
	m.reaction = emoji
	return true, nil
}

// albumHead is the first remaining message of an album: reactions to any of its items go there.
func (c *chat) albumHead(m *message) *message {
	if m.wire.MediaGroupID == "" {
		return m
	}
	for _, id := range c.order {
		if head := c.find(id); head != nil && head.wire.MediaGroupID == m.wire.MediaGroupID {
			return head
		}
	}
	return m
}
