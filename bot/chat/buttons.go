package chat

import (
	"errors"
	"strconv"
	"strings"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// The actions on a draft; its number follows.
const (
	PressSend = "send"
)

// Press is the data of a button: an action with the number it is about, and
// for some a second one: a page, a ticket. It is short (64 bytes at most) and says all, so that a button
// works however old it is.
type Press struct {
	Action string
	Ticket state.TicketID // the number, for those about a ticket
	ID     int64          // the same number, for the others
	Page   int
}

// The actions on a ticket; its number follows.
const (
	PressAnswer  = "answer"
	PressHistory = "history"
	PressPage    = "page"
	PressMute    = "mute"
	PressSound   = "sound"
	PressExport  = "export"
	// Of a long wait, and of the reminder that is to be confirmed.
	PressRemind     = "remind"
	PressDismiss    = "dismiss"
	PressRemindSend = "remindsend"
	PressRemindNot  = "remindnot"
)

// PressAsk is a stranger's wish to be let in.
const PressAsk = "ask"

// PressSettings goes to a setting; its number and that of a choice follow.
const PressSettings = "settings"

// The actions on a submission; its number follows.
const (
	PressRetry  = "retry"
	PressCancel = "cancel"
	PressState  = "state"
)

// PressUngroup removes a group; its id, which is negative, follows without its sign.
const PressUngroup = "ungroup"

func (p Press) OfTicket() bool {
	switch p.Action {
	case PressAnswer, PressHistory, PressPage, PressMute, PressSound, PressExport,
		PressRemind, PressDismiss, PressRemindSend, PressRemindNot:
		return true
	}
	return false
}

func (p Press) OfSubmission() bool {
	return p.Action == PressRetry || p.Action == PressCancel || p.Action == PressState
}

func SubmissionPress(action string, id state.SubmissionID) string {
	return action + ":" + strconv.FormatInt(int64(id), 10)
}

func ParsePress(data string) (Press, bool) {
	fields := strings.Split(data, ":")
	p := Press{Action: fields[0]}
	if len(fields) > 1 {
		n, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil || n < 0 {
			return Press{}, false
		}
		p.ID, p.Ticket = n, state.TicketID(n)
	}
	if len(fields) > 2 {
		n, err := strconv.Atoi(fields[2])
		if err != nil || n < 0 {
			return Press{}, false
		}
		p.Page = n
	}
	return p, len(fields) <= 3 && (!p.OfTicket() || p.Ticket > 0)
}

func TicketPress(action string, id state.TicketID) string {
	return action + ":" + strconv.FormatInt(int64(id), 10)
}

// SoundButton is [Без звука] or its opposite, as it stands in this chat.
func (t *Turn) SoundButton(s SpeakerTexts, chat state.ChatID, id state.TicketID) (telegram.Button, error) {
	b, err := t.Tx.Binding(chat, id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return telegram.Button{}, err
	}
	if b.Muted {
		return Button(s.T("button_sound"), TicketPress(PressSound, id)), nil
	}
	return Button(s.T("button_mute"), TicketPress(PressMute, id)), nil
}

func Button(text, data string) telegram.Button { return telegram.Button{Text: text, Data: data} }
