package chat

import (
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Command is a command written by a person.
type Command struct {
	Name, Args string
	Messages   []*telegram.Message // the message, or the album captioned with it
}

// MessageID is the message to reply to.
func (c Command) MessageID() state.MessageID { return state.MessageID(c.Messages[0].ID) }
