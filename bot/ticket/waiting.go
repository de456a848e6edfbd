package ticket

import (
	"errors"
	"fmt"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// Working hours are 9:00 to 18:00 in the chat's time zone, Monday to Friday except
// holidays.
const (
	workBegins = 9
	workEnds   = 18
)

// holidays are those fixed by article 112 of Russia's Labour Code, as "day.month". Each
// year the government moves days off between weeks by decree: those are not listed here,
// because a list from last year would be wrong without notice. On a moved day off the
// reminder comes early.
var holidays = map[string]bool{
	"01.01": true, "02.01": true, "03.01": true, "04.01": true, "05.01": true, "06.01": true, "08.01": true, // New Year
	"07.01": true, // Christmas
	"23.02": true, // Defender of the Fatherland Day
	"08.03": true, // International Women's Day
	"01.05": true, // Spring and Labour Day
	"09.05": true, // Victory Day
	"12.06": true, // Russia Day
	"04.11": true, // Unity Day
}

// workday returns the working hours of the day of at; ok is false on a weekend or holiday.
func workday(at time.Time) (begins, ends time.Time, ok bool) {
	y, m, d := at.Date()
	begins, ends = time.Date(y, m, d, workBegins, 0, 0, 0, at.Location()), time.Date(y, m, d, workEnds, 0, 0, 0, at.Location())
	return begins, ends, at.Weekday() != time.Saturday && at.Weekday() != time.Sunday && !holidays[at.Format("02.01")]
}

// afterWorking returns the moment when d of working time has passed since at; with d zero,
// the first working moment from at on.
func afterWorking(at time.Time, d time.Duration, zone *time.Location) time.Time {
	at = at.In(zone)
	for {
		begins, ends, ok := workday(at)
		if at.Before(begins) {
			at = begins
		}
		if ok && at.Before(ends) {
			left := ends.Sub(at)
			if d <= left {
				return at.Add(d)
			}
			d -= left
		}
		y, m, day := at.Date()
		at = time.Date(y, m, day+1, workBegins, 0, 0, 0, zone) // some days have no midnight
	}
}

const (
	// tellEvery is the shortest time between two reminders of a ticket.
	tellEvery = 24 * time.Hour
	// lookAgain is when to check again if Plusofon did not respond.
	lookAgain = 10 * time.Minute
	// looksAtOnce is how many waits are checked after one poll.
	looksAtOnce = 20
)

// waitDue returns when to check a wait; zero if the chat wants no reminder.
func waitDue(r chat.Locale, w state.Wait) time.Time {
	if r.Settings.WaitingHours == 0 || w.Dismissed {
		return time.Time{}
	}
	due := afterWorking(w.Since, time.Duration(r.Settings.WaitingHours)*time.Hour, r.Zone)
	if !w.Told.IsZero() && due.Before(w.Told.Add(tellEvery)) {
		due = afterWorking(w.Told.Add(tellEvery), 0, r.Zone)
	}
	return due
}

// settleWait records who waits for an answer after a ticket's last post: the person who
// wrote it through the bot, or no one once the staff has answered or the ticket is
// closed. A post written in the cabinet changes nothing.
func settleWait(t *chat.Turn, ticket state.Ticket, last state.Post) error {
	if !ticket.Open || last.Side == state.Staff {
		return t.Tx.EndWait(ticket.ID)
	}
	if last.Submission == 0 {
		return nil
	}
	w, err := t.Tx.Wait(ticket.ID)
	if err == nil && w.Post == last.ID {
		return nil
	}
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	sub, err := t.Tx.Submission(last.Submission)
	if err != nil {
		return err
	}
	in, err := t.CurrentChat(sub.Chat) // the chat may have become a supergroup
	if err != nil {
		return err
	}
	r, err := t.Locale(in)
	if err != nil {
		return err
	}
	// Keep Told: at most one reminder a day per ticket.
	w = state.Wait{Ticket: ticket.ID, Post: last.ID, Chat: in, User: sub.User, Since: t.Now, Told: w.Told}
	w.Due = waitDue(r, w)
	return t.Tx.SaveWait(w)
}

// ResettleWaits updates a chat's waits after its settings changed.
func ResettleWaits(t *chat.Turn, c state.ChatID) error {
	r, err := t.Locale(c)
	if err != nil {
		return err
	}
	waits, err := t.Tx.WaitsIn(c)
	if err != nil {
		return err
	}
	for _, w := range waits {
		w.Due = waitDue(r, w)
		if err := t.Tx.SaveWait(w); err != nil {
			return err
		}
	}
	return nil
}

// LookAtWaits queues a read of the tickets in which the staff has been silent for long,
// because what is stored may be stale. Each is read once, however long that takes.
func LookAtWaits(t *chat.Turn) error {
	waits, err := t.Tx.WaitsDue(t.Now, looksAtOnce)
	if err != nil {
		return err
	}
	for _, w := range waits {
		w.Due = t.Now.Add(lookAgain)
		if err := t.Tx.SaveWait(w); err != nil {
			return err
		}
		row := chat.FetchRow{Ticket: w.Ticket, Purpose: chat.PurposeWait, Place: chat.InChat(w.Chat), User: w.User}
		if err := t.Enqueue(state.Plusofon, chat.TicketLane(w.Ticket), chat.KindFetch, state.PriorityNews, fmt.Sprintf("wait:%d", w.Ticket), row); err != nil {
			return err
		}
	}
	return nil
}

// TellOfWait reminds the waiting person, silently, that the staff has not answered a
// ticket that was just read. If it could not be read it is checked again later; if its
// author has written or was reminded since, the time starts over.
func TellOfWait(t *chat.Turn, id state.TicketID, current bool) error {
	w, err := t.Tx.Wait(id)
	if errors.Is(err, state.ErrNotFound) || err == nil && (!current || w.Dismissed || w.Due.IsZero()) {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := t.Locale(w.Chat)
	if err != nil {
		return err
	}
	ticket, err := t.Tx.Ticket(id)
	if err != nil {
		return err
	}
	if due := waitDue(r, w); due.After(t.Now) {
		w.Due = due
		return t.Tx.SaveWait(w)
	}
	w.Told = t.Now
	w.Due = waitDue(r, w)
	if err := t.Tx.SaveWait(w); err != nil {
		return err
	}
	since, _, err := unanswered(t, id)
	if err != nil {
		return err
	}
	if since.IsZero() {
		since = w.Since // Plusofon sent no dates
	}
	text := chat.Header(ticket)
	text.Plain("\n" + r.T("waits_long", "Lasting", chat.Lasting(r, t.Now.Sub(since))))
	return t.Say(chat.Outgoing{
		Place: chat.InChat(w.Chat), Meaning: chat.Meaning{Ticket: id, Chain: true, Waits: w.Post}, Silent: true, News: true, Text: text.Text(),
		Key: fmt.Sprintf("waits:%d", id), // one, if several wait for the chat
		Buttons: [][]telegram.Button{{
			chat.Button(r.T("button_remind"), chat.Data(chat.PressRemind, id)),
			chat.Button(r.T("button_wait"), chat.Data(chat.PressDismiss, id)),
		}},
	})
}

// unanswered returns since when a ticket waits for the staff, by the first post the staff
// has not answered, and the staff's last post; the time is zero if it does not wait or
// the date is not known.
func unanswered(t *chat.Turn, id state.TicketID) (since time.Time, answered state.PostID, err error) {
	posts, err := t.Tx.PostTimes(id)
	for _, p := range posts {
		switch {
		case p.Side == state.Staff:
			since, answered = time.Time{}, p.ID
		case since.IsZero():
			since = p.Posted
		}
	}
	return since, answered, err
}

// Remind shows the prepared reminder to the staff, to be confirmed or replaced by the
// person's own text, if the staff is still silent, and says whether a colleague has
// already sent one.
func Remind(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.TicketID) error {
	if waits, err := stillWaits(t, s, c, id); err != nil || !waits {
		return err
	}
	text := s.T("remind_confirm", "Ticket", chat.TicketName(id), "Words", reminder())
	_, answered, err := unanswered(t, id)
	if err != nil {
		return err
	}
	by, at, err := t.Tx.Reminded(id, answered, reminder())
	if err == nil {
		p, failure := t.Tx.Person(by)
		text += "\n\n" + s.T("remind_already", "Name", p.Name, "Age", chat.Ago(s, t.Now.Sub(at)))
		err = failure
	}
	if chat.IgnoreAbsent(err) != nil {
		return err
	}
	return errors.Join(t.AnswerCallback(c.ID, "", false), t.Say(chat.Outgoing{
		Place: s.Place, Meaning: chat.Meaning{Ticket: id}, ReplyTo: state.MessageID(c.Message.ID), Silent: true,
		Text: telegram.Plain(text),
		Buttons: [][]telegram.Button{{
			chat.Button(s.T("button_send"), chat.Data(chat.PressRemindSend, id)),
			chat.Button(s.T("button_own_words"), chat.Data(chat.PressAnswer, id)),
			chat.Button(s.T("button_cancel"), chat.Data(chat.PressRemindNot, id)),
		}},
	}))
}

// stillWaits reports whether the staff is still silent in a ticket, so that there is
// something to remind it of; if not, it tells the person what happened instead.
func stillWaits(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.TicketID) (bool, error) {
	ticket, err := t.Tx.Ticket(id)
	if errors.Is(err, state.ErrNotFound) {
		return false, t.AnswerCallback(c.ID, s.T("button_expired"), true) // the database was restored from an older copy
	}
	if err != nil {
		return false, err
	}
	switch {
	case IsGone(ticket):
		return false, t.AnswerCallback(c.ID, s.T("remind_gone", "Ticket", chat.TicketName(id)), true)
	case ticket.LastSide == state.Staff:
		return false, t.AnswerCallback(c.ID, s.T("remind_answered", "Ticket", chat.TicketName(id)), true)
	case !ticket.Open:
		return false, t.AnswerCallback(c.ID, s.T("remind_closed", "Ticket", chat.TicketName(id)), true)
	}
	return true, nil
}

// reminder is the text sent to the staff: always in Russian, whatever the person's
// language.
func reminder() string { return texts.For("ru").T("reminder") }

// SendReminder submits the reminder as the person's answer. The message with the buttons
// serves as the submitted message, so that a second press sends nothing, and becomes the
// receipt.
func SendReminder(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.TicketID) error {
	m := state.MessageID(c.Message.ID)
	if _, err := t.Tx.SubmissionOf(s.Chat, m); errors.Is(err, state.ErrNotFound) {
		if waits, err := stillWaits(t, s, c, id); err != nil || !waits {
			return err
		}
	} else if err != nil {
		return err
	}
	return errors.Join(t.AnswerCallback(c.ID, "", false), submission.Submit(t, s, state.Submission{
		Kind: state.Answer, Chat: s.Chat, Message: m, User: s.ID, Ticket: id, Text: reminder(), Receipt: m,
	}, nil))
}

// DropReminder cancels a reminder.
func DropReminder(t *chat.Turn, s chat.Speaker, c *telegram.Callback) error {
	m := state.MessageID(c.Message.ID)
	if _, err := t.Tx.SubmissionOf(s.Chat, m); err == nil {
		return t.AnswerCallback(c.ID, s.T("button_expired"), true) // it was sent
	} else if !errors.Is(err, state.ErrNotFound) {
		return err
	}
	return errors.Join(t.AnswerCallback(c.ID, "", false), t.Say(chat.Outgoing{Place: s.Place, Edit: m, Text: telegram.Plain(s.T("cancelled"))}))
}

// Dismiss stops the reminders of a ticket until the person's next post.
func Dismiss(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.TicketID) error {
	w, err := t.Tx.Wait(id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	if err == nil {
		w.Dismissed, w.Due = true, time.Time{}
		if err := t.Tx.SaveWait(w); err != nil {
			return err
		}
	}
	return errors.Join(t.AnswerCallback(c.ID, s.T("dismissed", "Ticket", chat.TicketName(id)), false), t.Request(telegram.EditMessageReplyMarkup{
		ChatID: telegram.ChatID(s.Chat), MessageID: c.Message.ID,
		ReplyMarkup: [][]telegram.Button{{chat.Button(s.T("button_remind"), chat.Data(chat.PressRemind, id))}},
	}, chat.TelegramRow{Place: chat.InChat(s.Chat)}, chat.ChatLane(s.Chat), state.PriorityPerson, ""))
}
