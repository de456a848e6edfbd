package chat

import (
	"fmt"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Outgoing is a message to a chat.
type Outgoing struct {
	Place
	Meaning
	Text     telegram.Text
	ReplyTo  state.MessageID // 0: none
	Buttons  [][]telegram.Button
	Ask      string // the placeholder of a forced reply; "" for none
	Silent   bool
	News     bool            // lower priority than replies to people
	Stranger bool            // lower priority than news: to a stranger, or about one
	Edit     state.MessageID // the message to edit instead of sending one
	Key      string          // deduplicates queued messages
}

// Say queues a message. A long text is split; the last part has the buttons.
func (t *Turn) Say(o Outgoing) error {
	parts := o.Text.Split(telegram.MaxText)
	if o.Edit != 0 && len(parts) > 1 {
		parts = parts[:1]
	}
	o.Joins = o.Joins && len(parts) == 1
	o.Topic = o.Topic || o.Chain // the further parts too
	for i, part := range parts {
		one := o
		one.Text = part
		if i < len(parts)-1 {
			one.Buttons, one.Ask, one.Receipt, one.Draft, one.Key, one.Files = nil, "", 0, 0, "", nil
		}
		if i > 0 {
			one.ReplyTo, one.Chain, one.Names = 0, false, Span{}
		}
		if err := t.saySingle(one); err != nil {
			return err
		}
	}
	return nil
}

func (t *Turn) saySingle(o Outgoing) error {
	if now, err := t.CurrentChat(o.Chat); err != nil {
		return err
	} else if now != o.Chat {
		// The former group's messages can't be edited or replied to.
		o.Chat, o.Thread, o.ReplyTo, o.Edit = now, 0, 0, 0
	}
	var request telegram.Request
	if o.Edit != 0 {
		request = telegram.EditMessageText{
			ChatID: telegram.ChatID(o.Chat), MessageID: telegram.MessageID(o.Edit),
			Text: o.Text.String, Entities: o.Text.Entities, ReplyMarkup: o.Buttons, LinkPreview: noPreview,
		}
	} else {
		send := telegram.SendMessage{
			ChatID: telegram.ChatID(o.Chat), Text: o.Text.String, Entities: o.Text.Entities, Silent: o.Silent, LinkPreview: noPreview,
		}
		if o.ReplyTo != 0 {
			send.ReplyParameters = ReplyTo(o.ReplyTo)
		}
		if o.Ask != "" {
			send.ReplyMarkup = telegram.ForceReply{Placeholder: o.Ask, Selective: telegram.ChatID(o.Chat).IsGroup()}
		} else if len(o.Buttons) > 0 {
			send.ReplyMarkup = telegram.InlineKeyboard(o.Buttons)
		}
		request = send
	}
	p := state.PriorityPerson
	switch {
	case o.Stranger:
		p = state.PriorityStranger
	case o.News:
		p = state.PriorityNews
	}
	return t.Request(request, TelegramRow{Place: o.Place, Meaning: o.Meaning}, ChatLane(o.Chat), p, o.Key)
}

// Request queues a call in a lane.
func (t *Turn) Request(r telegram.Request, row TelegramRow, lane string, p state.Priority, key string) error {
	call, err := telegram.Encode(r)
	if err != nil {
		return err
	}
	row.Call = call
	return t.Enqueue(state.Telegram, lane, KindCall, p, key, row)
}

// React sets the bot's reaction to a person's message; "" removes it.
func (t *Turn) React(c state.ChatID, m state.MessageID, emoji string, of state.SubmissionID) error {
	return t.react(c, m, emoji, TelegramRow{Place: InChat(c), Reacts: of})
}

// ReactInAMoment is React a moment later, unless another reaction has taken the place of this one
// by then.
func (t *Turn) ReactInAMoment(c state.ChatID, m state.MessageID, emoji string, of state.SubmissionID) error {
	return t.react(c, m, emoji, TelegramRow{Place: InChat(c), Reacts: of, Yields: true})
}

func (t *Turn) react(c state.ChatID, m state.MessageID, emoji string, row TelegramRow) error {
	r := telegram.SetMessageReaction{ChatID: telegram.ChatID(c), MessageID: telegram.MessageID(m), Reaction: []telegram.Emoji{}}
	if emoji != "" {
		r.Reaction = append(r.Reaction, telegram.Emoji(emoji))
	}
	return t.Request(r, row, OrnamentLane(c, fmt.Sprintf("reaction:%d", m)), state.PriorityPerson, reactionKey(c, m))
}

// callbackLife is how long Telegram accepts the answer to a button press.
const callbackLife = 150 * time.Second

// AnswerCallback stops the button's spinner, with a short text if there is one. It has a lane
// of its own, so that it doesn't wait for messages.
func (t *Turn) AnswerCallback(id, text string, alert bool) error {
	return t.answerCallback(id, text, alert, state.PriorityPerson)
}

// RefuseCallback answers a stranger's press, with the lowest priority.
func (t *Turn) RefuseCallback(id, text string) error {
	return t.answerCallback(id, text, true, state.PriorityStranger)
}

func (t *Turn) answerCallback(id, text string, alert bool, p state.Priority) error {
	call, err := telegram.Encode(telegram.AnswerCallbackQuery{CallbackQueryID: id, Text: CutUnits(text, 200), ShowAlert: alert})
	if err != nil {
		return err
	}
	return t.Enqueue(state.Telegram, "press:"+id, KindCall, p, "", TelegramRow{
		Call: call, Expires: t.Now.Add(callbackLife),
	})
}

var noPreview = &telegram.LinkPreviewOptions{Disabled: true}

// ReplyTo makes a message a reply to another one; it is sent even if that one is gone.
func ReplyTo(m state.MessageID) *telegram.ReplyParameters {
	return &telegram.ReplyParameters{MessageID: telegram.MessageID(m), AllowSendingWithoutReply: true}
}
