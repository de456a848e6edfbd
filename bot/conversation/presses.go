package conversation

import (
	"errors"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/bot/topic"
	"plusofon-bot/state"
)

// pressed handles a pressed button. Authorization is checked at every press: buttons outlive
// rights.
func pressed(t *chat.Turn, c *telegram.Callback) error {
	s, err := t.Meet(c.From, c.Message.Chat, chat.ThreadOf(c.Message))
	if err != nil {
		return err
	}
	p, ok := chat.ParsePress(c.Data)
	if !s.Allowed {
		if ok && p.Action == chat.PressAsk && !c.Message.Chat.ID.IsGroup() {
			return access.AskAccess(t, s, c)
		}
		return t.RefuseCallback(c.ID, s.T("closed_press"))
	}
	if !ok {
		return t.AnswerCallback(c.ID, s.T("button_expired"), true)
	}
	if err := submission.NothingGoesOn(t, s); err != nil {
		return err
	}
	if p.OfOwners() {
		return pressedByOwner(t, s, c, p)
	}
	switch p.Action {
	case chat.PressAnswer, chat.PressStill:
		return errors.Join(t.AnswerCallback(c.ID, "", false), topic.OpenForAnswer(t, s.Chat, p.Ticket), submission.AskAnswer(t, s, p.Ticket, p.Action == chat.PressStill))
	case chat.PressHistory, chat.PressShow:
		return errors.Join(t.AnswerCallback(c.ID, "", false), show(t, s, chat.FetchRow{Ticket: p.Ticket, Purpose: chat.PurposeHistory, Page: -1}))
	case chat.PressExport:
		return errors.Join(t.AnswerCallback(c.ID, s.T("export_coming"), false),
			t.Fetch(s, chat.FetchRow{Ticket: p.Ticket, Purpose: chat.PurposeExport, Message: state.MessageID(c.Message.ID)}))
	case chat.PressPage, chat.PressFrom, chat.PressUpTo:
		row := chat.FetchRow{Ticket: p.Ticket, Purpose: chat.PurposePage, Place: s.Place, User: s.ID, Page: p.Page, Message: state.MessageID(c.Message.ID)}
		if p.Action != chat.PressPage {
			row.Page, row.Cut = 0, chat.Cut{Post: state.PostID(p.Page), Part: p.Part, Back: p.Action == chat.PressUpTo}
		}
		return errors.Join(t.AnswerCallback(c.ID, "", false), submission.LookedAt(t, s, p.Ticket), reading.TurnPage(t, s, row))
	case chat.PressRemind:
		return ticket.Remind(t, s, c, p.Ticket)
	case chat.PressDismiss:
		return ticket.Dismiss(t, s, c, p.Ticket)
	case chat.PressRemindSend:
		return ticket.SendReminder(t, s, c, p.Ticket)
	case chat.PressRemindNot:
		return ticket.DropReminder(t, s, c)
	case chat.PressMute, chat.PressSound:
		return mute(t, s, c, p.Ticket, p.Action == chat.PressMute)
	case chat.PressTickets:
		list, err := reading.TicketList(t, s, reading.Tab(p.ID), p.Page)
		if err != nil {
			return err
		}
		list.Edit = state.MessageID(c.Message.ID)
		return errors.Join(t.AnswerCallback(c.ID, "", false), t.Say(list))
	case chat.PressSettings:
		return reading.SettingsPressed(t, s, c, reading.Setting(p.ID), p.Page)
	case chat.PressSend:
		return submission.SendDraft(t, s, c, state.DraftID(p.ID))
	case chat.PressSubject:
		return submission.AskSubject(t, s, c, state.DraftID(p.ID))
	case chat.PressDrop:
		return submission.DropDraft(t, s, c, state.DraftID(p.ID))
	case chat.PressFresh:
		return submission.MakeFresh(t, s, c, state.DraftID(p.ID))
	case chat.PressTo:
		return submission.SendTo(t, s, c, state.DraftID(p.ID), state.TicketID(p.Page), false)
	case chat.PressToClosed:
		return submission.SendTo(t, s, c, state.DraftID(p.ID), state.TicketID(p.Page), true)
	case chat.PressJoin:
		return submission.Join(t, s, c, state.DraftID(p.ID), state.DraftID(p.Page))
	case chat.PressOther:
		return submission.ShowOther(t, s, c, state.DraftID(p.ID), p.Page)
	case chat.PressResume:
		return submission.Resume(t, s, c, state.DraftID(p.ID))
	case chat.PressAstray:
		return submission.Astray(t, s, c, state.DraftID(p.ID))
	case chat.PressUndraft:
		return submission.Undraft(t, s, c, state.DraftID(p.ID))
	case chat.PressUnsend:
		return submission.Unsend(t, s, c, state.SubmissionID(p.ID))
	case chat.PressCorrect:
		return submission.SendCorrection(t, s, c, state.DraftID(p.ID))
	case chat.PressState:
		return submission.StatePressed(t, s, c, state.SubmissionID(p.ID))
	case chat.PressResend:
		return resend(t, s, c, state.RowID(p.ID))
	case chat.PressRetry:
		return submission.RetryPressed(t, s, c, state.SubmissionID(p.ID))
	case chat.PressAfresh:
		return submission.Afresh(t, s, c, state.SubmissionID(p.ID))
	case chat.PressCancel:
		return submission.CancelPressed(t, s, c, state.SubmissionID(p.ID))
	case chat.PressFollow:
		return follow(t, s, c, state.TicketID(p.ID))
	case chat.PressColleague:
		return handOver(t, s, c, p.Ticket)
	case chat.PressResolve:
		return reading.Resolve(t, s, c, p.Ticket, state.PostID(p.Page))
	case chat.PressFound:
		return reading.TurnFound(t, s, c, state.SearchID(p.ID), p.Page)
	case chat.PressUnfollow:
		said, err := unfollow(t, s, state.TicketID(p.ID))
		if err != nil {
			return err
		}
		return t.AnswerCallback(c.ID, said, true)
	case chat.PressStatsFile:
		return errors.Join(t.AnswerCallback(c.ID, s.T("stats_coming"), false), reading.SendStatisticsTable(t, s, state.MessageID(c.Message.ID)))
	case chat.PressAsk:
		return t.AnswerCallback(c.ID, s.T("asked_member"), true)
	}
	return t.AnswerCallback(c.ID, s.T("button_expired"), true)
}

