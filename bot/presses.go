package bot

import (
	"errors"
	"strconv"
	"strings"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// press is the data of a button: an action with the number it is about, and
// for some a second one: a page, a ticket. It is short (64 bytes at most) and says all, so that a button
// works however old it is.
type press struct {
	action string
	ticket state.TicketID // the number, for those about a ticket
	id     int64          // the same number, for the others
	page   int
}

// The actions on a ticket; its number follows.
const (
	pressAnswer  = "answer"
	pressHistory = "history"
	pressPage    = "page"
	pressMute    = "mute"
	pressSound   = "sound"
	pressExport  = "export"
	// Of a long wait, and of the reminder that is to be confirmed.
	pressRemind     = "remind"
	pressDismiss    = "dismiss"
	pressRemindSend = "remindsend"
	pressRemindNot  = "remindnot"
)

// pressAsk is a stranger's wish to be let in.
const pressAsk = "ask"

// pressSettings goes to a setting; its number and that of a choice follow.
const pressSettings = "settings"

// The actions on a submission; its number follows.
const (
	pressRetry  = "retry"
	pressCancel = "cancel"
	pressState  = "state"
)

// pressUngroup removes a group; its id, which is negative, follows without its sign.
const pressUngroup = "ungroup"

func (p press) ofTicket() bool {
	switch p.action {
	case pressAnswer, pressHistory, pressPage, pressMute, pressSound, pressExport,
		pressRemind, pressDismiss, pressRemindSend, pressRemindNot:
		return true
	}
	return false
}

func (p press) ofSubmission() bool {
	return p.action == pressRetry || p.action == pressCancel || p.action == pressState
}

func submissionPress(action string, id state.SubmissionID) string {
	return action + ":" + strconv.FormatInt(int64(id), 10)
}

func parsePress(data string) (press, bool) {
	fields := strings.Split(data, ":")
	p := press{action: fields[0]}
	if len(fields) > 1 {
		n, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil || n < 0 {
			return press{}, false
		}
		p.id, p.ticket = n, state.TicketID(n)
	}
	if len(fields) > 2 {
		n, err := strconv.Atoi(fields[2])
		if err != nil || n < 0 {
			return press{}, false
		}
		p.page = n
	}
	return p, len(fields) <= 3 && (!p.ofTicket() || p.ticket > 0)
}

func ticketPress(action string, id state.TicketID) string {
	return action + ":" + strconv.FormatInt(int64(id), 10)
}

// press handles a pressed button. Everybody is authorised anew: a button outlives
// its message's reader's rights.
func (t *turn) press(c *telegram.Callback) error {
	s, err := t.meet(c.From, c.Message.Chat)
	if err != nil {
		return err
	}
	p, ok := parsePress(c.Data)
	if !s.allowed {
		if ok && p.action == pressAsk && !c.Message.Chat.ID.IsGroup() {
			return t.ask(s, c)
		}
		return t.answerPress(c.ID, s.T("closed_press"), true)
	}
	if !ok {
		return t.answerPress(c.ID, s.T("button_expired"), true)
	}
	switch p.action {
	case pressAnswer:
		return errors.Join(t.answerPress(c.ID, "", false), t.askAnswer(s, p.ticket))
	case pressHistory:
		return errors.Join(t.answerPress(c.ID, "", false), t.fetch(FetchRow{Ticket: p.ticket, Chat: s.chat, User: s.ID, Page: -1}))
	case pressExport:
		return errors.Join(t.answerPress(c.ID, s.T("export_coming"), false),
			t.fetch(FetchRow{Ticket: p.ticket, Chat: s.chat, User: s.ID, Message: state.MessageID(c.Message.ID), Export: true}))
	case pressPage:
		silence, err := t.silence(s)
		return errors.Join(err, t.answerPress(c.ID, "", false), t.showHistory(s, FetchRow{
			Ticket: p.ticket, Chat: s.chat, User: s.ID, Page: p.page, Message: state.MessageID(c.Message.ID), Edit: true,
		}, silence == ""))
	case pressRemind:
		return t.remind(s, c, p.ticket)
	case pressDismiss:
		return t.dismiss(s, c, p.ticket)
	case pressRemindSend:
		return t.sendReminder(s, c, p.ticket)
	case pressRemindNot:
		return t.dropReminder(s, c)
	case pressMute, pressSound:
		return t.mute(s, c, p.ticket, p.action == pressMute)
	case "tickets":
		list, err := t.ticketList(s, tab(p.id), p.page)
		if err != nil {
			return err
		}
		list.edit = state.MessageID(c.Message.ID)
		return errors.Join(t.answerPress(c.ID, "", false), t.say(list))
	case pressSettings:
		return t.settingsPressed(s, c, setting(p.id), p.page)
	case pressSend:
		return t.sendDraft(s, c, state.DraftID(p.id))
	case pressSubject:
		return t.askSubject(s, c, state.DraftID(p.id))
	case pressDrop:
		return t.dropDraft(s, c, state.DraftID(p.id))
	case pressFresh:
		return t.makeFresh(s, c, state.DraftID(p.id))
	case pressTo:
		return t.sendTo(s, c, state.DraftID(p.id), state.TicketID(p.page))
	case pressCorrect:
		return t.sendCorrection(s, c, state.DraftID(p.id))
	case pressState:
		return t.statePressed(s, c, state.SubmissionID(p.id))
	case pressRetry:
		return t.retryPressed(s, c, state.SubmissionID(p.id))
	case pressCancel:
		return t.cancelPressed(s, c, state.SubmissionID(p.id))
	case "admit", "deny", "remove", pressUngroup:
		if s.Role != state.Owner {
			return t.answerPress(c.ID, s.T("owners_only"), true)
		}
		if p.action == "remove" {
			return t.remove(s, c, state.UserID(p.id))
		}
		if p.action == pressUngroup {
			return t.removeGroup(s, c, state.ChatID(-p.id))
		}
		return t.decideAccess(s, c, state.UserID(p.id), p.action == "admit")
	case pressAsk:
		return t.answerPress(c.ID, s.T("asked_member"), true)
	}
	return t.answerPress(c.ID, s.T("button_expired"), true)
}

// mute makes a ticket's news silent in this chat, or not, and turns the button
// round on the message it was pressed on.
func (t *turn) mute(s speaker, c *telegram.Callback, id state.TicketID, muted bool) error {
	err := t.tx.SetMuted(s.chat, id, muted)
	if errors.Is(err, state.ErrNotFound) {
		return t.answerPress(c.ID, s.T("mute_unbound", "Ticket", ticketName(id)), true)
	}
	if err != nil {
		return err
	}
	key := "sound_on"
	from, to := pressSound, ticketPress(pressMute, id)
	label := s.T("button_mute")
	if muted {
		key, from, to, label = "sound_off", pressMute, ticketPress(pressSound, id), s.T("button_sound")
	}
	if err := t.answerPress(c.ID, s.T(key, "Ticket", ticketName(id)), false); err != nil {
		return err
	}
	rows := c.Message.Buttons
	for i := range rows {
		for j := range rows[i] {
			if rows[i][j].Data == ticketPress(from, id) {
				rows[i][j] = button(label, to)
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return t.request(telegram.EditMessageReplyMarkup{
		ChatID: telegram.ChatID(s.chat), MessageID: c.Message.ID, ReplyMarkup: rows,
	}, TelegramRow{Chat: s.chat}, chatLane(s.chat), state.PriorityPerson, "")
}

// soundButton is [Без звука] or its opposite, as it stands in this chat.
func (t *turn) soundButton(s speakerTexts, chat state.ChatID, id state.TicketID) (telegram.Button, error) {
	b, err := t.tx.Binding(chat, id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return telegram.Button{}, err
	}
	if b.Muted {
		return button(s.T("button_sound"), ticketPress(pressSound, id)), nil
	}
	return button(s.T("button_mute"), ticketPress(pressMute, id)), nil
}
