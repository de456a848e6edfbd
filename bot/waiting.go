package bot

import (
	"errors"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// Working hours are Monday to Friday, from 9:00 to 18:00 in the chat's zone.
// Holidays are not known.
const (
	workBegins = 9
	workEnds   = 18
)

// workday returns the working time of the day that at is in; false on a weekend.
func workday(at time.Time) (begins, ends time.Time, ok bool) {
	y, m, d := at.Date()
	begins, ends = time.Date(y, m, d, workBegins, 0, 0, 0, at.Location()), time.Date(y, m, d, workEnds, 0, 0, 0, at.Location())
	return begins, ends, at.Weekday() != time.Saturday && at.Weekday() != time.Sunday
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
func waitDue(r room, w state.Wait) time.Time {
	if r.settings.WaitingHours == 0 || w.Dismissed {
		return time.Time{}
	}
	due := afterWorking(w.Since, time.Duration(r.settings.WaitingHours)*time.Hour, r.zone)
	if !w.Told.IsZero() && due.Before(w.Told.Add(tellEvery)) {
		due = afterWorking(w.Told.Add(tellEvery), 0, r.zone)
	}
	return due
}

// settleWait notes who waits in a ticket after its last post: the person who
// wrote it here, nobody once the staff has answered or the ticket is closed. A
// post from the cabinet changes nothing.
func (t *turn) settleWait(ticket state.Ticket, last state.Post) error {
	if !ticket.Open || last.Side == state.Staff {
		return t.tx.EndWait(ticket.ID)
	}
	if last.Submission == 0 {
		return nil
	}
	w, err := t.tx.Wait(ticket.ID)
	if err == nil && w.Post == last.ID {
		return nil
	}
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	sub, err := t.tx.Submission(last.Submission)
	if err != nil {
		return err
	}
	r, err := t.room(sub.Chat)
	if err != nil {
		return err
	}
	// Of a new post nobody was told yet, but once a day is enough for a ticket.
	w = state.Wait{Ticket: ticket.ID, Post: last.ID, Chat: sub.Chat, User: sub.User, Since: t.now, Told: w.Told}
	w.Due = waitDue(r, w)
	return t.tx.SaveWait(w)
}

// resettleWaits follows a change of a chat's settings.
func (t *turn) resettleWaits(c state.ChatID) error {
	r, err := t.room(c)
	if err != nil {
		return err
	}
	waits, err := t.tx.WaitsIn(c)
	if err != nil {
		return err
	}
	for _, w := range waits {
		w.Due = waitDue(r, w)
		if err := t.tx.SaveWait(w); err != nil {
			return err
		}
	}
	return nil
}

// lookAtWaits has the tickets read in which the staff has been silent for long:
// what is known of them may be old.
func (t *turn) lookAtWaits() error {
	waits, err := t.tx.WaitsDue(t.now, looksAtOnce)
	if err != nil {
		return err
	}
	for _, w := range waits {
		w.Due = t.now.Add(lookAgain)
		if err := t.tx.SaveWait(w); err != nil {
			return err
		}
		row := FetchRow{Ticket: w.Ticket, Chat: w.Chat, User: w.User, Waits: true}
		if err := t.enqueue(state.Plusofon, ticketLane(w.Ticket), KindFetch, state.PriorityNews, "", row); err != nil {
			return err
		}
	}
	return nil
}

// tellOfWait tells who waits, without a sound, that the staff is still silent in
// a ticket that was just read. Where it could not be read it is looked at again.
func (t *turn) tellOfWait(id state.TicketID, current bool) error {
	w, err := t.tx.Wait(id)
	if errors.Is(err, state.ErrNotFound) || err == nil && (!current || w.Dismissed || w.Due.IsZero()) {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := t.room(w.Chat)
	if err != nil {
		return err
	}
	ticket, err := t.tx.Ticket(id)
	if err != nil {
		return err
	}
	w.Told = t.now
	w.Due = waitDue(r, w)
	if err := t.tx.SaveWait(w); err != nil {
		return err
	}
	text := header(ticket)
	text.Plain("\n" + r.T("waits_long", "Count", r.settings.WaitingHours))
	return t.say(outgoing{
		chat: w.Chat, ticket: id, chain: true, silent: true, news: true, text: text.Text(),
		buttons: [][]telegram.Button{{
			button(r.T("button_remind"), ticketPress(pressRemind, id)),
			button(r.T("button_leave_it"), ticketPress(pressDismiss, id)),
		}},
	})
}

// remind shows the ready-made answer that reminds the staff, to be confirmed.
func (t *turn) remind(s speaker, c *telegram.Callback, id state.TicketID) error {
	return errors.Join(t.answerPress(c.ID, "", false), t.say(outgoing{
		chat: s.chat, ticket: id, replyTo: state.MessageID(c.Message.ID), silent: true,
		text: telegram.Plain(s.T("remind_confirm", "Ticket", ticketName(id), "Words", reminder())),
		buttons: [][]telegram.Button{{
			button(s.T("button_send"), ticketPress(pressRemindSend, id)),
			button(s.T("button_cancel"), ticketPress(pressRemindNot, id)),
		}},
	}))
}

// reminder is what the staff reads. It reads Russian, whatever the person's
// language is.
func reminder() string { return texts.For("ru").T("reminder") }

// sendReminder submits the reminder as the person's answer. The message with the
// buttons stands for his own, so that a second press sends nothing, and becomes
// the receipt.
func (t *turn) sendReminder(s speaker, c *telegram.Callback, id state.TicketID) error {
	m := state.MessageID(c.Message.ID)
	return errors.Join(t.answerPress(c.ID, "", false), t.submit(s, state.Submission{
		Kind: state.Answer, Chat: s.chat, Message: m, User: s.ID, Ticket: id, Text: reminder(), Receipt: m,
	}, nil, nil))
}

// dropReminder is the end of a reminder that was not sent.
func (t *turn) dropReminder(s speaker, c *telegram.Callback) error {
	m := state.MessageID(c.Message.ID)
	if _, err := t.tx.SubmissionOf(s.chat, m); err == nil {
		return t.answerPress(c.ID, s.T("button_expired"), true) // it was sent
	} else if !errors.Is(err, state.ErrNotFound) {
		return err
	}
	return errors.Join(t.answerPress(c.ID, "", false), t.say(outgoing{chat: s.chat, edit: m, text: telegram.Plain(s.T("cancelled"))}))
}

// dismiss ends the telling until the person's next post.
func (t *turn) dismiss(s speaker, c *telegram.Callback, id state.TicketID) error {
	w, err := t.tx.Wait(id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	if err == nil {
		w.Dismissed, w.Due = true, time.Time{}
		if err := t.tx.SaveWait(w); err != nil {
			return err
		}
	}
	return errors.Join(t.answerPress(c.ID, s.T("dismissed", "Ticket", ticketName(id)), false), t.request(telegram.EditMessageReplyMarkup{
		ChatID: telegram.ChatID(s.chat), MessageID: c.Message.ID,
		ReplyMarkup: [][]telegram.Button{{button(s.T("button_remind"), ticketPress(pressRemind, id))}},
	}, TelegramRow{Chat: s.chat}, chatLane(s.chat), state.PriorityPerson, ""))
}