// follow binds a ticket to the chat, from a message with several tickets.
func follow(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.TicketID) error {
	known, err := t.Tx.Ticket(id)
	if errors.Is(err, state.ErrNotFound) {
		return t.AnswerCallback(c.ID, s.T("button_expired"), true)
	}
	if err != nil {
		return err
	}
	if ticket.IsGone(known) {
		return t.AnswerCallback(c.ID, s.T("follow_gone", "Ticket", chat.TicketName(id)), true)
	}
	here, err := t.CurrentChat(s.Chat)
	if err != nil {
		return err
	}
	off, err := t.NewsOff(here)
	if err != nil {
		return err
	}
	return errors.Join(t.Tx.Bind(here, id, t.Now), t.AnswerCallback(c.ID, s.T(chat.Either(off, "followed_off", "followed_toast"), "Ticket", chat.TicketName(id)), off))
}

// handOver makes a link by which a colleague opens a ticket. It gives no access.
func handOver(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.TicketID) error {
	link := t.TicketLink(id)
	if link == "" {
		return t.AnswerCallback(c.ID, s.T("button_expired"), true)
	}
	ticket, err := t.Tx.Ticket(id)
	if chat.IgnoreAbsent(err) != nil {
		return err
	}
	ticket.ID = id
	text := chat.Header(ticket)
	text.Plain("\n" + s.T("colleague", "Link", link))
	return errors.Join(t.AnswerCallback(c.ID, "", false), t.Say(chat.Outgoing{
		Place: s.Place, Meaning: chat.Meaning{Ticket: id}, ReplyTo: state.MessageID(c.Message.ID), Text: text.Text(),
	}))
}

// mute mutes or unmutes a ticket's news in this chat, and updates the button it was pressed on.
func mute(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.TicketID, muted bool) error {
	was, err := t.Tx.Binding(s.Chat, id)
	if errors.Is(err, state.ErrNotFound) {
		return t.AnswerCallback(c.ID, s.T("mute_unbound", "Ticket", chat.TicketName(id)), true)
	}
	if err != nil {
		return err
	}
	if err := t.Tx.SetMuted(s.Chat, id, muted); err != nil {
		return err
	}
	if muted && !was.Muted && telegram.ChatID(s.Chat).IsGroup() {
		if err := tellMuted(t, s, id); err != nil {
			return err
		}
	}
	key := "sound_on"
	from, to := chat.PressSound, chat.Data(chat.PressMute, id)
	label := s.T("button_mute")
	if muted {
		key, from, to, label = "sound_off", chat.PressMute, chat.Data(chat.PressSound, id), s.T("button_sound")
	}
	if err := t.AnswerCallback(c.ID, s.T(key, "Ticket", chat.TicketName(id)), false); err != nil {
		return err
	}
	rows := c.Message.Buttons
	for i := range rows {
		for j := range rows[i] {
			if rows[i][j].Data == chat.Data(from, id) {
				rows[i][j] = chat.Button(label, to)
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return t.Request(telegram.EditMessageReplyMarkup{
		ChatID: telegram.ChatID(s.Chat), MessageID: c.Message.ID, ReplyMarkup: rows,
	}, chat.TelegramRow{Place: chat.InChat(s.Chat)}, chat.ChatLane(s.Chat), state.PriorityPerson, "")
}

// tellMuted says in a group who has muted a ticket for everyone there.
func tellMuted(t *chat.Turn, s chat.Speaker, id state.TicketID) error {
	return t.Say(chat.Outgoing{
		Place: s.Place, Meaning: chat.Meaning{Ticket: id, Topic: true}, Silent: true, Text: telegram.Plain(s.T("group_muted", "Ticket", chat.TicketName(id), "Name", s.Name)),
		Buttons: [][]telegram.Button{{chat.Button(s.T("button_sound"), chat.Data(chat.PressSound, id))}},
	})
}
