package submission

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

const (
	// listedAtMost is how many unsent items are listed at once.
	listedAtMost = 9
	// justSent is how long a delivered submission counts as the one its author wants to
	// cancel.
	justSent = time.Hour
)

// Cancel handles /cancel: it ends the line that was asked for, or what is in hand. With
// nothing in hand it lists what is not sent yet, and says how far what can't be
// cancelled has got.
func Cancel(t *chat.Turn, s chat.Speaker, m state.MessageID) error {
	at := s.Place
	var err error
	if s.Chat, err = t.CurrentChat(s.Chat); err != nil { // its drafts have moved along
		return err
	}
	if h, err := t.Tx.LineAsked(s.Chat, s.ID, t.Now); err == nil {
		return errors.Join(t.Tx.DropLine(s.Chat, s.ID), t.Say(chat.Outgoing{
			Place: at, ReplyTo: m, Text: telegram.Plain(s.T(chat.Either(h.Kind == state.HandSearch, "cancel_search", "cancel_subject"))),
		}))
	} else if chat.IgnoreAbsent(err) != nil {
		return err
	}
	text, err := letGo(t, s)
	if err != nil {
		return err
	}
	if text == "" {
		list, err := unsentList(t, s)
		list.Place, list.ReplyTo = at, m
		return errors.Join(err, t.Say(list))
	}
	waits, _, err := notSettled(t, s)
	if err != nil {
		return err
	}
	if len(waits) > 0 {
		text += "\n" + s.T("cancel_more", "Number", len(waits))
	}
	return t.Say(chat.Outgoing{Place: at, ReplyTo: m, Text: telegram.Plain(text)})
}

// letGo ends what the speaker has in hand and returns the text that says so; "" if there
// is nothing.
func letGo(t *chat.Turn, s chat.Speaker) (string, error) {
	h, err := t.Tx.InHand(s.Chat, s.ID, t.Now)
	if err != nil {
		return "", chat.IgnoreAbsent(err)
	}
	switch h.Kind {
	case state.HandAnswer:
		return s.T("cancel_answer", "Ticket", chat.TicketName(h.Ticket)), t.Tx.LetGo(s.Chat, s.ID)
	case state.HandDraft:
		d, err := t.Tx.Draft(h.Draft)
		if err != nil {
			return "", err
		}
		return s.T("cancel_draft"), closeDraft(t, d, state.DraftCancelled)
	}
	return s.T("cancel_opening"), t.Tx.LetGo(s.Chat, s.ID)
}

// unsent is something that has certainly not been sent and can be cancelled.
type unsent struct {
	line, undo string // its label, and the data of the button that cancels it
}

// notSettled lists what the speaker has not sent yet in this chat, and, a line each, what
// is in flight and can't be cancelled.
func notSettled(t *chat.Turn, s chat.Speaker) (waits []unsent, underWay []string, err error) {
	drafts, err := t.Tx.DraftsHere(s.Chat, s.ID)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range drafts {
		if d.Kind == state.DraftCorrection {
			continue
		}
		label, err := asideLabel(t, s.Texts, d)
		if err != nil {
			return nil, nil, err
		}
		if label == "" {
			continue
		}
		waits = append(waits, unsent{label, chat.Data(chat.PressUndraft, d.ID)})
	}
	subs, err := t.Tx.UnsettledBy(s.ID, s.Chat)
	for _, sub := range subs {
		if !sub.State.CertainlyNotSent() {
			underWay = append(underWay, submissionLabel(s.Texts, sub)+"\n"+whereNow(s.Texts, sub))
			continue
		}
		waits = append(waits, unsent{submissionLabel(s.Texts, sub), chat.Data(chat.PressUnsend, sub.ID)})
	}
	return waits, underWay, err
}

// submissionLabel names a submission by its target and its first line.
func submissionLabel(s texts.Texts, sub state.Submission) string {
	line := chat.CutRunes(firstLine(sub.Text), 40)
	switch {
	case sub.Kind == state.Opening:
		return s.T("unsent_opening", "Subject", chat.CutRunes(sub.Subject, 40))
	case sub.Ticket == 0:
		return s.T("unsent_answer_new", "Subject", line)
	}
	return s.T("unsent_answer", "Ticket", chat.TicketName(sub.Ticket), "Subject", line)
}

// whereNow says how far a submission that can't be cancelled has got.
func whereNow(s texts.Texts, sub state.Submission) string {
	switch sub.State {
	case state.SubmissionSending:
		return s.T("where_sending")
	case state.SubmissionDelivered:
		return s.T("where_delivered", "Ticket", chat.TicketName(sub.Ticket))
	case state.SubmissionUnknown, state.SubmissionDoubtful:
		return s.T("where_unknown")
	}
	return s.T("button_expired")
}

