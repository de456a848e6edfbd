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

// Working hours are Monday to Friday but for holidays, from 9:00 to 18:00 in the chat's
// zone.
const (
	workBegins = 9
	workEnds   = 18
)

// holidays are those that article 112 of Russia's Labour Code fixes, by the day and the
// month. Each year the government moves days off between weeks by a decree of its own:
// those are not known here, for a program that had last year's would be wrong without
// anybody noticing. On a moved day off somebody is told early that the staff is silent.
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

// workday returns the working time of the day that at is in; false on a weekend and on a
// holiday.
func workday(at time.Time) (begins, ends time.Time, ok bool) {
	y, m, d := at.Date()
	begins, ends = time.Date(y, m, d, workBegins, 0, 0, 0, at.Location()), time.Date(y, m, d, workEnds, 0, 0, 0, at.Location())
	return begins, ends, at.Weekday() != time.Saturday && at.Weekday() != time.Sunday && !holidays[at.Format("02.01")]
}

// afterWorking is the moment at which so much working time has passed since at.
// No working time at all: the first moment of it from at on.
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
		at = time.Date(y, m, day+1, 0, 0, 0, 0, zone)
	}
}

const (
	// tellEvery is how often somebody is told, at most, that a ticket takes long.
	tellEvery = 24 * time.Hour
	// lookAgain is when to look again where Plusofon did not answer.
	lookAgain = 10 * time.Minute
	// looksAtOnce is how many waits are looked at after one poll.
	looksAtOnce = 20
)

// waitDue is when to look at a wait; zero where the chat does not want it.
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

// settleWait notes who waits in a ticket after its last post: the person who
// wrote it here, nobody once the staff has answered or the ticket is closed. A
// post from the cabinet changes nothing.
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
	r, err := t.Locale(sub.Chat)
	if err != nil {
		return err
	}
	// Of a new post nobody was told yet, but once a day is enough for a ticket.
	w = state.Wait{Ticket: ticket.ID, Post: last.ID, Chat: sub.Chat, User: sub.User, Since: t.Now, Told: w.Told}
	w.Due = waitDue(r, w)
	return t.Tx.SaveWait(w)
}

// ResettleWaits follows a change of a chat's settings.
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

// LookAtWaits has the tickets read in which the staff has been silent for long:
// what is known of them may be old. However long that takes, each is read once.
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

// TellOfWait tells who waits, without a sound, that the staff is still silent in
// a ticket that was just read. Where it could not be read it is looked at again, and
// where its author has written since or was told, the time begins anew.
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
		since = w.Since // Plusofon tells no dates
	}
	text := chat.Header(ticket)
	text.Plain("\n" + r.T("waits_long", "Lasting", chat.Lasting(r, t.Now.Sub(since))))
	return t.Say(chat.Outgoing{
		Place: chat.InChat(w.Chat), Meaning: chat.Meaning{Ticket: id, Chain: true}, Silent: true, News: true, Text: text.Text(),
		Buttons: [][]telegram.Button{{
			chat.Button(r.T("button_remind"), chat.Data(chat.PressRemind, id)),
			chat.Button(r.T("button_wait"), chat.Data(chat.PressDismiss, id)),
		}},
	})
}

// unanswered tells since when a ticket waits for the staff, by the first post that it has
// not answered, and which its last one is; zero where it does not wait, or nobody knows.
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

// Remind shows the ready-made answer that reminds the staff, to be confirmed, or to be
// replaced by the person's own words, if the staff is still silent, and tells whether
// somebody has reminded it already.
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

// stillWaits tells whether the staff is still silent in a ticket, so that there is
// something to remind it of; else it says what has come meanwhile.
func stillWaits(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.TicketID) (bool, error) {
	ticket, err := t.Tx.Ticket(id)
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

// reminder is what the staff reads. It reads Russian, whatever the person's
// language is.
func reminder() string { return texts.For("ru").T("reminder") }

// SendReminder submits the reminder as the person's answer. The message with the
// buttons stands for his own, so that a second press sends nothing, and becomes
// the receipt.
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

// DropReminder is the end of a reminder that was not sent.
func DropReminder(t *chat.Turn, s chat.Speaker, c *telegram.Callback) error {
	m := state.MessageID(c.Message.ID)
	if _, err := t.Tx.SubmissionOf(s.Chat, m); err == nil {
		return t.AnswerCallback(c.ID, s.T("button_expired"), true) // it was sent
	} else if !errors.Is(err, state.ErrNotFound) {
		return err
	}
	return errors.Join(t.AnswerCallback(c.ID, "", false), t.Say(chat.Outgoing{Place: s.Place, Edit: m, Text: telegram.Plain(s.T("cancelled"))}))
}

// Dismiss ends the telling until the person's next post.
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
