package bot

import (
	"math"
	"strconv"
	"strings"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// outgoing is a message to a chat.
type outgoing struct {
	chat    state.ChatID
	text    telegram.Text
	thread  state.ThreadID  // the topic it goes to; 0: where the event is from
	topic   bool            // goes to the ticket's topic where the chat has topics
	replyTo state.MessageID // 0: to none
	buttons [][]telegram.Button
	ask     string // the placeholder of a forced reply; "" for none
	silent  bool
	news    bool               // goes behind what people wait for
	ticket  state.TicketID     // the one it belongs to; 0: none
	chain   bool               // replies to the ticket's last message in the chat, or stands in its topic
	pin     bool               // is pinned in the topic
	asks    state.UserID       // the person whose open question it is; 0: nobody's
	anyway  bool               // also to a group that does not count
	receipt state.SubmissionID // the submission it is the receipt of; 0: none
	draft   state.DraftID      // the draft it is the card of; 0: none
	edit    state.MessageID    // the message to edit instead of sending one
	key     string             // what may wait only once
	stage   string             // how far the submission was that it is the receipt of
	files   []AttachmentRef    // what goes down once it is sent
	more    telegram.Text      // the text without its header, for joining it to another
}

// say puts a message into the outbox. A long text goes in parts, the buttons on
// the last of them.
func (t *turn) say(o outgoing) error {
	parts := o.text.Split(telegram.MaxText)
	if o.edit != 0 && len(parts) > 1 {
		parts = parts[:1]
	}
	for i, part := range parts {
		one := o
		one.text = part
		if i < len(parts)-1 {
			one.buttons, one.ask, one.receipt, one.draft, one.key, one.files = nil, "", 0, 0, "", nil
		}
		if i > 0 {
			one.replyTo, one.chain = 0, false
		}
		if err := t.saySingle(one); err != nil {
			return err
		}
	}
	return nil
}

func (t *turn) saySingle(o outgoing) error {
	if now, err := t.current(o.chat); err != nil {
		return err
	} else if now != o.chat {
		// No message of the group's can be edited or replied to any more.
		o.chat, o.thread, o.replyTo, o.edit = now, 0, 0, 0
	}
	var request telegram.Request
	if o.edit != 0 {
		request = telegram.EditMessageText{
			ChatID: telegram.ChatID(o.chat), MessageID: telegram.MessageID(o.edit),
			Text: o.text.String, Entities: o.text.Entities, ReplyMarkup: o.buttons, LinkPreview: noPreview,
		}
	} else {
		send := telegram.SendMessage{
			ChatID: telegram.ChatID(o.chat), Text: o.text.String, Entities: o.text.Entities, Silent: o.silent, LinkPreview: noPreview,
		}
		if o.replyTo != 0 {
			send.ReplyParameters = replyTo(o.replyTo)
		}
		if o.ask != "" {
			send.ReplyMarkup = telegram.ForceReply{Placeholder: o.ask, Selective: telegram.ChatID(o.chat).IsGroup()}
		} else if len(o.buttons) > 0 {
			send.ReplyMarkup = telegram.InlineKeyboard(o.buttons)
		}
		request = send
	}
	p := state.PriorityPerson
	if o.news {
		p = state.PriorityNews
	}
	if o.thread == 0 && o.chat == t.here.chat {
		o.thread = t.here.thread
	}
	return t.request(request, TelegramRow{
		Chat: o.chat, Ticket: o.ticket, Chain: o.chain, Topic: o.topic || o.chain, Thread: o.thread, Pin: o.pin, Asks: o.asks, Anyway: o.anyway,
		Receipt: o.receipt, Draft: o.draft, Stage: o.stage, Files: o.files,
	}, chatLane(o.chat), p, o.key)
}

// request puts a call into a lane.
func (t *turn) request(r telegram.Request, row TelegramRow, lane string, p state.Priority, key string) error {
	call, err := telegram.Encode(r)
	if err != nil {
		return err
	}
	row.Call = call
	return t.enqueue(state.Telegram, lane, KindCall, p, key, row)
}

// react sets the bot's reaction to a person's message; "" takes it away.
func (t *turn) react(c state.ChatID, m state.MessageID, emoji string, of state.SubmissionID) error {
	r := telegram.SetMessageReaction{ChatID: telegram.ChatID(c), MessageID: telegram.MessageID(m), Reaction: []telegram.Emoji{}}
	if emoji != "" {
		r.Reaction = append(r.Reaction, telegram.Emoji(emoji))
	}
	return t.request(r, TelegramRow{Chat: c, Reacts: of}, chatLane(c), state.PriorityPerson, reactionKey(c, m))
}

// callbackLife is how long Telegram takes the answer to a button press.
const callbackLife = 150 * time.Second

// answerPress ends the waiting circle on a pressed button, with a short text
// where there is one. It has a lane of its own: a press must not wait behind
// messages.
func (t *turn) answerPress(id, text string, alert bool) error {
	call, err := telegram.Encode(telegram.AnswerCallbackQuery{CallbackQueryID: id, Text: cutUnits(text, 200), ShowAlert: alert})
	if err != nil {
		return err
	}
	return t.enqueue(state.Telegram, "press:"+id, KindCall, state.PriorityPerson, "", TelegramRow{
		Call: call, Expires: t.now.Add(callbackLife),
	})
}

var noPreview = &telegram.LinkPreviewOptions{Disabled: true}

func replyTo(m state.MessageID) *telegram.ReplyParameters {
	return &telegram.ReplyParameters{MessageID: telegram.MessageID(m), AllowSendingWithoutReply: true}
}

func button(text, data string) telegram.Button { return telegram.Button{Text: text, Data: data} }

// cutUnits cuts a text to n UTF-16 units, with an ellipsis where it was longer.
func cutUnits(s string, n int) string {
	if telegram.UTF16Len(s) <= n {
		return s
	}
	return telegram.Text{String: s}.Split(n - 1)[0].String + "…"
}

// cutRunes cuts a text to n characters, with an ellipsis where it was longer.
func cutRunes(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimSpace(string(r[:n-1])) + "…"
}

// size writes a number of bytes in units of 2^20 or less, as people do.
func size(s speakerTexts, n int64) string {
	switch {
	case n >= 1<<20:
		return s.T("size_mb", "N", tenths(s, float64(n)/(1<<20)))
	case n >= 1<<10:
		return s.T("size_kb", "N", tenths(s, float64(n)/(1<<10)))
	}
	return s.T("size_b", "N", n)
}

// speakerTexts is the part of a catalogue that is needed to write a value.
type speakerTexts interface {
	T(key string, pairs ...any) string
}

// tenths writes a number with one digit behind the mark, where it has one. It is
// rounded up: what is over a limit must not look like the limit.
func tenths(s speakerTexts, f float64) string {
	n := strconv.FormatFloat(math.Ceil(f*10)/10, 'f', 1, 64)
	return strings.Replace(strings.TrimSuffix(n, ".0"), ".", s.T("decimal_mark"), 1)
}

// ago writes how long something has lasted, in the largest whole unit.
func ago(s speakerTexts, d time.Duration) string {
	switch {
	case d < time.Minute:
		return s.T("ago_now")
	case d < time.Hour:
		return s.T("ago_minutes", "Count", int(d.Minutes()))
	case d < 24*time.Hour:
		return s.T("ago_hours", "Count", int(d.Hours()))
	}
	return s.T("ago_days", "Count", int(d.Hours()/24))
}

// lasting writes how long something lasts, in the largest whole unit.
func lasting(s speakerTexts, d time.Duration) string {
	switch {
	case d < time.Hour:
		return s.T("lasting_minutes", "Count", max(1, int(d.Minutes())))
	case d < 24*time.Hour:
		return s.T("lasting_hours", "Count", int(d.Hours()))
	}
	return s.T("lasting_days", "Count", int(d.Hours()/24))
}

// parseTicket reads a ticket's number as people write it: 23624, №23624, #23624.
func parseTicket(s string) (state.TicketID, bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimLeft(s, "№#")
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n <= 0 || strings.HasPrefix(strings.TrimSpace(s), "+") {
		return 0, false
	}
	return state.TicketID(n), true
}