// unsentList is /cancel's list, with one [Отменить] for each unsent item.
func unsentList(t *chat.Turn, s chat.Speaker) (chat.Outgoing, error) {
	o := chat.Outgoing{Place: s.Place}
	waits, underWay, err := notSettled(t, s)
	if err != nil {
		return o, err
	}
	var text telegram.Builder
	more := max(0, len(waits)-listedAtMost)
	if len(waits) > 0 {
		text.Bold(s.T("cancel_list")).Plain("\n")
		var buttons []telegram.Button
		for n, w := range waits[:len(waits)-more] {
			number := strconv.Itoa(n + 1)
			text.Plain("\n" + number + ". " + w.line)
			buttons = append(buttons, chat.Button(s.T("button_cancel_one", "N", number), w.undo))
		}
		o.Buttons = slices.Collect(slices.Chunk(buttons, 3))
		if more > 0 {
			text.Plain("\n" + s.T("cancel_list_more", "Number", more))
		}
	} else {
		nothing, err := nothingToCancel(t, s, len(underWay) > 0)
		if err != nil {
			return o, err
		}
		text.Plain(nothing)
	}
	for _, line := range underWay[:min(len(underWay), listedAtMost)] {
		text.Plain("\n\n" + line)
	}
	o.Text = text.Text()
	return o, nil
}

// nothingToCancel says that nothing is waiting, and how far the latest submission has got.
func nothingToCancel(t *chat.Turn, s chat.Speaker, underWay bool) (string, error) {
	text := s.T("cancel_nothing")
	if underWay {
		return text, nil
	}
	last, err := t.Tx.LastDelivered(s.ID, s.Chat)
	if err != nil || t.Now.Sub(last.Created) > justSent {
		return text, chat.IgnoreAbsent(err)
	}
	return text + "\n\n" + submissionLabel(s.Texts, last) + "\n" + whereNow(s.Texts, last), nil
}

// Undraft handles [Отменить] of a draft in /cancel's list.
func Undraft(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := findDraft(t, s, c, id)
	if err != nil || !ok {
		return err
	}
	return errors.Join(closeDraft(t, d, state.DraftCancelled), refreshList(t, s, c, s.T(closedCard(d, state.DraftCancelled))))
}

// Unsend handles [Отменить] of a submission in /cancel's list.
func Unsend(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.SubmissionID) error {
	was, took, err := takeBack(t, s, c, id)
	if err != nil || !took {
		return err
	}
	return refreshList(t, s, c, s.T(chat.Either(was.Doubted, "receipt_given_up", "receipt_cancelled")))
}

// refreshList replaces /cancel's list with the current one.
func refreshList(t *chat.Turn, s chat.Speaker, c *telegram.Callback, toast string) error {
	list, err := unsentList(t, s)
	list.Edit = state.MessageID(c.Message.ID)
	return errors.Join(err, t.AnswerCallback(c.ID, toast, false), t.Say(list))
}

// CancelPressed cancels a submission that waits for Plusofon or for a person's decision.
func CancelPressed(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.SubmissionID) error {
	was, took, err := takeBack(t, s, c, id)
	if err != nil || !took {
		return err
	}
	toast := "" // the receipt says it
	if was.State == state.SubmissionHeld {
		toast = s.T(chat.Either(was.Doubted, "receipt_given_up", "receipt_cancelled"))
	}
	return t.AnswerCallback(c.ID, toast, false)
}

// takeBack cancels a submission and returns it as it was. took is false if it
// can't be cancelled: the press is then answered with the reason. Anyone in the chat may
// cancel what has failed; everything else only its author.
func takeBack(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.SubmissionID) (sub state.Submission, took bool, err error) {
	sub, err = t.Tx.Submission(id)
	if chat.IgnoreAbsent(err) != nil {
		return sub, false, err
	}
	here, failure := t.CurrentChat(sub.Chat)
	if failure != nil {
		return sub, false, failure
	}
	switch {
	case err != nil || here != s.Chat:
		return sub, false, t.AnswerCallback(c.ID, s.T("button_expired"), true)
	case sub.User != s.ID && (sub.State == state.SubmissionHeld || sub.State.GoesByItself()):
		return sub, false, t.AnswerCallback(c.ID, s.T("not_yours"), true)
	case !sub.State.AwaitsPerson() && !sub.State.GoesByItself():
		return sub, false, t.AnswerCallback(c.ID, whereNow(s.Texts, sub), true)
	}
	return sub, true, withdraw(t, sub)
}
